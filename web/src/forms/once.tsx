import { Button } from '../ui/button'
import { CopyId } from '../ui/copy-id'
import { Dialog } from '../ui/dialog'
import { Notice } from '../ui/notice'
import { Stack } from '../ui/stack'
import { words } from './words'

/** A secret, shown once. */
export function Once({ title, secret, onClose }: { title: string; secret: string; onClose: () => void }) {
  return (
    <Dialog isOpen onClose={onClose} title={title} actions={<Button onClick={onClose}>{words.close}</Button>}>
      <Stack>
        <Notice tone="warn">{words.once}</Notice>
        <CopyId id={secret} isWhole />
      </Stack>
    </Dialog>
  )
}
