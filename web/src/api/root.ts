/** The address of Docket's root, including the path that a proxy adds. */
export const root = new URL('.', document.baseURI)
