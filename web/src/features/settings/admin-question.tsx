import { Confirm } from '../../ui/dialog'
import { words } from './words'

interface AdminQuestionProps {
  /** The person who becomes an administrator; undefined while the dialog is closed. */
  name: string | undefined
  isBusy: boolean
  onConfirm: () => void
  onClose: () => void
}

/** Asks before a person becomes an administrator, and lists what they will be able to do. */
export function AdminQuestion({ name, isBusy, onConfirm, onClose }: AdminQuestionProps) {
  return (
    <Confirm
      isOpen={name !== undefined}
      onClose={onClose}
      title={words.adminTitle(name ?? '')}
      description={words.adminHint(name ?? '')}
      confirm={words.adminDeed}
      isDangerous
      isBusy={isBusy}
      onConfirm={onConfirm}
    />
  )
}
