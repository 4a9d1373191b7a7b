// What an import hands over, with everything in memory instead of scratch files; and a small one: 6 cells, 3 genes.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transpose, type Csr } from '../../src/main/base/sparse'
import type { ImportedBlock, ImportedColumn, ImportedData, ImportedExpression } from '../../src/main/engine/import'
import { Scratch, type NumberFile, type TextFile } from '../../src/main/engine/scratch/folder'
import { PageWriter, rowsOf, type PagedFile } from '../../src/main/engine/scratch/paged'
import { stackRows } from '../../src/main/engine/import/rows'
import type { Project } from '../../src/main/engine/project/project'
import { changeRows } from '../../src/main/science/normalise'

export type WholeExpression = Pick<
  ImportedExpression,
  'key' | 'verdict' | 'verdictSaid' | 'scale' | 'logScale' | 'genes' | 'species' | 'geneTable'
> & {
  /** Cells × genes on the scale of the statistics. */
  readonly matrix: Csr
}

export interface WholeDepth {
  readonly from: string
  readonly total: Float32Array
  readonly detected: Uint32Array
}

/** With the features of each row. */
export type WholeBlock = Omit<ImportedBlock, 'byFeature' | 'depth'> & { readonly matrix: Csr; readonly depth: WholeDepth }

export type WholeImport = Pick<ImportedData, 'sources' | 'fingerprint' | 'report' | 'rowGenes' | 'rowNames'> & {
  readonly depth: WholeDepth | null
  readonly blocks: readonly WholeBlock[]
  readonly cellIds: string[]
  readonly representation: { readonly key: string; readonly dims: number; readonly values: Float32Array }
  readonly expression: WholeExpression | null
  readonly columns: ImportedColumn[]
  readonly map: { readonly name: string; readonly xy: Float32Array } | null
}

/** Reads the scratch files of an import into memory. */
export function wholeOf(data: ImportedData): WholeImport {
  const scratch = new Scratch(data.folder)
  const floats = (list: NumberFile): Float32Array => new Float32Array(scratch.read(list))
  const matrixOf = (file: PagedFile): Csr =>
    stackRows(
      [...rowsOf(scratch, file)].map((block) => block.matrix),
      file.columns,
    )
  const depthOf = ({ from, total, detected }: NonNullable<ImportedData['depth']>): WholeDepth => ({
    from,
    total: floats(total),
    detected: new Uint32Array(scratch.read(detected)),
  })
  const { expression, representation, map, depth } = data
  const matrix = expression && matrixOf(expression.byCell)
  if (expression && matrix) {
    changeRows(matrix, expression.change, expression.factors && new Float64Array(scratch.read(expression.factors)))
  }
  return {
    ...data,
    cellIds: scratch.readTexts(data.cellIds),
    representation: { key: representation.key, dims: representation.dims, values: floats(representation.values) },
    expression: expression && matrix && { ...expression, matrix },
    columns: data.columns.map((column) => ({
      ...column,
      codes: column.kind === 'category' ? new Int32Array(scratch.read(column.values as NumberFile)) : null,
      numbers: column.kind === 'number' ? floats(column.values as NumberFile) : null,
      texts: column.kind === 'text' ? scratch.readTexts(column.values as TextFile) : null,
    })),
    map: map && { name: map.name, xy: floats(map.xy) },
    depth: depth && depthOf(depth),
    blocks: data.blocks.map((block) => ({
      ...block,
      matrix: transpose(matrixOf(block.byFeature)),
      depth: depthOf(block.depth),
    })),
  }
}

/** The way back: as scratch files. */
function filed(whole: WholeImport, scratch: Scratch): ImportedData {
  const depthOf = (name: string, { from, total, detected }: WholeDepth): NonNullable<ImportedData['depth']> => ({
    from,
    total: scratch.write(`${name}-total`, total),
    detected: scratch.write(`${name}-detected`, detected),
  })
  const { expression, map } = whole
  const paged = (name: string, matrix: Csr): PagedFile => {
    const writer = new PageWriter(scratch, name, matrix.columns)
    writer.add(matrix)
    return writer.end()
  }
  return {
    ...whole,
    folder: scratch.folder,
    cellIds: scratch.writeTexts('cells', whole.cellIds),
    representation: { ...whole.representation, values: scratch.write('representation', whole.representation.values) },
    expression: expression && {
      ...expression,
      byCell: paged('by-cell', expression.matrix),
      byGene: paged('by-gene', transpose(expression.matrix)),
      detected: scratch.write(
        'detected',
        Uint32Array.from(expression.matrix.indptr.subarray(1), (end, row) => end - (expression.matrix.indptr[row] ?? 0)),
      ),
      change: 'none',
      factors: null,
    },
    columns: whole.columns.map((column, at) => ({
      ...column,
      values: column.texts
        ? scratch.writeTexts(`column-${at}`, column.texts)
        : scratch.write(`column-${at}`, column.codes ?? column.numbers ?? new Float32Array(0)),
    })),
    map: map && { name: map.name, xy: scratch.write('map', map.xy) },
    depth: whole.depth && depthOf('depth', whole.depth),
    blocks: whole.blocks.map((block, at) => ({
      ...block,
      byFeature: paged(`block-${at}`, transpose(block.matrix)),
      depth: depthOf(`block-${at}`, block.depth),
    })),
  }
}

/** Stores an import in a project. */
export async function store(project: Project, whole: WholeImport): Promise<void> {
  const scratch = new Scratch(mkdtempSync(join(tmpdir(), 'latiscope-test-')))
  try {
    await project.dataset.write(filed(whole, scratch), new Date(), () => Promise.resolve())
  } finally {
    scratch.remove()
  }
}

export function smallImport(): WholeImport {
  return {
    sources: [{ name: 'small.h5ad', bytes: 10, sha256: 'ab', part: 'rows' }],
    fingerprint: 'cd',
    cellIds: ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'],
    representation: { key: 'obsm/X_pca', dims: 2, values: Float32Array.from({ length: 12 }, (_, at) => at / 2) },
    expression: {
      key: 'raw/X',
      verdict: 'log1p',
      verdictSaid: false,
      scale: 'as stored (log values)',
      logScale: true,
      genes: [
        { name: 'CD79A', symbol: 'CD79A', gene: 5, method: 'symbol', detectedCells: 3 },
        { name: 'MS4A1', symbol: 'MS4A1', gene: 6, method: 'symbol', detectedCells: 2 },
        { name: 'LOC1', symbol: null, gene: null, method: 'unmapped', detectedCells: 1 },
      ],
      matrix: {
        rows: 6,
        columns: 3,
        indptr: Float64Array.of(0, 2, 3, 4, 5, 6, 6),
        indices: Uint32Array.of(0, 1, 0, 0, 1, 2),
        values: Float32Array.of(1, 2, 3, 4, 5, 6),
      },
    },
    columns: [
      {
        name: 'type',
        kind: 'category',
        role: 'cell-type',
        levels: ['B', 'T'],
        colours: ['#112233', '#445566'],
        codes: Int32Array.of(0, 0, 0, 1, 1, -1),
        numbers: null,
        texts: null,
      },
      {
        name: 'depth',
        kind: 'number',
        role: null,
        levels: [],
        colours: null,
        codes: null,
        numbers: Float32Array.of(1, 2, 3, 4, 5, NaN),
        texts: null,
      },
    ],
    map: { name: 'X_umap', xy: new Float32Array(12) },
    rowGenes: null,
    rowNames: null,
    depth: null,
    blocks: [],
    report: {
      rows: 6,
      dims: 2,
      genes: 3,
      verdict: 'log1p',
      matched: { both: 6, onlyFile: 0, onlyProject: 0 },
      mapped: { genes: 2, of: 3 },
      problems: [],
      rowKind: 'cells',
      countsFrom: null,
      map: 'X_umap',
    },
  }
}
