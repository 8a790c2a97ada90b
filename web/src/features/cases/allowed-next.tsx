import { ChevronDown } from 'lucide-react'
import { Button } from '../../ui/button'
import { Menu, MenuItem, MenuLine } from '../../ui/menu'
import { words } from './words'

interface AllowedNextProps {
  /** The name of the status. */
  name: string
  /** The other statuses of its template. */
  others: { key: string; name: string }[]
  /** The keys of the statuses that may follow; null for any. */
  value: string[] | null
  disabled: boolean
  onChange: (value: string[] | null) => void
}

/** The statuses that may follow one: any, unless some are unchecked. */
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

/** Keeps the menu open, so that several can be checked one after the other. */
const stay = (act: () => void) => (event: Event) => {
  event.preventDefault()
  act()
}
