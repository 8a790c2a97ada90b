import { cleanup } from '@testing-library/react'
import { afterEach } from 'vitest'

// jsdom lacks what Radix measures with.
class ResizeObserverOfNothing {
  observe() {}
  unobserve() {}
  disconnect() {}
}
globalThis.ResizeObserver ??= ResizeObserverOfNothing

afterEach(cleanup)
