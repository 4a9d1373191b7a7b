// Thousands of damaged files of every format, the same selection on every run. What came out is written to the log by format.
import { expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { checkDamagedCopies, outcomeLine, referenceFiles } from '../robustness/damaged-copies'
import { shared } from '../shared-folder'
import { temporaryFolder } from '../temporary-folder'

it('2,000 damaged copies of files of every format are read or refused in words, quickly, and change no project', async () => {
  const outcome = await checkDamagedCopies(temporaryFolder(), 2000, seededRandom(2024))
  process.stderr.write(outcomeLine(outcome))
  expect(outcome.failures).toEqual([])
  expect(outcome.accepted).toBeGreaterThan(200)
  expect(outcome.refused).toBeGreaterThan(500)
})

it.skipIf(!shared)('2,000 damaged copies of the reference files likewise (needs ../shared)', async () => {
  const outcome = await checkDamagedCopies(temporaryFolder(), 2000, seededRandom(2025), referenceFiles())
  process.stderr.write(outcomeLine(outcome))
  expect(outcome.failures).toEqual([])
  expect(outcome.accepted).toBeGreaterThan(100)
  expect(outcome.refused).toBeGreaterThan(500)
})
