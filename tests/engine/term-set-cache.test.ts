// Propagated term sets in the cache folder: used only when they are what was written.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cachedTermSets } from '../../src/main/engine/ontology/term-set-cache'
import { temporaryFolder } from '../temporary-folder'

describe('sets kept between starts', () => {
  it('are used when whole, and made again when changed, cut or of another key', () => {
    const folder = temporaryFolder()
    const sets = {
      ids: ['a', 'b'],
      names: ['A', 'B'],
      root: 0,
      geneCount: 3,
      indptr: Uint32Array.of(0, 2, 3),
      indices: Uint32Array.of(0, 2, 1),
    }
    let made = 0
    const get = (key: string) => cachedTermSets(folder, key, () => (made++, sets))
    get('one')
    expect([get('one'), made]).toEqual([sets, 1])
    get('two')
    expect(made).toBe(2)
    for (const name of readdirSync(folder)) {
      const bytes = readFileSync(join(folder, name))
      bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1
      writeFileSync(join(folder, name), bytes)
    }
    expect([get('one'), made]).toEqual([sets, 3])
    for (const name of readdirSync(folder)) writeFileSync(join(folder, name), readFileSync(join(folder, name)).subarray(0, 50))
    expect([get('one'), made]).toEqual([sets, 4])
    expect([get('one'), made]).toEqual([sets, 4])
  })
})
