// The messages of the importer, one by one: each states the cause, the place and the way out, and each way out works.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { appError, type ImportChoice, type Inspection, type Problem } from '@contract'
import { Refusal } from '../../src/main/base/refusal'
import { inspectFile } from '../../src/main/engine/import'
import { temporaryFolder } from '../temporary-folder'
import { fewGenes } from './fixtures/genes'
import * as h5ad from './fixtures/h5ad'
import { codeOf, nothing, read } from './fixtures/reading'

const look = (path: string, choice: Partial<ImportChoice> = {}): Promise<Inspection> =>
  inspectFile(path, fewGenes, undefined, { ...nothing, ...choice })
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, content)
  return path
}
const table = (...lines: (readonly (string | number)[])[]): string =>
  file('table.csv', lines.map((line) => line.join(',')).join('\n'))
const fixture = (change: Parameters<typeof h5ad.currentFile>[1] = () => undefined, matrix = true): Promise<string> =>
  h5ad.currentFile(temporaryFolder(), change, matrix)
const named = (
  genes: readonly string[],
  cells: readonly string[] = h5ad.cellNames,
  columns: readonly string[] = [],
): Promise<string> =>
  h5ad.written(temporaryFolder(), 'named.h5ad', (out) => {
    const obs = h5ad.frame(out, 'obs', [...cells], [...columns])
    for (const column of columns)
      h5ad.texts(
        obs,
        column,
        cells.map((_, cell) => `v${cell}`),
      )
    h5ad.frame(out, 'var', [...genes], [])
    out
      .create_group('obsm')
      .create_dataset({ name: 'X_pca', data: new Float32Array(cells.length * 16).map((_, at) => at), shape: [cells.length, 16] })
    h5ad.sparse(
      out,
      'X',
      Array.from({ length: cells.length * genes.length }, (_, at) => (at * 7) % 30),
      false,
      genes.length,
    )
  })

/** A file packed with a filter that does not exist: the number of the one that was used (deflate) is changed everywhere. */
function oddlyPacked(): string {
  const bytes = readFileSync(resolve(import.meta.dirname, '../../resources/sample/pbmc68k_reduced.h5ad'))
  for (let at = bytes.indexOf('deflate'); at >= 0; at = bytes.indexOf('deflate', at + 1)) bytes.writeUInt16LE(32_099, at - 8)
  return file('odd.h5ad', bytes)
}

const newerColumn = (): Promise<string> =>
  h5ad.written(temporaryFolder(), 'newer.h5ad', (out) => {
    const odd = h5ad.frame(out, 'obs', h5ad.cellNames, ['odd']).create_group('odd')
    odd.create_attribute('encoding-type', 'awkward-thing')
    odd.create_attribute('encoding-version', '9.0.0')
    h5ad.frame(out, 'var', [], [])
    out.create_group('obsm').create_dataset({ name: 'X_pca', data: h5ad.embedding, shape: [10, 16] })
  })

const gaps = (): Promise<string> =>
  h5ad.written(temporaryFolder(), 'gaps.h5ad', (out) => {
    h5ad.frame(out, 'obs', h5ad.cellNames, [])
    h5ad.frame(out, 'var', [], [])
    const data = h5ad.embedding.slice().fill(NaN, 32, 33)
    out.create_group('obsm').create_dataset({ name: 'X_scVI', data, shape: [10, 16] })
  })

async function cutOff(): Promise<string> {
  const path = await fixture()
  writeFileSync(path, readFileSync(path).subarray(0, 3000))
  return path
}

/** How a file answers: the problem of that code, or the refusal. */
async function answer(path: string, code: string): Promise<Pick<Problem, 'message' | 'remedy'>> {
  try {
    const { problems } = await look(path)
    return (
      problems.find((problem) => problem.code === code) ?? {
        message: `none of ${problems.map((each) => each.code).join()}`,
        remedy: '',
      }
    )
  } catch (thrown) {
    if (thrown instanceof Refusal && thrown.error.code === code) return thrown.error
    throw thrown
  }
}

const rows: readonly (readonly [
  what: string,
  make: () => string | Promise<string>,
  code: string,
  message: RegExp,
  remedy: RegExp,
])[] = [
  [
    'no HDF5',
    () => file('a.h5ad', Buffer.from('\x89PNG\r\n\x1a\n....', 'latin1')),
    'FILE_NOT_RECOGNISED',
    /a\.h5ad is not a data file.*starts like a PNG picture/,
    /the download may be incomplete/,
  ],
  [
    'no HDF5 but half a zip archive',
    () => file('a.h5ad', 'PK\x03\x04............................'),
    'FILE_TRUNCATED',
    /a\.h5ad ends early/,
    /download or copy/i,
  ],
  [
    'gzip around HDF5',
    () => file('a.h5ad', gzipSync(Buffer.concat([Buffer.from([0x89]), Buffer.from('HDF\r\n\x1a\n'), Buffer.alloc(600)]))),
    'FILE_NOT_RECOGNISED',
    /HDF5 file compressed with gzip: unpack it first/,
    /./,
  ],
  [
    'an empty file',
    () => file('a.h5ad', ''),
    'FILE_EMPTY',
    /a\.h5ad is empty \(0 bytes\)/,
    /copy or download probably failed, or a cloud drive/,
  ],
  [
    'a file that ends early',
    cutOff,
    'FILE_TRUNCATED',
    /ends early \(expected [\d,]+ bytes, found 3,000\)/,
    /^Download or copy it again\.$/,
  ],
  [
    'a file that cannot be read',
    () => unreadable(),
    'FILE_NOT_READABLE',
    /another program has it open, or you have no right to read it/,
    /ask its owner/,
  ],
  ['a column in a newer encoding', newerColumn, 'COLUMN_SKIPPED', /odd/, /./],
  [
    'a compression that is not built in',
    oddlyPacked,
    'COMPRESSION_MISSING',
    /is compressed with filter 32099/,
    /adata\.write_h5ad\('f\.h5ad', compression='gzip'\)/,
  ],
  [
    'no embedding',
    () => table(['cell', 'CD3D', 'LYZ'], ...h5ad.cellNames.map((name, cell) => [name, cell, 30])),
    'NO_REPRESENTATION',
    /no representation \(obsm\)/,
    /another file.*--representation pca/,
  ],
  [
    'an embedding of other rows',
    () =>
      fixture(
        (out) =>
          void (out.get('obsm') as ReturnType<typeof out.create_group>).create_dataset({
            name: 'X_emb',
            data: new Float32Array(9 * 20),
            shape: [9, 20],
          }),
      ),
    'ROW_MISMATCH',
    /X_emb has 9 rows, but the file has 10 cells \(1 cell missing\); not joined by position/,
    /Choose another representation/,
  ],
  [
    'repeated cell names',
    () =>
      named(
        h5ad.geneNames,
        h5ad.cellNames.map((name, cell) => (cell > 7 ? 'cell-1' : name)),
      ),
    'DUPLICATE_IDS',
    /1 cell names occur more than once \(cell-1\), often after merging samples/,
    /--rename-duplicates/,
  ],
  [
    'missing numbers',
    gaps,
    'MISSING_NUMBERS',
    /1 cells contain missing numbers in obsm\/X_scVI \(first: cell-2\)/,
    /--drop-missing/,
  ],
  ['genes called 0 to n', () => named(['0', '1', '2', '3']), 'GENE_NAMES_LOST', /only numbers/, /--gene-column COLUMN/],
  [
    'mostly unknown genes',
    () => named(['x1', 'x2', 'x3', 'CD3D']),
    'FEW_GENES_KNOWN',
    /Only 1 of 4 gene names are known/,
    /Check the species/,
  ],
  [
    'z-scores only',
    () =>
      fixture(
        (out) =>
          void out.create_dataset({ name: 'X', data: Float32Array.from(h5ad.counts, (count) => count - 1.7), shape: [10, 4] }),
        false,
      ),
    'SCALED_ONLY',
    /z-scores; fold changes need counts or log values\. Maps and AUROC work/,
    /adata\.raw = adata/,
  ],
  [
    'dates among the genes',
    () => named(['CD3D', '1-Mar', '2-Sep', 'LYZ']),
    'GENE_DATES',
    /2 gene names look like dates changed by a spreadsheet \(1-Mar, 2-Sep\)/,
    /cannot be repaired with certainty/,
  ],
  [
    'too many values of a column',
    () => manyLevels(),
    'TOO_MANY_LEVELS',
    /barcode_seq has 1,001 different values; kept as text, not as colour/,
    /./,
  ],
  [
    'a first line that may be data',
    () => table([1.5, 2, 3], [2, 3, 4], [3, 4, 6]),
    'TABLE_HEADER',
    /It is not certain that the first line/,
    /--header yes.*--header no/,
  ],
  [
    'words among the numbers',
    () => table(['cell', 'CD3D', 'LYZ'], ['a', 1, 2], ['b', 'high', 3], ['c', 4, 5]),
    'TEXT_IN_NUMBERS',
    /1 values.*are text.*"high" in line 3, column CD3D/,
    /--drop-missing/,
  ],
  [
    'rows of different lengths',
    () => table(['cell', 'CD3D', 'LYZ'], ['a', 1, 2], ['b', 1], ['c', 4, 5]),
    'TABLE_RAGGED',
    /line 3/,
    /export it again/,
  ],
  [
    'missing numbers in the expression',
    () =>
      fixture(
        (out) => void out.create_dataset({ name: 'X', data: Float32Array.from(h5ad.counts).fill(NaN, 5, 6), shape: [10, 4] }),
        false,
      ),
    'MISSING_EXPRESSION',
    /1 values are missing or infinite in X \(genes: MS4A1\)/,
    /--drop-missing/,
  ],
  [
    'numbers of unknown kind',
    () =>
      fixture(
        (out) =>
          void out.create_dataset({
            name: 'X',
            data: Float32Array.from(h5ad.counts, (count, at) => count * 13.37 * (1 + (at % 7))),
            shape: [10, 4],
          }),
        false,
      ),
    'SCALE_UNKNOWN',
    /It is not certain what the values of X are/,
    /--verdict NAME/,
  ],
  ['few cells', () => fixture(), 'TOO_FEW_CELLS', /Only 10 cells/, /more cells/],
]

function unreadable(): string {
  // Who may read everything (an administrator) meets the same message at something that is no file.
  const path = file('a.h5ad', 'x')
  if (process.getuid?.() === 0) return '/dev/zero'
  chmodSync(path, 0)
  return path
}

const manyLevels = (): Promise<string> =>
  h5ad.written(temporaryFolder(), 'many.h5ad', (out) => {
    const cells = Array.from({ length: 2002 }, (_, cell) => `c${cell}`)
    const obs = h5ad.frame(out, 'obs', cells, ['barcode_seq'])
    const column = obs.create_group('barcode_seq')
    column.create_attribute('encoding-type', 'categorical')
    h5ad.texts(
      column,
      'categories',
      Array.from({ length: 1001 }, (_, level) => `l${level}`),
    )
    column.create_dataset({ name: 'codes', data: Int16Array.from(cells, (_, cell) => cell % 1001) })
    h5ad.frame(out, 'var', [...h5ad.geneNames], [])
    out
      .create_group('obsm')
      .create_dataset({ name: 'X_pca', data: new Float32Array(2002 * 16).map((_, at) => at % 97), shape: [2002, 16] })
  })

describe('a message', () => {
  it.each(rows)('about %s says cause, place and way out', async (_, make, code, message, remedy) => {
    const found = await answer(await make(), code)
    expect(found.message).toMatch(message)
    expect(found.remedy).toMatch(remedy)
    expect(`${found.message} ${found.remedy}`).not.toMatch(/exception|undefined|NaN|null|\bat line \d+:\d+/i)
  })

  it('about too little disk names both sizes', () => {
    const { message, remedy } = appError('NOT_ENOUGH_DISK', {
      what: 'The import',
      needed: '9.4 GB',
      available: '3.2 GB',
      where: 'on the disk of the project',
      instead: 'take only some of the cells',
    })
    expect(message).toBe('The import would need about 9.4 GB of disk space on the disk of the project; 3.2 GB are free.')
    expect(remedy).toBe('Free some space, or take only some of the cells.')
  })
})

describe('every stop that an answer settles', () => {
  it.each<[string, () => string | Promise<string>, Partial<ImportChoice>]>([
    [
      'DUPLICATE_IDS',
      () =>
        named(
          h5ad.geneNames,
          h5ad.cellNames.map(() => 'same'),
        ),
      { renameDuplicates: true },
    ],
    ['MISSING_NUMBERS', () => gaps(), { dropMissing: true }],
    ['MISSING_EXPRESSION', () => rows.find((row) => row[2] === 'MISSING_EXPRESSION')?.[1]() ?? '', { dropMissing: true }],
    [
      'TEXT_IN_NUMBERS',
      () => table(['cell', 'PC_1', 'PC_2', 'PC_3'], ['a', 1.5, 2, 3], ['b', 'high', 3, 4], ['c', 4.5, 5, 6], ['d', 4.5, 5, 6]),
      { dropMissing: true },
    ],
    ['TABLE_HEADER', () => table([1, 2, 3], [2, 3, 4.5], [3, 4, -6]), { header: 'no' }],
  ])('%s names that one answer, is refused without it and goes away with it', async (code, make, choice) => {
    const path = await make()
    const stop = (await look(path)).problems.find((problem) => problem.code === code)
    expect(stop?.level).toBe('stop')
    expect(stop?.answer).toBe(Object.keys(choice)[0])
    expect(await codeOf(read(path))).toBe(code)
    expect(await codeOf(read(path, choice))).toBe('accepted')
  })
})
