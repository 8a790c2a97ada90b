import { defineConfig } from 'vitest/config'

/** Measurements are run by hand, because a busy machine must not fail the gate: `cargo xtask weigh` */
export default defineConfig({
  test: { include: ['*.measure.ts'], fileParallelism: false, testTimeout: 600_000, hookTimeout: 120_000 },
})
