// The table of broken and odd files (EXPECT.md), row by row: accepted with exactly this shape, refused with the listed cause, or asked.
// Details of single formats have tests of their own; this one makes sure that no row is forgotten.
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Inspection, type ImportChoice } from '@contract'
import * as v from 'valibot'
import { Refusal } from '../../src/main/base/refusal'
import { inspectFile } from '../../src/main/engine/import'
import { loadOntology } from '../../src/main/engine/ontology'
import { shared } from '../shared-folder'
import { read as readWhole } from './fixtures/reading'
import type { WholeImport } from './imported-data'

const { genes } = loadOntology(resolve(import.meta.dirname, '../../resources/ontology'), new Date('2023-01-01'))
const ugly = join(shared ?? '', 'data/ugly')
const look = (name: string): Promise<Inspection> => inspectFile(join(ugly, name), genes)
const read = (name: string, choice: Partial<ImportChoice>): Promise<WholeImport> => readWhole(join(ugly, name), choice, { genes })
const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'accepted',
    (thrown: unknown) =>
      thrown instanceof Refusal ? `${thrown.error.code}: ${thrown.error.message} ${thrown.error.remedy}` : String(thrown),
  )

/** Rows and columns of the inspection, the part that is imported, and codes or words that must be said. */
interface Accepted {
  readonly accept: readonly [rows: number, columns: number]
  /** Key that is imported; none for files that cannot be imported alone (metadata). */
  readonly take?: string
  readonly choice?: Partial<ImportChoice>
  readonly verdict?: string
  readonly says?: readonly (string | RegExp)[]
}
type Row =
  | Accepted
  | { readonly refuse: RegExp }
  | { readonly ask: string; readonly accept: readonly [number, number]; readonly says?: RegExp }

const table = (says: readonly (string | RegExp)[] = [], verdict = 'counts'): Accepted => ({
  accept: [12, 8],
  take: 'X',
  verdict,
  says,
})
const array: Accepted = { accept: [12, 4] }
const h5ad = (says: readonly (string | RegExp)[] = [], verdict = 'counts'): Accepted => ({ accept: [12, 8], verdict, says })

const rows: Readonly<Record<string, Row>> = {
  'zero-byte.h5ad': { refuse: /^FILE_EMPTY: .*0 bytes.*copy or download.*cloud/ },
  'zero-byte.csv': { refuse: /^FILE_EMPTY: / },
  'picture-named.h5ad': { refuse: /PNG picture/ },
  'truncated.h5ad': { refuse: /^FILE_TRUNCATED: .*expected [\d,]+ bytes, found [\d,]+/ },
  'really-h5ad.csv': h5ad(['NAME_MISLEADS', /ends in \.csv/]),
  'gzipped-whole.h5ad': { refuse: /HDF5 file compressed with gzip: unpack it first/ },
  'excel-named.csv': { accept: [12, 8], take: 'X', verdict: 'counts', says: [/content is an Excel sheet/] },
  'seurat.rds': { refuse: /^EXPORT_FIRST: .*R object.*write_h5ad/ },
  'bom.csv': table(),
  'utf16.tsv': table(),
  'latin1-meta.csv': { accept: [12, 2], says: ['ENCODING_GUESSED'] },
  'semicolon-decimal-comma.csv': { accept: [12, 4], take: 'semicolon-decimal-comma', says: ['DECIMAL_COMMA'] },
  'thousands-separators.tsv': table(['THOUSANDS_SEPARATORS']),
  'ragged-rows.csv': { refuse: /line 5 has 2 values too many, line 8 has 3 values too few/ },
  'duplicate-cells.csv': { ask: 'DUPLICATE_IDS', accept: [12, 8], says: /2 cell names.*AAAC00GTTC-1, AAAC03GTTC-1/ },
  'duplicate-genes.csv': table([/CD3D, MS4A1/]),
  'excel-genes.csv': table(['GENE_DATES', /1-Sep/]),
  'nan-inf.csv': { ask: 'MISSING_NUMBERS', accept: [12, 4], says: /^6 cells/ },
  'zero-and-constant-columns.csv': table([/LYZ.*GAPDH/]),
  'negative-counts.csv': table(['NEGATIVE_COUNTS', /MS4A1 in AAAC01GTTC-1/], 'unknown'),
  'empty-header.csv': { ask: 'TABLE_HEADER', accept: [12, 8] },
  'no-header.csv': { ask: 'TABLE_HEADER', accept: [12, 8] },
  'r-write-table.txt': table(),
  'genes-in-rows.csv': table(['ROWS_ARE_GENES']),
  'cr-only.csv': table(),
  'comments-and-quotes.csv': { accept: [12, 2] },
  'formula-cells.csv': { accept: [12, 1] },
  'path-like-names.csv': table(['NAMES_BLANK']),
  'long-name.csv': table(),
  'emoji-ids.csv': table(['NAMES_INVISIBLE', 'NAMES_LOOK_ALIKE']),
  'one-cell.csv': { accept: [1, 8], says: ['TOO_FEW_CELLS'] },
  'one-column.csv': { accept: [12, 1] },
  'header-only.csv': { ask: 'TOO_FEW_CELLS', accept: [0, 0] },
  'text-in-numbers.csv': { ask: 'TEXT_IN_NUMBERS', accept: [12, 8], says: /"high" in line 5, column LYZ/ },
  'ucsc-id-symbol.tsv': table(),
  'truncated.tsv.gz': { refuse: /^FILE_TRUNCATED: / },
  'zeros-10mb.csv.gz': { refuse: /not a text table/ },
  'mouse-genes.csv': table(),
  'numeric-genes.csv': table(['GENE_NAMES_LOST']),
  'float16.npy': array,
  'big-endian.npy': array,
  'fortran.npy': array,
  'object-pickle.npy': { refuse: /Python objects.*np\.save\(path, array\.astype\('float32'\)\)/ },
  'one-dimensional.npy': { refuse: /one row of 12 numbers.*rows for the cells and columns for the dimensions/ },
  'three-dimensional.npy': { refuse: /3 × 4 × 5.*np\.save\(path, array\.mean\(axis=1\)/ },
  'strings.npy': { refuse: /text \(12 names\).*list of cell names/ },
  'complex.npy': { refuse: /complex numbers are not supported/ },
  'wrong-shape.npy': { refuse: /1,000 × 512 numbers \(2,048,000 bytes\).*192/ },
  'huge-shape.npy': { refuse: /impossible shape/ },
  'several.npz': { ...array, take: 'embedding' },
  'zip-slip.npz': array,
  'index.parquet': { ...array, take: 'index' },
  'arrow.feather': array,
  'tensor.pt': array,
  'malicious.pt': { refuse: /^PICKLE_REFUSED: .*posix\.mkdir.*never/ },
  'no-x.h5ad': { accept: [12, 8], take: 'obsm/X_scGPT', says: ['NO_EXPRESSION'] },
  'categorical-missing.h5ad': h5ad(),
  'bytes-index.h5ad': h5ad(),
  'csc.h5ad': h5ad(),
  'raw-more-genes.h5ad': { accept: [12, 5], verdict: 'log1p' },
  'layers-counts.h5ad': h5ad([], 'log1p'),
  'obsm-dataframe.h5ad': h5ad(),
  'lzf.h5ad': h5ad(),
  'bad-indptr.h5ad': { ask: 'FILE_DAMAGED', accept: [12, 8], says: /damaged when it was written/ },
  'bad-indices.h5ad': { ask: 'FILE_DAMAGED', accept: [12, 8], says: /column number 99, but there are only 8/ },
  'sparse-nan.h5ad': { ask: 'MISSING_EXPRESSION', accept: [12, 8], says: /^1 values are missing/ },
  'row-mismatch.h5ad': h5ad([/3 cells missing/]),
  'float16-x.h5ad': h5ad(),
  'external-link.h5ad': { accept: [12, 8], says: [/links are not followed/] },
  'unknown-encoding.h5ad': h5ad([/future.*newer way/]),
  'plain.h5': { refuse: /inside: images, notes/ },
  'tiny.loom': h5ad(),
  'mtx-10x-v2/': { accept: [12, 8], verdict: 'counts' },
  'mtx-wrong-count/': { refuse: /promises 500 entries.*89/ },
  'mtx-names-mismatch/': { refuse: /12 columns.*10 barcodes/ },
  'mtx-transposed/': { accept: [12, 8], verdict: 'counts', says: ['MATRIX_TURNED'] },
}

describe.skipIf(!shared)('the table of broken and odd files (needs ../shared)', () => {
  it.each(Object.entries(rows))('%s', async (name, row) => {
    const began = performance.now()
    if ('refuse' in row) {
      expect(await refusal(look(name))).toMatch(row.refuse)
      expect(await refusal(read(name, {}))).toMatch(row.refuse)
    } else {
      const inspection = await look(name)
      v.parse(Inspection, inspection)
      expect([inspection.rows, inspection.columns]).toEqual(row.accept)
      if ('ask' in row) {
        const stop = inspection.problems.find((problem) => problem.level === 'stop' && problem.code === row.ask)
        expect(stop?.message).toMatch(row.says ?? /./)
        const choice = inspection.representations.some((each) => each.suggested) ? {} : { representation: 'X' }
        expect(await refusal(read(name, choice))).toContain(row.ask)
      } else {
        if (row.verdict !== undefined) expect(inspection.expression[0]?.verdict).toBe(row.verdict)
        const said = [
          ...inspection.problems.map((problem) => `${problem.code}: ${problem.message}`),
          ...inspection.representations.map((each) => each.reason),
        ].join('\n')
        for (const words of row.says ?? []) expect(said).toMatch(words)
        const imported = inspection.representations.some((each) => each.usable)
        const outcome = await refusal(read(name, row.take === undefined ? {} : { representation: row.take }))
        if (row.take !== undefined || inspection.representations.some((each) => each.suggested)) expect(outcome).toBe('accepted')
        else expect(outcome).toMatch(imported ? /^(?:accepted|NO_REPRESENTATION)/ : /^NO_REPRESENTATION/)
      }
    }
    expect(performance.now() - began).toBeLessThan(5000)
    for (const place of [process.cwd(), ugly]) expect(existsSync(join(place, 'PICKLE_WAS_EXECUTED'))).toBe(false)
  })

  it('has every row of EXPECT.md that is about data of cells', () => {
    const listed = [...readFileSync(join(ugly, 'EXPECT.md'), 'utf8').matchAll(/^\| `([^`]+)` \|/gm)].map(
      (match) => match[1] ?? '',
    )
    expect(listed.length).toBeGreaterThan(70)
    expect(listed.filter((name) => !/\.(?:obo|gaf|gmt)$/.test(name)).sort()).toEqual(Object.keys(rows).sort())
  })
})
