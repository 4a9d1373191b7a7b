// Damaged files of every format lead to a result or to a refusal in words, quickly, and never to anything else.
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { seededRandom, type SeededRandom } from '../../src/main/base/random'
import { inspectFile } from '../../src/main/engine/import'
import { shared } from '../shared-folder'
import { temporaryFolder } from '../temporary-folder'
import { fewGenes } from './fixtures/genes'
import { codeOf } from './fixtures/reading'

const copiesPerFile = 25
const longest = 5000

/** Flips bytes, cuts the end off or doubles a stretch. */
function damaged(content: Buffer, random: SeededRandom): Buffer {
  const copy = Buffer.from(content)
  const place = (): number => Math.floor(random.uniform() * copy.length)
  const kind = random.uniform()
  if (kind < 0.25) return copy.subarray(0, place())
  if (kind < 0.4) return Buffer.concat([copy.subarray(0, place()), copy.subarray(place())])
  // The header decides most, so it is hit more often than its share.
  const flips = 1 + Math.floor(random.uniform() * 6)
  for (let flip = 0; flip < flips; flip++)
    copy[random.uniform() < 0.5 ? Math.floor(random.uniform() * Math.min(200, copy.length)) : place()] = Math.floor(
      random.uniform() * 256,
    )
  return copy
}

describe.skipIf(!shared)('damaged copies of the reference files (needs ../shared)', () => {
  it.each([
    'ugly/fortran.npy',
    'ugly/several.npz',
    'ugly/bom.csv',
    'ugly/utf16.tsv',
    'ugly/comments-and-quotes.csv',
    'ugly/semicolon-decimal-comma.csv',
    'ugly/zeros-10mb.csv.gz',
    'ugly/mtx-10x-v2/matrix.mtx',
    'ugly/tiny.loom',
    'tenx/filtered_feature_bc_matrix.h5',
    'h5mu/mudata-0.4.1-axis0.h5mu',
  ])(
    '%s',
    async (name) => {
      const content = readFileSync(join(shared ?? '', 'data', name))
      const folder = temporaryFolder()
      for (const sibling of name.endsWith('.mtx') ? ['genes.tsv', 'barcodes.tsv'] : []) {
        writeFileSync(join(folder, sibling), readFileSync(join(shared ?? '', 'data', name, '..', sibling)))
      }
      const random = seededRandom(name.length)
      const path = join(folder, basename(name))
      for (let copy = 0; copy < copiesPerFile; copy++) {
        writeFileSync(path, damaged(content, random))
        const began = performance.now()
        const outcome = statSync(path).size === 0 ? 'FILE_EMPTY' : await codeOf(inspectFile(path, fewGenes))
        expect(outcome).toMatch(/^(?:accepted|[A-Z_]+)$/)
        expect(outcome).not.toBe('INTERNAL')
        expect(performance.now() - began).toBeLessThan(longest)
      }
    },
    60_000,
  )
})
