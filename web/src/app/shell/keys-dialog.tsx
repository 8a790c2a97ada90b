import { Dialog } from '../../ui/dialog'
import { Keys } from '../../ui/kbd'
import { type KeyBinding, useAllKeys } from '../../ui/keys'
import { words as uiWords } from '../../ui/words'
import { words } from '../words'
import styles from './keys-dialog.module.css'

/** The keys that work now: the screen's own first. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  const all = useAllKeys()
  const here = all.filter((binding) => binding.scope !== 'everywhere')
  const everywhere = all.filter((binding) => binding.scope === 'everywhere')
  return (
    <Dialog isOpen onClose={onClose} title={words.keys} isWide>
      <div className={styles.keys}>
        {here.length > 0 && <KeyList title={uiWords.keysHere} bindings={here} />}
        <KeyList title={uiWords.keysElsewhere} bindings={everywhere} />
      </div>
    </Dialog>
  )
}

function KeyList({ title, bindings }: { title: string; bindings: KeyBinding[] }) {
  return (
    <section>
      <h3 className={styles.title}>{title}</h3>
      <ul className={styles.list}>
        {bindings.map((binding) => (
          <li key={`${binding.keys} ${binding.label}`} className={styles.line}>
            {binding.label}
            <Keys keys={binding.keys} />
          </li>
        ))}
      </ul>
    </section>
  )
}
