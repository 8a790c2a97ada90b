import { catalogue } from '../words/catalogue'

/** Apart, so that only pages that show events or runs whole load it. */
export const words = catalogue('content-removed', {
  contentRemoved: 'Content removed by the retention policy on',
})
