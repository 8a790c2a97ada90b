import { Eye, EyeOff } from 'lucide-react'
import { type ComponentProps, useState } from 'react'
import { IconButton } from '../../ui/button'
import { Input } from '../../ui/field'
import styles from './password-input.module.css'
import { words } from './words'

/** A password input that can show its text; pasting and password managers work. */
export function PasswordInput(props: ComponentProps<'input'>) {
  const [isShown, setIsShown] = useState(false)
  return (
    <div className={styles.box}>
      <Input {...props} type={isShown ? 'text' : 'password'} />
      <IconButton
        label={isShown ? words.hide : words.show}
        icon={isShown ? <EyeOff size={14} /> : <Eye size={14} />}
        size="small"
        aria-pressed={isShown}
        onClick={() => setIsShown(!isShown)}
      />
    </div>
  )
}
