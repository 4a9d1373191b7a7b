// The answers of the command line to what a file leaves open, through the built program.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AddReport, ImportReport, Inspection } from '@contract'
import { cli, cliAnswer, sampleFile } from '../run-cli'

const folder = mkdtempSync(join(tmpdir(), 'latiscope-options-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let count = 0
const project = async (): Promise<string> => {
  const path = join(folder, `p${++count}.latiscope`)
  await cliAnswer('new', path)
  return path
}
const written = (name: string, lines: readonly string[]): string => {
  const path = join(folder, name)
  writeFileSync(path, lines.join('\n'))
  return path
}
const cells = Array.from({ length: 60 }, (_, cell) => `AAAC${String(cell).padStart(2, '0')}-1`)
const embedding = (name: string, from = 0): string =>
  written(name, [
    'cell,E_1,E_2,E_3',
    ...cells.map((cell, at) => `${from === 0 ? cell : `B${cell}`},${at + 0.5},${-at},${(at * 7) % 5}`),
  ])

describe('import', () => {
  it('takes only the cells asked for, in the map asked for', async () => {
    const report = await cliAnswer<ImportReport>(
      'import',
      await project(),
      sampleFile,
      '--representation',
      'obsm/X_pca',
      '--cells',
      'bulk_labels=CD19+ B',
      '--cells',
      'bulk_labels=CD56+ NK',
      '--map',
      'pca',
    )
    expect(report.rows).toBe(126)
    expect(report.map).toBe('plane of largest variance of obsm/X_pca')
    const { code, json } = await cli('import', await project(), sampleFile, '--cells', 'bulk_labels=B')
    expect([code, (json['error'] as { code: string }).code]).toEqual([3, 'CHOICE_UNKNOWN'])
  })

  it('reads a table without names once the header is answered, and rows as genes', async () => {
    const path = written(
      'bare.csv',
      Array.from({ length: 60 }, (_, row) => `${row + 1},${2 * row},${row % 7}`),
    )
    const refused = await cli('import', await project(), path, '--representation', 'X')
    expect([refused.code, (refused.json['error'] as { code: string }).code]).toEqual([3, 'TABLE_HEADER'])
    expect(await cliAnswer('import', await project(), path, '--representation', 'X', '--header', 'no')).toMatchObject({
      rows: 60,
    })
    const genes = written('genes.csv', [
      'gene,d1,d2,d3',
      'CD3D,1.5,2,-3',
      'MS4A1,0.5,1,2',
      'LYZ,1,1,-1',
      'NKG7,3,3,3',
      'GAPDH,0.1,0.2,0.3',
    ])
    const report = await cliAnswer<ImportReport>('import', await project(), genes, '--rows', 'genes', '--map', 'none')
    expect(report).toMatchObject({ rows: 5, dims: 3, rowKind: 'genes', mapped: { genes: 5, of: 5 } })
  })

  it('puts files side by side, and inspect shows what that gives', async () => {
    const [a, b] = [embedding('a.csv'), embedding('b.csv', 1)]
    const found = await cliAnswer<Inspection>('inspect', a, b)
    expect(found).toMatchObject({ rows: 120, metadata: [{ name: 'sample', levels: 2 }] })
    expect(await cliAnswer<ImportReport>('import', await project(), a, b, '--map', 'none')).toMatchObject({ rows: 120, dims: 3 })
  })

  it.each([
    [['--rows', 'tissues'], /--rows is one of cells, genes, proteins/],
    [['--header', 'maybe'], /--header is one of yes, no/],
    [['--cells', 'condition'], /--cells needs COLUMN=VALUE/],
    [['--verdict', 'raw'], /--verdict is one of counts/],
    [['--as', 'rows'], /--as says what --append adds/],
  ])('%j is wrong usage, said in words', async (words, sentence) => {
    const { code, json } = await cli('import', join(folder, 'none.latiscope'), sampleFile, ...words)
    expect(code).toBe(2)
    expect((json['error'] as { message: string }).message).toMatch(sentence)
  })
})

describe('import --append', () => {
  let path = ''
  beforeAll(async () => {
    path = await project()
    await cliAnswer('import', path, embedding('first.csv'), '--map', 'none')
  })

  it('adds metadata, a representation and cells, each recognised', async () => {
    const labels = written('labels.csv', ['cell,fate', ...cells.map((cell, at) => `${cell},${at % 2 ? 'grows' : 'rests'}`)])
    expect(await cliAnswer<AddReport>('import', path, labels, '--append')).toMatchObject({
      kind: 'metadata',
      columns: ['fate'],
      matched: { both: 60 },
    })
    expect(await cliAnswer<AddReport>('import', path, embedding('more.csv', 1), '--append', '--map', 'none')).toMatchObject({
      kind: 'rows',
      rows: 120,
    })
  })

  it('refuses what it cannot tell, with exit 3', async () => {
    const bare = written(
      'noname.csv',
      Array.from({ length: 30 }, (_, row) => `${row / 7 + 0.1},${-row / 3 - 0.1},0.5`),
    )
    const { code, json } = await cli('import', path, bare, '--append')
    expect([code, (json['error'] as { code: string }).code]).toEqual([3, 'APPEND_UNCLEAR'])
  })
})
