// Two thousand damaged files of every format, the same selection on every run.
import { expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { checkDamagedCopies } from '../robustness/damaged-copies'
import { temporaryFolder } from '../temporary-folder'

it('2,000 damaged copies of files of every format are read or refused in words, quickly, and change no project', async () => {
  const { failures, accepted, refused } = await checkDamagedCopies(temporaryFolder(), 2000, seededRandom(2024))
  expect(failures).toEqual([])
  expect(accepted).toBeGreaterThan(200)
  expect(refused).toBeGreaterThan(500)
})
