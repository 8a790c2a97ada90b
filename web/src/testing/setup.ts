import { cleanup } from '@testing-library/react'
import { afterEach } from 'vitest'

// jsdom lacks the measuring that Radix uses.
class ResizeObserverOfNothing {
  observe() {}
  unobserve() {}
  disconnect() {}
}
globalThis.ResizeObserver ??= ResizeObserverOfNothing

afterEach(cleanup)
