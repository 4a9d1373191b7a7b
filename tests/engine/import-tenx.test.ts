// 10x matrices in every naming: the folder or any one of its files gives the same counts, and what does not fit is refused.
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { Inspection } from '@contract'
import * as v from 'valibot'
import { inspectFile } from '../../src/main/engine/import'
import { shared } from '../shared-folder'
import { temporaryFolder } from '../temporary-folder'
import { fewGenes } from './fixtures/genes'
import { codeOf, read, sentenceOf } from './fixtures/reading'

const barcodes = Array.from({ length: 60 }, (_, cell) => `AC${cell}-1`)
const features = [
  'ENSG1\tCD3D\tGene Expression',
  'ENSG2\tMS4A1\tGene Expression',
  'ENSG3\tLYZ\tGene Expression',
  'CD3_TotalSeq\tCD3_TotalSeq\tAntibody Capture',
]
const entries = barcodes.flatMap((_, cell) => [`1 ${cell + 1} ${cell + 1}`, `3 ${cell + 1} 30`, `4 ${cell + 1} 7`])
const market = (lines: readonly string[], shape = '4 60', banner = 'coordinate integer general'): string =>
  `%%MatrixMarket matrix ${banner}\n% made by hand\n${shape} ${lines.length}\n${lines.join('\n')}\n`

interface Naming {
  readonly prefix?: string
  readonly genes?: string
  readonly packed?: boolean
}
function folder({ prefix = '', genes = 'features', packed = false }: Naming = {}, matrix = market(entries)): string {
  const path = temporaryFolder()
  const write = (name: string, content: string): void =>
    writeFileSync(join(path, `${prefix}${name}${packed ? '.gz' : ''}`), packed ? gzipSync(content) : content)
  write('matrix.mtx', matrix)
  write(`${genes}.tsv`, features.join('\n') + '\n')
  write('barcodes.tsv', barcodes.join('\n') + '\n')
  return path
}
const look = (path: string) => inspectFile(path, fewGenes)
const embedding = (): string => {
  const path = join(temporaryFolder(), 'emb.csv')
  writeFileSync(path, ['cell,PC_1,PC_2,PC_3', ...barcodes.map((name, cell) => `${name},${cell}.5,-1,1`)].join('\n'))
  return path
}
const counts = (expression: string) => read(embedding(), {}, { beside: { expression } })

describe('a 10x folder', () => {
  it.each<[string, Naming]>([
    ['of Cell Ranger 3', { packed: true }],
    ['of Cell Ranger 2', { genes: 'genes' }],
    ['of STARsolo', {}],
    ['of GEO, with a prefix', { prefix: 'GSM123_sample1_', packed: true }],
  ])('%s gives genes and antibodies apart, also from any one of its files', async (_, naming) => {
    const path = folder(naming)
    for (const chosen of [path, ...readdirSync(path).map((name) => join(path, name))]) {
      const inspection = await look(chosen)
      v.parse(Inspection, inspection)
      expect(inspection).toMatchObject({ kind: '10x-mtx', rows: 60, columns: 3 })
      expect(inspection.expression.map((each) => [each.key, each.columns, each.suggested])).toEqual([
        ['X', 3, true],
        ['Antibody Capture', 1, false],
      ])
    }
  })

  it('lends its counts to an embedding of the same cells', async () => {
    const data = await counts(folder())
    expect(data.expression).toMatchObject({ key: 'X', verdict: 'counts' })
    expect(data.expression?.genes.map((gene) => gene.name)).toEqual(['CD3D', 'MS4A1', 'LYZ'])
    expect(data.expression?.matrix.values[2 * 5]).toBeCloseTo(Math.log1p((6 * 1e4) / 36), 4)
  })

  it('holds a representation nowhere, and says so', async () => {
    const path = folder()
    expect(await codeOf(read(path))).toBe('NO_REPRESENTATION')
  })
})

describe('a 10x folder that does not fit together is refused', () => {
  it.each<[string, string, RegExp]>([
    ['fewer entries than promised', market(entries).replace(' 180\n', ' 500\n'), /promises 500 entries, but the file holds 180/],
    ['more entries than promised', market(entries).replace(' 180\n', ' 20\n'), /promises 20 entries, but there are more/],
    ['a position outside', market(['5 1 2']), /line 4 names row 5 and column 1/],
    ['another number of cells', market(entries, '4 61'), /61 columns, but there are names for 4 genes and 60 barcodes/],
    ['an impossible shape', market(entries, '4 99999999999999'), /does not give the shape/],
    ['a full matrix', market(entries, '4 60', 'array real general'), /coordinate … general/],
    ['complex numbers', market(entries, '4 60', 'coordinate complex general'), /coordinate … general/],
  ])('%s', async (_, matrix, sentence) => {
    expect(await sentenceOf(look(folder({}, matrix)))).toMatch(sentence)
  })

  it('a missing list of names, and several matrices in one folder', async () => {
    const alone = temporaryFolder()
    copyFileSync(join(folder(), 'matrix.mtx'), join(alone, 'matrix.mtx'))
    expect(await sentenceOf(look(alone))).toContain('features.tsv or genes.tsv is missing')
    expect(await sentenceOf(look(join(alone, 'matrix.mtx')))).toContain('features.tsv or genes.tsv is missing')
    copyFileSync(join(alone, 'matrix.mtx'), join(alone, 'b_matrix.mtx'))
    expect(await sentenceOf(look(alone))).toContain('several matrices (b_matrix.mtx, matrix.mtx)')
    const empty = join(alone, 'empty')
    mkdirSync(empty)
    expect(await sentenceOf(look(empty))).toContain('a folder without a matrix')
  })
})

describe.skipIf(!shared)('the 10x folders of the reference data (needs ../shared)', () => {
  const file = (name: string): string => join(shared ?? '', 'data', name)

  it.each(['ugly/mtx-10x-v2', 'ugly/mtx-10x-v2/genes.tsv', 'ugly/mtx-10x-v2/barcodes.tsv', 'ugly/mtx-transposed'])(
    '%s is 12 cells x 8 genes',
    async (name) => {
      const inspection = await look(file(name))
      expect(inspection).toMatchObject({ rows: 12, columns: 8, expression: [{ verdict: 'counts' }] })
      expect(inspection.preview.rows[0]).toEqual(['AAAC00GTTC-1', '4', '1', '4'])
      expect(inspection.problems.some((problem) => problem.code === 'MATRIX_TURNED')).toBe(name.endsWith('transposed'))
    },
  )

  it.each<[string, RegExp]>([
    ['ugly/mtx-wrong-count', /500 entries, but the file holds 89/],
    ['ugly/mtx-names-mismatch', /12 columns, but there are names for 8 genes and 10 barcodes/],
  ])('%s is refused', async (name, sentence) => {
    expect(await sentenceOf(look(file(name)))).toMatch(sentence)
  })

  it('a real folder is 1,107 cells x 507 genes', async () => {
    expect(await look(file('tenx/filtered_feature_bc_matrix'))).toMatchObject({ rows: 1107, columns: 507 })
  })
})
