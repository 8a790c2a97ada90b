import { Check, Minus } from 'lucide-react'
import { Checkbox as RadixCheckbox, Switch as RadixSwitch } from 'radix-ui'
import { type ReactNode, useId } from 'react'
import styles from './field.module.css'

interface CheckProps {
  label: string
  hint?: ReactNode
  isChecked: boolean | 'indeterminate'
  onChange: (isChecked: boolean) => void
  disabled?: boolean
}

/** A checkbox with its label. */
export function Checkbox({ label, hint, isChecked, onChange, disabled }: CheckProps) {
  return (
    <Labelled label={label} hint={hint}>
      {(ids) => (
        <RadixCheckbox.Root
          {...ids}
          className={styles.box}
          checked={isChecked}
          disabled={disabled}
          onCheckedChange={(state) => onChange(state === true)}
        >
          <RadixCheckbox.Indicator>
            {isChecked === 'indeterminate' ? <Minus size={12} /> : <Check size={12} strokeWidth={3} />}
          </RadixCheckbox.Indicator>
        </RadixCheckbox.Root>
      )}
    </Labelled>
  )
}

/** A switch that takes effect at once. */
export function Switch({ label, hint, isChecked, onChange, disabled }: CheckProps) {
  return (
    <Labelled label={label} hint={hint}>
      {(ids) => (
        <RadixSwitch.Root
          {...ids}
          className={styles.switch}
          checked={isChecked === true}
          disabled={disabled}
          onCheckedChange={onChange}
        >
          <RadixSwitch.Thumb className={styles.thumb} />
        </RadixSwitch.Root>
      )}
    </Labelled>
  )
}

function Labelled({
  label,
  hint,
  children,
}: {
  label: string
  hint?: ReactNode
  children: (ids: { id: string; 'aria-describedby': string | undefined }) => ReactNode
}) {
  const id = useId()
  const noteId = hint ? `${id}-note` : undefined
  return (
    <div className={styles.check}>
      {children({ id, 'aria-describedby': noteId })}
      <div className={styles.checkWords}>
        <label className={styles.checkLabel} htmlFor={id}>
          {label}
        </label>
        {hint && (
          <span className={styles.hint} id={noteId}>
            {hint}
          </span>
        )}
      </div>
    </div>
  )
}
