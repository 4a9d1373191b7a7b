// A fixed selection of damaged files of every format; the long tests take two thousand.
import { expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { temporaryFolder } from '../temporary-folder'
import { checkDamagedCopies } from './damaged-copies'

it('120 damaged copies of files of every format are read or refused in words, quickly, and change no project', async () => {
  const { failures, accepted, refused, codes } = await checkDamagedCopies(temporaryFolder(), 120, seededRandom(4))
  expect(failures).toEqual([])
  expect(accepted).toBeGreaterThan(5)
  expect(refused).toBeGreaterThan(30)
  expect(codes).toContain('FILE_DAMAGED')
})
