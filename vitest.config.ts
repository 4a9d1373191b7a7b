// Every suite that needs no window. Component tests get a DOM by a comment in the file.
import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { kernelPlugin } from './tools/kernel/compile.mjs'

export default defineConfig({
  plugins: [vue(), kernelPlugin()],
  resolve: { alias: { '@contract': resolve('src/preload/contract/index.ts') } },
  test: {
    include: ['tests/{unit,science,engine,trainer,cli,security,robustness,component}/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    pool: 'forks',
  },
})
