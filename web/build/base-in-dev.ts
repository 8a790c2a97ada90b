import type { Plugin } from 'vite'

/** Does in the development server what ours does with `<base>`: it always stands at the root. */
export function baseInDev(): Plugin {
  return {
    name: 'docket-base-in-dev',
    apply: 'serve',
    transformIndexHtml: (html) => html.replace('<base href="./" />', '<base href="/" />'),
  }
}
