// Tests that take minutes (`npm run test:long`): real training to a target, large inputs. One at a time, as they time things.
import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
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
