import { Field, Select } from '../../ui/field'
import { Notice } from '../../ui/notice'
import { type EditedField, type FieldChoice, type FieldUse, optionsOf } from './edited-fields'
import { words } from './words'

interface FieldChoiceFormProps {
  field: EditedField
  /** The use of the field, once the server has returned it. */
  use: FieldUse | undefined
  /** The fields that can take over its values. */
  others: EditedField[]
  onChange: (choice: FieldChoice | undefined) => void
}

/** What happens to the values of a field that is removed, or whose values do not match it any more. */
export function FieldChoiceForm({ field, use, others, onChange }: FieldChoiceFormProps) {
  if (!use && !field.choice) return null
  const ways = field.isRemoved ? (['archive', 'move'] as const) : (['keep', 'convert'] as const)
  const name = field.label || field.key
  return (
    <>
      {use && <Notice tone="warn">{words.fieldInUse(use.change, use.cases, use.casesAreMore, use.workflows)}</Notice>}
      <Field label={words.fieldChoice(name)} {...(use && !field.choice ? { error: words.chooseFieldChoice } : {})}>
        <Select
          value={field.choice?.do ?? ''}
          onChange={({ target }) => {
            const way = ways.find((one) => one === target.value)
            onChange(way && { do: way })
          }}
        >
          <option value="">{words.chooseFieldChoice}</option>
          {ways.map((way) => (
            <option key={way} value={way}>
              {words.fieldChoices[way]}
            </option>
          ))}
        </Select>
      </Field>
      {field.choice?.do === 'move' && (
        <Field label={words.moveValuesTo}>
          <Select value={field.choice.to ?? ''} onChange={({ target }) => onChange({ do: 'move', to: target.value })}>
            <option value="">{words.chooseField}</option>
            {others.map((other) => (
              <option key={other.id} value={other.key}>
                {other.label || other.key}
              </option>
            ))}
          </Select>
        </Field>
      )}
      {field.choice?.do === 'convert' && field.type === 'choices' && (
        <OldOptions field={field} choice={field.choice} onChange={onChange} />
      )}
    </>
  )
}

interface OldOptionsProps {
  field: EditedField
  choice: FieldChoice
  onChange: (choice: FieldChoice) => void
}

/** The replacement of each removed option. */
function OldOptions({ field, choice, onChange }: OldOptionsProps) {
  const present = optionsOf(field)
  const gone = (field.optionsBefore ?? []).filter((option) => !present.includes(option))
  return gone.map((option) => (
    <Field key={option} label={words.optionTo(option)}>
      <Select
        value={choice.options?.[option] ?? ''}
        onChange={({ target }) => onChange({ ...choice, options: { ...choice.options, [option]: target.value } })}
      >
        <option value="">{words.chooseOption}</option>
        {present.map((other) => (
          <option key={other} value={other}>
            {other}
          </option>
        ))}
      </Select>
    </Field>
  ))
}
