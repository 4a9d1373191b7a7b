// Every file of the reference data imports or is refused as its lists say: one row per file, and no file without a row.
import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Inspection } from '@contract'
import * as v from 'valibot'
import { Refusal } from '../../src/main/base/refusal'
import { inspectFile } from '../../src/main/engine/import'
import { loadOntology } from '../../src/main/engine/ontology'
import { shared } from '../shared-folder'

const { genes } = loadOntology(resolve(import.meta.dirname, '../../resources/ontology'), new Date('2023-01-01'))
const data = (name: string): string => join(shared ?? '', 'data', name)

/** Rows × columns of what is read with the codes of its stops, or the code of the refusal; several where either is right. */
type Outcome = readonly string[]
const counts12: Outcome = ['12 × 8']
const table: Readonly<Record<string, Outcome>> = {
  'h5ad/pbmc68k_reduced.h5ad': ['700 × 765'],
  'h5ad/kang-pbmc-ifnb-2000.h5ad': ['2000 × 9015'],
  'h5ad/kang-pbmc-4samples-1556.h5ad': ['1556 × 1267'],
  'h5ad/anndata-0.11.4.h5ad': ['10 × 20 NO_REPRESENTATION'],
  'h5ad/anndata-0.7.8.h5ad': ['30 × 20'],
  'h5ad/cellxgene-nan.h5ad': ['100 × 100 MISSING_EXPRESSION'],
  'h5ad/pbmc-small-seurat-export.h5ad': ['80 × 17'],
  'embeddings/cell-lines-2370x20.npy': ['2370 × 20'],
  'embeddings/cell-lines-2370-meta.csv': ['2370 × 4 NO_REPRESENTATION'],
  'embeddings/pbmc-3500-pcs.tsv.gz': ['3500 × 30'],
  'embeddings/pbmc-3500-meta.tsv.gz': ['3500 × 1 DUPLICATE_IDS NO_REPRESENTATION'],
  'embeddings/gene-codetection-svd64.npy': ['3976 × 64'],
  'embeddings/gene-codetection-svd64.genes.txt': ['FILE_NOT_RECOGNISED'],
  'h5mu/mudata-0.1.2-axis0.h5mu': ['100 × 30 NO_REPRESENTATION'],
  'h5mu/mudata-0.4.1-axis0.h5mu': ['100 × 30 NO_REPRESENTATION'],
  'tenx/filtered_feature_bc_matrix': ['1107 × 507 NO_REPRESENTATION'],
  'tenx/filtered_feature_bc_matrix.h5': ['1107 × 507 NO_REPRESENTATION'],
  'tables/cellbrowser-mini-exprMatrix.tsv.gz': ['7163 × 99 NO_REPRESENTATION'],
  'tables/cellbrowser-mini-meta.tsv': ['4261 × 6 NO_REPRESENTATION'],
  'tables/cellbrowser-mini-tsne.coords.tsv': ['4261 × 2 NO_REPRESENTATION'],
  'tables/immune-559x32786-counts.csv.gz': ['559 × 32786 NO_REPRESENTATION'],
  'simulation/sim_accessibility_scores.npy': ['12000 × 3'],
  'simulation/sim_activity_scores.npy': ['12000 × 1 NO_REPRESENTATION'],
  'simulation/sim_rna_counts.npy': ['12000 × 5'],
  'simulation/sim_tf_scores.npy': ['12000 × 3'],
  'ugly/zero-byte.h5ad': ['FILE_EMPTY'],
  'ugly/zero-byte.csv': ['FILE_EMPTY'],
  'ugly/picture-named.h5ad': ['FILE_NOT_RECOGNISED'],
  'ugly/truncated.h5ad': ['FILE_TRUNCATED'],
  'ugly/really-h5ad.csv': ['12 × 8 NO_REPRESENTATION'],
  'ugly/gzipped-whole.h5ad': ['FILE_NOT_RECOGNISED', '12 × 8'],
  'ugly/excel-named.csv': ['FILE_NOT_RECOGNISED', '12 × 8 NO_REPRESENTATION'],
  'ugly/seurat.rds': ['EXPORT_FIRST'],
  'ugly/bom.csv': ['12 × 8 NO_REPRESENTATION'],
  'ugly/utf16.tsv': ['12 × 8 NO_REPRESENTATION'],
  'ugly/latin1-meta.csv': ['12 × 2 NO_REPRESENTATION'],
  'ugly/semicolon-decimal-comma.csv': ['12 × 4'],
  'ugly/thousands-separators.tsv': ['12 × 8 NO_REPRESENTATION'],
  'ugly/ragged-rows.csv': ['TABLE_RAGGED'],
  'ugly/duplicate-cells.csv': ['12 × 8 DUPLICATE_IDS NO_REPRESENTATION'],
  'ugly/duplicate-genes.csv': ['12 × 8 NO_REPRESENTATION'],
  'ugly/excel-genes.csv': ['12 × 8 NO_REPRESENTATION'],
  'ugly/nan-inf.csv': ['12 × 4 MISSING_NUMBERS'],
  'ugly/zero-and-constant-columns.csv': ['12 × 8 NO_REPRESENTATION'],
  'ugly/negative-counts.csv': ['12 × 8 NO_REPRESENTATION'],
  'ugly/empty-header.csv': ['12 × 8 TABLE_HEADER NO_REPRESENTATION'],
  'ugly/no-header.csv': ['12 × 8 TABLE_HEADER NO_REPRESENTATION'],
  'ugly/r-write-table.txt': ['12 × 8 NO_REPRESENTATION'],
  'ugly/genes-in-rows.csv': ['12 × 8 NO_REPRESENTATION'],
  'ugly/cr-only.csv': ['12 × 8 NO_REPRESENTATION'],
  'ugly/comments-and-quotes.csv': ['12 × 2 NO_REPRESENTATION'],
  'ugly/formula-cells.csv': ['12 × 1 NO_REPRESENTATION'],
  'ugly/path-like-names.csv': ['12 × 8 NO_REPRESENTATION'],
  'ugly/long-name.csv': ['12 × 8 NO_REPRESENTATION'],
  'ugly/emoji-ids.csv': ['12 × 8 NO_REPRESENTATION'],
  'ugly/one-cell.csv': ['1 × 8 NO_REPRESENTATION'],
  'ugly/one-column.csv': ['12 × 1 NO_REPRESENTATION'],
  'ugly/header-only.csv': ['0 × 0 TOO_FEW_CELLS NO_REPRESENTATION'],
  'ugly/text-in-numbers.csv': ['12 × 8 TEXT_IN_NUMBERS MISSING_EXPRESSION NO_REPRESENTATION'],
  'ugly/ucsc-id-symbol.tsv': ['12 × 8 NO_REPRESENTATION'],
  'ugly/truncated.tsv.gz': ['FILE_TRUNCATED'],
  'ugly/zeros-10mb.csv.gz': ['FILE_NOT_RECOGNISED'],
  'ugly/mouse-genes.csv': ['12 × 8 NO_REPRESENTATION'],
  'ugly/numeric-genes.csv': ['12 × 8 NO_REPRESENTATION'],
  'ugly/float16.npy': ['12 × 4'],
  'ugly/big-endian.npy': ['12 × 4'],
  'ugly/fortran.npy': ['12 × 4'],
  'ugly/object-pickle.npy': ['ARRAY_UNFIT'],
  'ugly/one-dimensional.npy': ['ARRAY_UNFIT'],
  'ugly/three-dimensional.npy': ['ARRAY_UNFIT'],
  'ugly/strings.npy': ['ARRAY_UNFIT'],
  'ugly/complex.npy': ['ARRAY_UNFIT'],
  'ugly/wrong-shape.npy': ['FILE_DAMAGED'],
  'ugly/huge-shape.npy': ['FILE_DAMAGED'],
  'ugly/several.npz': ['12 × 4'],
  'ugly/zip-slip.npz': ['12 × 4', 'FILE_NOT_RECOGNISED'],
  'ugly/index.parquet': ['12 × 4', 'FILE_NOT_RECOGNISED'],
  'ugly/arrow.feather': ['12 × 4', 'FILE_NOT_RECOGNISED'],
  'ugly/tensor.pt': ['12 × 4', 'FILE_NOT_RECOGNISED'],
  'ugly/malicious.pt': ['PICKLE_REFUSED'],
  'ugly/no-x.h5ad': ['12 × 0', '12 × 4', '12 × 8'],
  'ugly/categorical-missing.h5ad': counts12,
  'ugly/bytes-index.h5ad': counts12,
  'ugly/csc.h5ad': counts12,
  'ugly/raw-more-genes.h5ad': ['12 × 5'],
  'ugly/layers-counts.h5ad': counts12,
  'ugly/obsm-dataframe.h5ad': counts12,
  'ugly/lzf.h5ad': counts12,
  'ugly/bad-indptr.h5ad': ['12 × 8 FILE_DAMAGED'],
  'ugly/bad-indices.h5ad': ['12 × 8 FILE_DAMAGED'],
  'ugly/sparse-nan.h5ad': ['12 × 8 MISSING_EXPRESSION'],
  'ugly/row-mismatch.h5ad': counts12,
  'ugly/float16-x.h5ad': counts12,
  'ugly/external-link.h5ad': counts12,
  'ugly/unknown-encoding.h5ad': counts12,
  'ugly/plain.h5': ['FILE_NOT_RECOGNISED'],
  'ugly/tiny.loom': counts12,
  'ugly/mtx-10x-v2': counts12,
  'ugly/mtx-wrong-count': ['FILE_DAMAGED'],
  'ugly/mtx-names-mismatch': ['FILE_DAMAGED'],
  'ugly/mtx-transposed': counts12,
}
/** Ontologies, annotations and gene sets: read by the linking, and named by the importer. */
const otherRooms = /\.(?:obo|gaf|gmt|md)$/
const folders = ['h5ad', 'embeddings', 'h5mu', 'tenx', 'tables', 'simulation', 'ugly']

async function outcomeOf(name: string): Promise<string> {
  try {
    const inspection = await inspectFile(data(name), genes)
    v.parse(Inspection, inspection)
    const stops = inspection.problems.flatMap(({ level, code }) => (level === 'stop' ? [code] : []))
    // Tiny files without an embedding stop for want of one; that is not what they are about.
    const told =
      name.startsWith('ugly/') && !name.endsWith('.csv') && !/\.(?:tsv|txt)$/.test(name)
        ? stops.filter((code) => code !== 'NO_REPRESENTATION')
        : stops
    return [`${inspection.rows} × ${inspection.columns}`, ...told].join(' ')
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown.error.code
    throw thrown
  }
}

describe.skipIf(!shared)('every file of the reference data (needs ../shared)', () => {
  it('has its row here', () => {
    const files = folders.flatMap((folder) => readdirSync(data(folder)).map((name) => `${folder}/${name}`))
    expect(files.filter((name) => !otherRooms.test(name) && !(name in table))).toEqual([])
    expect(Object.keys(table).filter((name) => !statSync(data(name), { throwIfNoEntry: false }))).toEqual([])
  })

  it.each(Object.entries(table))('%s', async (name, allowed) => {
    expect(allowed).toContain(await outcomeOf(name))
  })
})
