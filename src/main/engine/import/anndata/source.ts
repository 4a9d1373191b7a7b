// AnnData (.h5ad) of every generation: before 0.7 (compound datasets), 0.7 (object references), 0.8 to today.
// Invariant: a part that cannot be read is described, not thrown, so that the rest of the file stays usable.
import { limits, type Problem } from '@contract'
import { refuse, Refusal } from '../../../base/refusal'
import type { DataTree } from '../data-tree'
import { warning } from '../problems'
import type { EmbeddingSource, ExpressionSource, Found, Frame, MatrixPart, OpenSource } from '../source-reader'
import { textsOf, plainColumn } from './column'
import { densePart, fieldPart, framePart } from './dense'
import { indexOf, readFrame } from './frame'
import { loadingsOf } from './loadings'
import { isSparse, sparsePart, sparseShape } from './sparse'

/** The AnnData layout at the root of `tree`, which must have `obs` and `var`. */
export function openAnndata(tree: DataTree): OpenSource {
  const size = matrixSize(tree, 'X')
  const cells = readFrame(tree, 'obs', size?.[0] ?? null)
  const genes = readFrame(tree, 'var', size?.[1] ?? null)
  if (cells.rows > limits.rows)
    refuse('PART_UNREADABLE', { part: 'obs', why: `it has ${cells.rows} cells; the limit is ${limits.rows}` })
  const problems: Problem[] = [...cells.problems]
  if (tree.has('raw') && tree.has('raw.X')) {
    problems.push(
      warning(
        'RAW_TWICE',
        'The file holds raw values twice (raw and raw.X); raw is used.',
        'Write the file again with a current anndata.',
      ),
    )
  }
  return {
    kind: 'h5ad',
    description: describe(tree),
    endings: ['.h5ad'],
    columns: genes.rows,
    columnsAre: 'gene',
    cells,
    embeddings: embeddings(tree, cells.rows),
    expressions: expressions(tree, cells.rows, genes),
    logRecorded: tree.has('uns/log1p'),
    problems,
    stops: [],
    colours: (column, levels) => colours(tree, column, levels),
    loadings: (representation) => loadingsOf(tree, representation, genes),
  }
}

function describe(tree: DataTree): string {
  if (tree.kind('obs') === 'dataset') return 'AnnData file (old layout, before anndata 0.7)'
  if (tree.text('/', 'encoding-type') === null) return 'AnnData file (layout of anndata 0.7)'
  return 'AnnData file'
}

/** Shape of a matrix without reading it, or null. */
function matrixSize(tree: DataTree, path: string): readonly [number, number] | null {
  try {
    if (tree.kind(path) === 'group') return sparseShape(tree, path)
    if (tree.kind(path) !== 'dataset') return null
    const shape = tree.array(path).shape
    return shape?.[0] === undefined ? null : [shape[0], shape[1] ?? 1]
  } catch (thrown) {
    if (thrown instanceof Refusal) return null
    throw thrown
  }
}

/** Reads on, or keeps the reason why this part cannot be read. */
function attempt(work: () => MatrixPart): Found<MatrixPart> {
  try {
    return { part: work(), error: null }
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    return { part: null, error: thrown.error }
  }
}

function matrixAt(tree: DataTree, path: string, key: string, fallback: readonly [number, number]): MatrixPart {
  if (isSparse(tree, path)) return sparsePart(tree, path, key, fallback)
  if (tree.kind(path) === 'group') {
    const encoding = tree.text(path, 'encoding-type')
    refuse('PART_UNREADABLE', { part: key, why: `it is stored in an unknown way${encoding ? ` (${encoding})` : ''}` })
  }
  return densePart(key, tree.array(path))
}

function expressions(tree: DataTree, cells: number, genes: Frame): ExpressionSource[] {
  const found: ExpressionSource[] = []
  const add = (path: string, key: string, frame: Frame): void => {
    const size = matrixSize(tree, path)
    const part = attempt(() => checkedSize(matrixAt(tree, path, key, [cells, frame.rows]), cells, frame.rows))
    found.push({ key, rows: size?.[0] ?? cells, columns: size?.[1] ?? frame.rows, found: part, genes: frame })
  }
  if (tree.has('X') && !isNothing(tree, 'X')) add('X', 'X', genes)
  const raw = tree.has('raw/X') ? 'raw/' : tree.has('raw.X') ? 'raw.' : null
  if (raw !== null && tree.has(`${raw}var`))
    add(`${raw}X`, 'raw/X', readFrame(tree, `${raw}var`, matrixSize(tree, `${raw}X`)?.[1] ?? null))
  for (const name of tree.keys('layers')) add(`layers/${name}`, `layers/${name}`, genes)
  return found
}

/** An X that was declared without values (older writers do this for "no matrix"). */
function isNothing(tree: DataTree, path: string): boolean {
  return (
    tree.text(path, 'encoding-type') === 'null' ||
    (tree.kind(path) === 'dataset' && matrixSize(tree, path) === null && !tree.attribute(path, 'shape'))
  )
}

function checkedSize(part: MatrixPart, rows: number, columns: number): MatrixPart {
  if (part.rows !== rows) refuse('ROW_MISMATCH', { part: part.key, found: part.rows, expected: rows })
  if (part.columns !== columns) {
    refuse('PART_UNREADABLE', { part: part.key, why: `it has ${part.columns} columns, but ${columns} genes are named` })
  }
  if (part.columns > limits.genes)
    refuse('PART_UNREADABLE', { part: part.key, why: `it has ${part.columns} genes; the limit is ${limits.genes}` })
  return part
}

/** The representations below `obsm`. */
export function embeddings(tree: DataTree, cells: number): EmbeddingSource[] {
  if (tree.kind('obsm') === 'dataset') return compoundEmbeddings(tree, cells)
  return embeddingsBelow(tree, 'obsm', cells, { groups: 0 })
}

/** A group of a file may hold itself under another name, and so have no end. */
const mostGroups = 50
const deepestGroup = 4

/** Names with a slash in them are stored as nested groups. */
function embeddingsBelow(tree: DataTree, path: string, cells: number, seen: { groups: number }): EmbeddingSource[] {
  return tree.keys(path).flatMap((name) => {
    const key = `${path}/${name}`
    const plainGroup =
      tree.kind(key) === 'group' &&
      !isSparse(tree, key) &&
      tree.text(key, 'encoding-type') === null &&
      indexOf(tree, key) === null
    if (!plainGroup) return [embeddingAt(tree, key, cells)]
    return ++seen.groups > mostGroups || key.split('/').length > deepestGroup ? [] : embeddingsBelow(tree, key, cells, seen)
  })
}

function embeddingAt(tree: DataTree, key: string, cells: number): EmbeddingSource {
  let size = matrixSize(tree, key)
  let leftOut: string[] = []
  const found = attempt(() => {
    const table = tree.kind(key) === 'group' && !isSparse(tree, key) && indexOf(tree, key) !== null
    const frame = table ? readFrame(tree, key, null) : null
    if (frame) leftOut = frame.columns.flatMap((column) => (column.values.kind === 'number' ? [] : [column.name]))
    const part = frame ? framePart(key, frame) : matrixAt(tree, key, key, [cells, 0])
    size = [part.rows, part.columns]
    return part
  })
  return { key, rows: size?.[0] ?? 0, dims: size?.[1] ?? 0, found, leftOut }
}

function compoundEmbeddings(tree: DataTree, cells: number): EmbeddingSource[] {
  const array = tree.array('obsm')
  return (array.fields ?? []).map((field) => {
    const key = `obsm/${field.name}`
    const found = attempt(() => fieldPart(key, array, field))
    return { key, rows: found.part?.rows ?? cells, dims: found.part?.columns ?? 0, found, leftOut: [] }
  })
}

const hexColour = /^#([0-9a-f]{6})(?:[0-9a-f]{2})?$/i

function colours(tree: DataTree, column: string, levels: number): readonly string[] | null {
  const path = `uns/${column}_colors`
  if (tree.kind(path) !== 'dataset') return null
  try {
    const stored = textsOf(plainColumn(tree.array(path)))
    const hex = stored.map((colour) => hexColour.exec(colour ?? '')?.[1]?.toLowerCase())
    return hex.length === levels && hex.every((colour) => colour !== undefined) ? hex.map((colour) => `#${colour}`) : null
  } catch (thrown) {
    if (thrown instanceof Refusal) return null
    throw thrown
  }
}
