import { Moment } from '../ui/moment'
import { Notice } from '../ui/notice'
import { words } from './content-removed-words'

/** Says of an event or a run that the retention policy removed its content, and when. */
export function ContentRemoved({ at }: { at: unknown }) {
  if (typeof at !== 'string') return null
  return (
    <Notice>
      {words.contentRemoved} <Moment at={at} isExact />
    </Notice>
  )
}
