import { ChevronDown } from 'lucide-react'
import { Button } from '../../ui/button'
import { Menu, MenuItem, MenuLine } from '../../ui/menu'
import { words } from './words'

interface AllowedNextProps {
  /** The status that is followed. */
  name: string
  /** The others of its template. */
  others: { key: string; name: string }[]
  /** Keys of those that may follow; nothing for any. */
  value: string[] | null
  disabled: boolean
  onChange: (value: string[] | null) => void
}

/** Which statuses may follow one: any, unless some are unticked. */
export function AllowedNext({ name, others, value, disabled, onChange }: AllowedNextProps) {
  const may = (key: string) => value === null || value.includes(key)
  const following = others.filter(({ key }) => may(key))
  const toggle = (key: string) =>
    onChange(others.map((other) => other.key).filter((other) => (other === key ? !may(key) : may(other))))
  const said = value === null ? words.anyNext : following.map((other) => other.name).join(', ') || words.nothingNext
  return (
    <Menu
      trigger={
        <Button
          size="small"
          look="quiet"
          icon={<ChevronDown size={13} />}
          disabled={disabled}
          aria-label={words.allowedNextOf(name, said)}
        >
          {words.allowedNext(said)}
        </Button>
      }
    >
      <MenuItem isChecked={value === null} onSelect={stay(() => onChange(null))}>
        {words.anyStatusNext}
      </MenuItem>
      <MenuLine />
      {others.map((other) => (
        <MenuItem key={other.key} isChecked={may(other.key)} onSelect={stay(() => toggle(other.key))}>
          {other.name}
        </MenuItem>
      ))}
    </Menu>
  )
}

/** Keeps the menu open: several are ticked one after the other. */
const stay = (act: () => void) => (event: Event) => {
  event.preventDefault()
  act()
}
