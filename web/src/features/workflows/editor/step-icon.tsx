import { Boxes, FolderClosed, LogOut, Split, Wand, Zap } from 'lucide-react'

/** The icon of a step: that of its category, or a general one. */
const OF_CATEGORY: Record<string, typeof Zap> = { case: FolderClosed, object: Boxes }

/** The icons of cards that are not steps of the catalogue. */
const OF_KIND: Record<string, typeof Zap> = { trigger: Zap, choose: Split, output: LogOut }

export function StepIcon({ type, category }: { type: string; category?: string | undefined }) {
  const Icon = OF_KIND[type] ?? OF_CATEGORY[(category ?? type.split('.')[0] ?? '').toLowerCase()] ?? Wand
  return <Icon size={15} aria-hidden />
}
