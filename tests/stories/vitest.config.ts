import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['*.story.ts'],
    // Files run one after the other: a browser and a server use both cores, and times are asserted.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
