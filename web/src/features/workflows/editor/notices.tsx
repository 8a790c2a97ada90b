/** Notices above the definition about other people's changes and about unsaved changes. */

import { Button } from '../../../ui/button'
import { Notice } from '../../../ui/notice'
import { ago } from '../../../words/time'
import type { Definition } from '../model/definition'
import { Changes } from './changes'
import styles from './notices.module.css'
import type { Kept } from './unsaved'
import { words } from './words'

/** A change of the draft by another person. */
export interface Foreign {
  /** The person's e-mail address, if known. */
  by: string | null
  from: Definition
  to: Definition
  renamed: { from: string; to: string }[]
}

/** The same, with the name of the person. */
type Shown = Omit<Foreign, 'by'> & { by: string }

/** Another person, or another window, saved while there are unsaved changes here. */
export function NewerNotice({ by, from, to, onMerge }: Shown & { onMerge: () => void }) {
  return (
    <Notice
      tone="warn"
      isAlert
      action={
        <Button size="small" onClick={onMerge}>
          {words.mergeNow}
        </Button>
      }
    >
      {words.newerDraft(by)}
      <Details from={from} to={to} />
    </Notice>
  )
}

/** Another person's changes that the last save merged. */
export function MergedNotice({ by, from, to, renamed, onClose }: Shown & { onClose: () => void }) {
  return (
    <Notice
      tone="good"
      isAlert
      action={
        <Button size="small" look="quiet" onClick={onClose}>
          {words.close}
        </Button>
      }
    >
      {words.mergedWith(by)}
      {renamed.map((one) => (
        <div key={one.from}>{words.renamedStep(one.from, one.to)}</div>
      ))}
      <Details from={from} to={to} />
    </Notice>
  )
}

function Details({ from, to }: { from: Definition; to: Definition }) {
  return (
    <details className={styles.details}>
      <summary>{words.viewChanges}</summary>
      <Changes from={from} to={to} none={words.noChange} />
    </details>
  )
}

/** Changes that were unsaved when the workflow was last open in this browser. */
export function FoundNotice({
  found,
  onRestore,
  onDiscard,
}: {
  found: Kept
  onRestore: () => void
  onDiscard: () => void
}) {
  return (
    <Notice
      tone="warn"
      isAlert
      action={
        <>
          <Button size="small" onClick={onRestore}>
            {words.restore}
          </Button>
          <Button size="small" look="quiet" onClick={onDiscard}>
            {words.discard}
          </Button>
        </>
      }
    >
      {words.unsavedFound(ago(new Date(found.at), new Date()))}
    </Notice>
  )
}
