/** Where Docket's root is, whatever path a proxy put it below. */
export const root = new URL('.', document.baseURI)
