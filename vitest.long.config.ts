// Tests that take minutes (`npm run test:long`): real training to a target, large inputs. One at a time, as they time things.
import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'
import { kernelPlugin } from './tools/kernel/compile.mjs'

export default defineConfig({
  plugins: [kernelPlugin()],
  resolve: { alias: { '@contract': resolve('src/preload/contract/index.ts') } },
  test: {
    include: ['tests/long/**/*.test.ts'],
    testTimeout: 1_800_000,
    hookTimeout: 600_000,
    maxWorkers: 1,
    fileParallelism: false,
    pool: 'forks',
  },
})
