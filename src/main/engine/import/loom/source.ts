// Loom files: genes × cells in the file, turned for the project; attributes of columns describe the cells.
// Invariant: the matrix `matrix` is the expression unless the user chooses a layer; nothing is taken for it silently.
import { Refusal, refuse } from '../../../base/refusal'
import { transpose, type Csr } from '../../../base/sparse'
import { plainColumn, textsOf } from '../anndata/column'
import { densePart } from '../anndata/dense'
import { lengthOf } from '../anndata/frame'
import type { DataTree } from '../data-tree'
import type { H5Array } from '../hdf5/array'
import type { H5Tree } from '../hdf5/tree'
import { blockPart, matricesOf, memoryPart, turnedBlocks } from '../parts'
import { warning } from '../problems'
import { runsOf, sparseFromDense, stackRows } from '../rows'
import {
  blockValues,
  type EmbeddingSource,
  type ExpressionSource,
  type Found,
  type Frame,
  type FrameColumn,
  type MatrixPart,
  type OpenSource,
} from '../source-reader'

export const isLoom = (tree: DataTree): boolean => ['matrix', 'row_attrs', 'col_attrs'].every((name) => tree.has(name))

const cellNames = ['CellID', 'cell_id', 'obs_names', 'cell_names', 'barcode', 'Barcode', 'id']
const geneNames = ['Gene', 'gene_names', 'var_names', 'gene_symbols', 'Symbol', 'symbol', 'Accession', 'gene_id', 'id']

export function openLoom(tree: H5Tree): OpenSource {
  const [genes, cells] = shapeOf(tree, 'matrix')
  const cellFrame = attributes(tree, 'col_attrs', cells, cellNames, 'cell ')
  const geneFrame = attributes(tree, 'row_attrs', genes, geneNames, 'gene ')
  const layers = tree.keys('layers').map((name) => expressionAt(tree, `layers/${name}`, `layers/${name}`, geneFrame, cells))
  return {
    kind: 'loom',
    description: 'Loom file',
    endings: ['.loom'],
    columns: genes,
    columnsAre: 'gene',
    cells: cellFrame,
    embeddings: embeddingsOf(tree, cellFrame),
    expressions: [expressionAt(tree, 'matrix', 'X', geneFrame, cells), ...layers],
    logRecorded: false,
    problems: [...cellFrame.problems],
    stops: [],
    colours: () => null,
  }
}

function shapeOf(tree: DataTree, path: string): readonly [number, number] {
  const shape = tree.array(path).shape
  if (shape?.length !== 2) return refuse('FILE_DAMAGED', { file: tree.fileName, why: `${path} is no matrix` })
  return [shape[0] ?? 0, shape[1] ?? 0]
}

function attributes(tree: DataTree, group: string, rows: number, names: readonly string[], madeUp: string): Frame {
  const columns: FrameColumn[] = []
  const problems: Frame['problems'][number][] = []
  for (const name of tree.keys(group)) {
    try {
      const array = tree.array(`${group}/${name}`)
      if ((array.shape?.length ?? 0) > 1) continue
      const values = plainColumn(array)
      if (lengthOf(values) === rows) columns.push({ name, values })
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown
      const message = `Column ${name} cannot be read and is skipped.`
      problems.push(warning('COLUMN_SKIPPED', message, 'Everything else can be imported.'))
    }
  }
  const named = names.flatMap((name) => columns.filter((column) => column.name === name))[0]
  const index = named
    ? textsOf(named.values).map((text) => text ?? '')
    : Array.from({ length: rows }, (_, row) => `${madeUp}${row + 1}`)
  return { rows, index, madeUp: !named, columns: columns.filter((column) => column !== named), problems }
}

function expressionAt(tree: H5Tree, path: string, key: string, genes: Frame, cells: number): ExpressionSource {
  return {
    key,
    rows: cells,
    columns: genes.rows,
    found: attempt(() => turnedPart(key, tree.array(path), genes.rows, cells)),
    genes,
  }
}

function attempt(work: () => MatrixPart): Found<MatrixPart> {
  try {
    return { part: work(), error: null }
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    return { part: null, error: thrown.error }
  }
}

/** Cells × genes from genes × cells: in bands of cells where the chunks of the file allow it, by an external sort otherwise. */
function turnedPart(key: string, array: H5Array, genes: number, cells: number): MatrixPart {
  const stored = densePart(key, array)
  if (stored.rows !== genes || stored.columns !== cells)
    refuse('ROW_MISMATCH', { part: key, found: stored.columns, expected: cells })
  const fitting = Math.max(1, Math.floor((8 * blockValues) / Math.max(1, genes)))
  const chunk = array.chunkColumns
  const band = chunk !== null && chunk <= fitting ? Math.floor(fitting / chunk) * chunk : null
  const cellsOf = (start: number, stop: number): Csr =>
    transpose(sparseFromDense(array.columnNumbers(start, stop), genes, stop - start))
  return blockPart({
    key,
    rows: cells,
    columns: genes,
    dense: false,
    stored: stored.stored,
    sample(wanted) {
      const pieces = runsOf(wanted).flatMap(([start, stop]) => {
        const starts = Array.from({ length: Math.ceil((stop - start) / fitting) }, (_, at) => start + at * fitting)
        return starts.map((from) => cellsOf(from, Math.min(stop, from + fitting)))
      })
      return Promise.resolve(stackRows(pieces, genes))
    },
    async *blocks(tick, scratch) {
      if (band === null) {
        yield* turnedBlocks(matricesOf(stored.blocks(tick, scratch)), cells, scratch)
        return
      }
      for (let start = 0; start < cells; start += band) {
        const stop = Math.min(cells, start + band)
        yield { start, matrix: cellsOf(start, stop) }
        await tick((stop - start) * genes)
      }
    },
  })
}

/** Attributes with two axes, and pairs like _X and _Y. */
function embeddingsOf(tree: DataTree, cells: Frame): EmbeddingSource[] {
  const wide = tree.keys('col_attrs').flatMap((name): EmbeddingSource[] => {
    const key = `col_attrs/${name}`
    const shape = tree.kind(key) === 'dataset' ? tree.array(key).shape : null
    if (shape?.length !== 2) return []
    return [{ key, rows: shape[0] ?? 0, dims: shape[1] ?? 0, found: attempt(() => densePart(key, tree.array(key))), leftOut: [] }]
  })
  const [x, y] = ['_X', '_Y'].map((name) => cells.columns.find((column) => column.name === name)?.values)
  if (x?.kind !== 'number' || y?.kind !== 'number') return wide
  const places = new Float32Array(cells.rows * 2)
  for (let cell = 0; cell < cells.rows; cell++) places.set([x.values[cell] ?? NaN, y.values[cell] ?? NaN], cell * 2)
  const part = memoryPart('col_attrs/_X, _Y', sparseFromDense(places, cells.rows, 2), true)
  return [...wide, { key: part.key, rows: cells.rows, dims: 2, found: { part, error: null }, leftOut: [] }]
}
