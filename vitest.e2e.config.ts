// Journeys through the built app in the real Electron, one at a time: each opens windows on the same screen.
import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'
import { kernelPlugin } from './tools/kernel/compile.mjs'

export default defineConfig({
  plugins: [kernelPlugin()],
  resolve: { alias: { '@contract': resolve('src/preload/contract/index.ts') } },
  test: {
    include: ['tests/e2e/**/*.e2e.ts'],
    testTimeout: 240_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    maxWorkers: 1,
    fileParallelism: false,
    pool: 'forks',
  },
})
