// 10x matrices in HDF5: Cell Ranger 3 and later (one group `matrix`) and Cell Ranger 2 (one group per genome).
// Invariant: stored by barcode, so that the stored rows are the cells and nothing has to be turned.
import type { Problem } from '@contract'
import { Refusal, refuse } from '../../../base/refusal'
import { readTexts } from '../anndata/column'
import { sparsePart } from '../anndata/sparse'
import type { DataTree } from '../data-tree'
import { warning } from '../problems'
import type { ExpressionSource, Frame, FrameColumn, OpenSource } from '../source-reader'
import { byFeatureType } from './feature-types'

const parts = ['barcodes', 'data', 'indices', 'indptr']
const hasParts = (tree: DataTree, group: string): boolean => parts.every((name) => tree.has(`${group}/${name}`))
const genomesOf = (tree: DataTree): string[] => tree.keys('/').filter((name) => hasParts(tree, name) && tree.has(`${name}/genes`))

export const isTenxHdf5 = (tree: DataTree): boolean =>
  (hasParts(tree, 'matrix') && tree.has('matrix/features')) || genomesOf(tree).length > 0

export function openTenxHdf5(tree: DataTree): OpenSource {
  const current = hasParts(tree, 'matrix') && tree.has('matrix/features')
  const genomes = current ? ['matrix'] : genomesOf(tree)
  const [first] = genomes
  if (first === undefined) return refuse('FILE_DAMAGED', { file: tree.fileName, why: 'it holds no matrix' })
  const cells = texts(tree, `${first}/barcodes`)
  const problems: Problem[] = []
  const expressions = genomes.flatMap((genome) => {
    const same = genome === first || sameNames(cells, texts(tree, `${genome}/barcodes`))
    if (same) return matrixOf(tree, genome, genome === first ? 'X' : genome, cells.length, current)
    const message = `The genome ${genome} has other barcodes than ${first} and is left out.`
    problems.push(warning('GENOME_LEFT_OUT', message, 'Write the matrix of that genome into a file of its own.'))
    return []
  })
  if (genomes.length > 1) {
    const message = `The file holds several genomes (${genomes.join(', ')}); ${first} is taken as X.`
    problems.push(warning('SEVERAL_GENOMES', message, 'Choose the expression of another genome if that is the one you need.'))
  }
  const frame: Frame = { rows: cells.length, index: cells, madeUp: false, columns: [], problems: [] }
  return {
    kind: '10x-h5',
    description: `10x matrix file (Cell Ranger ${current ? '3 or later' : '2'})`,
    endings: ['.h5'],
    columns: expressions[0]?.columns ?? 0,
    columnsAre: 'gene',
    cells: frame,
    embeddings: [],
    expressions,
    logRecorded: false,
    problems,
    stops: [],
    colours: () => null,
  }
}

const texts = (tree: DataTree, path: string): string[] => readTexts(tree.array(path))
const sameNames = (here: readonly string[], there: readonly string[]): boolean =>
  here.length === there.length && here.every((name, at) => name === there[at])

function matrixOf(tree: DataTree, group: string, key: string, cells: number, current: boolean): ExpressionSource[] {
  const ids = texts(tree, current ? `${group}/features/id` : `${group}/genes`)
  const columns: FrameColumn[] = []
  const column = (path: string, name: string): string[] => {
    if (!tree.has(path)) return []
    const values = texts(tree, path)
    if (values.length === ids.length) columns.push({ name, values: { kind: 'text', texts: values } })
    return values
  }
  column(current ? `${group}/features/name` : `${group}/gene_names`, 'gene_symbols')
  const types = current ? column(`${group}/features/feature_type`, 'feature_types') : []
  const genes: Frame = { rows: ids.length, index: ids, madeUp: false, columns, problems: [] }
  try {
    return byFeatureType(sparsePart(tree, group, key, [cells, ids.length]), genes, types)
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    return [{ key, rows: cells, columns: ids.length, found: { part: null, error: thrown.error }, genes }]
  }
}
