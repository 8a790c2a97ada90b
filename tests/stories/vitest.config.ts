import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['*.story.ts'],
    // One after the other: a browser and a server take both cores, and times are asserted.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
