import { Search } from 'lucide-react'
import { Keys } from '../../ui/kbd'
import { words } from '../words'
import styles from './search-button.module.css'

export function SearchButton({ onClick }: { onClick: () => void }) {
  return (
    <button type="button" className={styles.search} onClick={onClick}>
      <Search size={14} aria-hidden />
      <span className={styles.text}>{words.search}</span>
      <Keys keys="mod+k" />
    </button>
  )
}
