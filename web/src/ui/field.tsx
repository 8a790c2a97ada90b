import { ChevronDown, CircleAlert, Search } from 'lucide-react'
import { type ComponentProps, createContext, type ReactNode, useContext, useId } from 'react'
import { sentence } from '../words/sentence'
import { classes } from './class-names'
import styles from './field.module.css'
import { words } from './words'

interface FieldContext {
  id: string
  describedBy: string | undefined
  isInvalid: boolean
}

const Context = createContext<FieldContext | undefined>(undefined)

/** The attributes that connect a control to its Field. */
export function useFieldControl() {
  const field = useContext(Context)
  return field
    ? { id: field.id, 'aria-describedby': field.describedBy, 'aria-invalid': field.isInvalid || undefined }
    : {}
}

interface FieldProps {
  label: string
  hint?: ReactNode
  /** The error, in a sentence; shown instead of the hint. */
  error?: string
  isOptional?: boolean
  children: ReactNode
}

/** A labelled control: one Input, TextArea, Select or Picker inside. */
export function Field({ label, hint, error, isOptional, children }: FieldProps) {
  const id = useId()
  const noteId = `${id}-note`
  const hasNote = Boolean(error || hint)
  return (
    <Context value={{ id, describedBy: hasNote ? noteId : undefined, isInvalid: Boolean(error) }}>
      <div className={styles.field}>
        <label className={styles.label} htmlFor={id} id={`${id}-label`}>
          {label}
          {isOptional && <span className={styles.optional}>{words.optional}</span>}
        </label>
        {children}
        {error ? (
          <p className={styles.error} id={noteId} role="alert">
            <CircleAlert size={13} aria-hidden />
            {sentence(error)}
          </p>
        ) : (
          hint && (
            <div className={styles.hint} id={noteId}>
              {hint}
            </div>
          )
        )}
      </div>
    </Context>
  )
}

export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return (
    <>
      <input {...useFieldControl()} className={classes(styles.control, className)} {...rest} />
      <Count value={rest.value} max={rest.maxLength} />
    </>
  )
}

export function TextArea({ className, ...rest }: ComponentProps<'textarea'>) {
  return (
    <>
      <textarea {...useFieldControl()} className={classes(styles.control, styles.area, className)} {...rest} />
      <Count value={rest.value} max={rest.maxLength} />
    </>
  )
}

/** From this share of its maximum on, a box shows its count. */
const NEARLY_FULL = 0.9

/** The count of a nearly full box: text beyond the maximum is not accepted. */
function Count({ value, max }: { value: unknown; max: number | undefined }) {
  if (typeof value !== 'string' || max === undefined || value.length < max * NEARLY_FULL) return null
  return (
    <p className={styles.count} role="status">
      {value.length >= max ? words.full(max) : words.nearlyFull(value.length, max)}
    </p>
  )
}

/** A choice among a few: the browser's own select, which every device and screen reader supports. */
export function Select({ className, children, ...rest }: ComponentProps<'select'>) {
  return (
    <div className={styles.selectBox}>
      <select {...useFieldControl()} className={classes(styles.control, styles.select, className)} {...rest}>
        {children}
      </select>
      <ChevronDown size={14} aria-hidden />
    </div>
  )
}

interface SearchInputProps extends Omit<ComponentProps<'input'>, 'onChange' | 'value'> {
  label: string
  value: string
  onChange: (text: string) => void
}

/** A search box for a screen's list. */
export function SearchInput({ label, value, onChange, ...rest }: SearchInputProps) {
  return (
    <div className={styles.searchBox}>
      <Search size={14} aria-hidden />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        className={styles.control}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        {...rest}
      />
    </div>
  )
}
