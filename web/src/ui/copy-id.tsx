import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { classes } from './class-names'
import styles from './copy-id.module.css'
import { words } from './words'

/** An id, or another text to copy with a click. */
export function CopyId({ id, isWhole }: { id: string; isWhole?: boolean }) {
  const [isCopied, setIsCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard?.writeText(id)
    setIsCopied(true)
    setTimeout(() => setIsCopied(false), 1500)
  }
  return (
    <button
      type="button"
      className={styles.copy}
      onClick={copy}
      aria-label={isCopied ? words.copied : words.copyId(id)}
    >
      <code className={classes(styles.id, isWhole && styles.whole)}>{id}</code>
      {isCopied ? <Check size={12} aria-hidden /> : <Copy size={12} aria-hidden />}
    </button>
  )
}
