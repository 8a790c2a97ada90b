import type { EnvironmentKind } from '../../api/session'
import { words } from '../words'

export function nameOf(kind: EnvironmentKind): string {
  return kind === 'sandbox' ? words.sandbox : words.production
}
