// Ranks all genes between two groups of cells. Few cells are gathered from their rows and sorted; many are found by walking the
// values of every gene, sorted once. Both ways give the same numbers.
import { transpose, type Csr } from '../base/sparse'
import { compareGenes, type GeneEffects, type SortedGenes } from './gene-comparison'
import { addKey, unpack } from './packed-sort'

export type { GeneEffects } from './gene-comparison'

export interface GeneRanker {
  readonly cells: number
  readonly genes: number
  /** The matrix it ranks, cells × genes. */
  readonly matrix: Csr
  /** Row numbers of two groups without common members. */
  rank(active: Uint32Array, reference: Uint32Array): GeneEffects
}

/** Gathering and sorting one stored value costs about as much as walking past this many. */
const gatherCost = 20

/** @param matrix cells × genes, finite values, fewer than 2^29 cells @param prefer which way to go; by default the cheaper one */
export function createGeneRanker(matrix: Csr, prefer?: 'gather' | 'walk'): GeneRanker {
  let sorted: Omit<SortedGenes, 'labels'> | null = null
  const labels = new Uint8Array(matrix.rows)
  const gather = createGatherer(matrix)
  const walkAll = (active: Uint32Array, reference: Uint32Array): GeneEffects => {
    sorted ??= sortGenes(matrix)
    for (const cell of reference) labels[cell] = 2
    for (const cell of active) labels[cell] = 1
    const effects = compareGenes({ ...sorted, labels }, active.length, reference.length)
    for (const cell of reference) labels[cell] = 0
    for (const cell of active) labels[cell] = 0
    return effects
  }
  const stored = (cells: Uint32Array): number =>
    cells.reduce((sum, cell) => sum + (matrix.indptr[cell + 1] as number) - (matrix.indptr[cell] as number), 0)
  return {
    cells: matrix.rows,
    genes: matrix.columns,
    matrix,
    rank: (active, reference) => {
      const few = gatherCost * (stored(active) + stored(reference)) < matrix.indices.length
      return (prefer ?? (few ? 'gather' : 'walk')) === 'gather'
        ? compareGenes(gather(active, reference), active.length, reference.length)
        : walkAll(active, reference)
    },
  }
}

/** Every gene's values with their cells, ascending. */
function sortGenes(matrix: Csr): Omit<SortedGenes, 'labels'> {
  const { rows: genes, indptr, indices: cells, values } = transpose(matrix)
  const positives = new Float64Array(genes)
  for (let gene = 0; gene < genes; gene++) {
    const from = indptr[gene] as number
    const to = indptr[gene + 1] as number
    const packed = Float64Array.from(values.subarray(from, to))
    const words = new Uint32Array(packed.buffer)
    for (let at = 0; at < packed.length; at++) addKey(words, at, cells[from + at] as number)
    packed.sort()
    unpack(packed, cells, values, from)
    positives[gene] = firstPositive(values, from, to)
  }
  return { indptr, cells, values, positives }
}

function firstPositive(values: Float32Array, from: number, to: number): number {
  let at = from
  while (at < to && (values[at] as number) <= 0) at++
  return at
}

/** Labels of gathered values are their own keys. */
const identity = Uint8Array.of(0, 1, 2)

/** Collects the values of two groups gene by gene, sorted; buffers are kept from call to call. */
function createGatherer(matrix: Csr): (active: Uint32Array, reference: Uint32Array) => SortedGenes {
  const indptr = new Float64Array(matrix.columns + 1)
  const next = new Float64Array(matrix.columns)
  const positives = new Float64Array(matrix.columns)
  let packed = new Float64Array(0)
  let keys = new Uint32Array(0)
  let values = new Float32Array(0)
  return (active, reference) => {
    indptr.fill(0)
    for (const cells of [active, reference]) countGenes(matrix, cells, indptr)
    for (let gene = 0; gene < matrix.columns; gene++) {
      next[gene] = indptr[gene] as number
      indptr[gene + 1] = (indptr[gene + 1] as number) + (indptr[gene] as number)
    }
    const total = indptr[matrix.columns] as number
    if (packed.length < total) {
      packed = new Float64Array(total + total / 4)
      keys = new Uint32Array(packed.length)
      values = new Float32Array(packed.length)
    }
    const words = new Uint32Array(packed.buffer)
    place(matrix, active, 1, { packed, words, next })
    place(matrix, reference, 2, { packed, words, next })
    for (let gene = 0; gene < matrix.columns; gene++) sortStretch(packed, indptr[gene] as number, indptr[gene + 1] as number)
    unpack(packed.subarray(0, total), keys, values, 0)
    for (let gene = 0; gene < matrix.columns; gene++)
      positives[gene] = firstPositive(values, indptr[gene] as number, indptr[gene + 1] as number)
    return { indptr, cells: keys, values, positives, labels: identity }
  }
}

/** Adds to `counts[gene + 1]` how many values the cells have. */
function countGenes({ indptr, indices }: Csr, cells: Uint32Array, counts: Float64Array): void {
  for (const cell of cells) {
    const end = indptr[cell + 1] as number
    for (let at = indptr[cell] as number; at < end; at++) {
      const slot = (indices[at] as number) + 1
      counts[slot] = (counts[slot] as number) + 1
    }
  }
}

interface Gathering {
  readonly packed: Float64Array
  readonly words: Uint32Array
  /** Next free place of each gene. */
  readonly next: Float64Array
}

function place({ indptr, indices, values }: Csr, cells: Uint32Array, label: number, { packed, words, next }: Gathering): void {
  for (const cell of cells) {
    const end = indptr[cell + 1] as number
    for (let at = indptr[cell] as number; at < end; at++) {
      const gene = indices[at] as number
      const slot = next[gene] as number
      next[gene] = slot + 1
      packed[slot] = values[at] as number
      addKey(words, slot, label)
    }
  }
}

/** Below this length, sorting by insertion is faster than calling the engine's sort. */
const shortStretch = 24

function sortStretch(numbers: Float64Array, from: number, to: number): void {
  if (to - from > shortStretch) {
    numbers.subarray(from, to).sort()
    return
  }
  for (let at = from + 1; at < to; at++) {
    const value = numbers[at] as number
    let hole = at
    while (hole > from && (numbers[hole - 1] as number) > value) {
      numbers[hole] = numbers[hole - 1] as number
      hole--
    }
    numbers[hole] = value
  }
}
