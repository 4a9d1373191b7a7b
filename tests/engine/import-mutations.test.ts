// Damaged files, in a process of their own: some break the HDF5 library, which the writer of the other tests shares.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { temporaryFolder } from '../temporary-folder'
import * as h5ad from './fixtures/h5ad'
import { codeOf, read } from './fixtures/reading'

describe('a damaged file', () => {
  it('changed bytes anywhere lead to a result or a refusal, never to anything else', async () => {
    const folder = temporaryFolder()
    const whole = readFileSync(await h5ad.currentFile(folder))
    const random = seededRandom(11)
    const path = join(folder, 'changed.h5ad')
    for (let copy = 0; copy < 60; copy++) {
      const bytes = Buffer.from(whole)
      for (let change = 0; change <= copy % 12; change++) bytes[random.below(bytes.length)] = random.below(256)
      writeFileSync(path, bytes)
      expect(await codeOf(read(path, { dropMissing: true, renameDuplicates: true }))).toMatch(/^[a-z]+$|^[A-Z_]+$/)
    }
    writeFileSync(path, whole)
    expect(await codeOf(read(path)), 'the whole file, after all the damaged ones').toBe('accepted')
  })
})
