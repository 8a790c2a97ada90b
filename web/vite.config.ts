import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { baseInDev } from './build/base-in-dev.ts'
import { compress } from './build/compress.ts'
import { guide } from './build/guide.ts'

/** The Docket that the development server uses: `DOCKET_URL=http://127.0.0.1:8080 npm run dev -w web`. */
const docket = process.env.DOCKET_URL

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [react(), baseInDev(), guide(), compress()],
  resolve: {
    // Radix's scroll lock writes a <style> element, which the content policy forbids; the alias adopts a style sheet.
    alias: { 'react-style-singleton': fileURLToPath(new URL('src/ui/style-singleton.ts', import.meta.url)) },
  },
  build: {
    target: 'es2023',
    // No data: URLs, so that the content policy can be 'self'.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    reportCompressedSize: false,
  },
  worker: { format: 'es' },
  server: docket ? { proxy: { '/api': { target: docket, changeOrigin: true, headers: { origin: docket } } } } : {},
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/testing/setup.ts'],
  },
})
