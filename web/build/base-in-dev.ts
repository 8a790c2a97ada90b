import type { Plugin } from 'vite'

/** Does in the development server what Docket's server does with `<base>`: the base is always the root. */
export function baseInDev(): Plugin {
  return {
    name: 'docket-base-in-dev',
    apply: 'serve',
    transformIndexHtml: (html) => html.replace('<base href="./" />', '<base href="/" />'),
  }
}
