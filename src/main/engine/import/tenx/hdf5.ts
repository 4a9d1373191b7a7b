// 10x matrices in HDF5: Cell Ranger 3 and later (one group `matrix`) and Cell Ranger 2 (one group per genome).
// Invariant: stored by barcode, so that the stored rows are the cells and nothing has to be turned.
import type { Problem } from '@contract'
import { Refusal, refuse } from '../../../base/refusal'
import { readTexts } from '../anndata/column'
import { sparsePart } from '../anndata/sparse'
import type { DataTree } from '../data-tree'
import { counted, warning } from '../problems'
import type { ExpressionSource, Frame, FrameColumn, OpenSource, Wanted } from '../source-reader'
import { byFeatureType, byGenome } from './feature-types'

const parts = ['barcodes', 'data', 'indices', 'indptr']
const hasParts = (tree: DataTree, group: string): boolean => parts.every((name) => tree.has(`${group}/${name}`))
const genomesOf = (tree: DataTree): string[] => tree.keys('/').filter((name) => hasParts(tree, name) && tree.has(`${name}/genes`))
const isCurrent = (tree: DataTree): boolean => hasParts(tree, 'matrix') && tree.has('matrix/features')

export const isTenxHdf5 = (tree: DataTree): boolean => isCurrent(tree) || genomesOf(tree).length > 0

export function openTenxHdf5(tree: DataTree, wanted: Wanted): OpenSource {
  return isCurrent(tree) ? openCurrent(tree) : openGenomes(tree, wanted)
}

function openCurrent(tree: DataTree): OpenSource {
  const cells = texts(tree, 'matrix/barcodes')
  const problems: Problem[] = []
  const whole = matrixOf(tree, 'matrix', 'X', cells.length, true)
  const genomes = byGenome(whole, tree.has('matrix/features/genome') ? texts(tree, 'matrix/features/genome') : [])
  if (genomes.length > 0) {
    const names = genomes.map((each) => each.key.replace('genome:', '')).join(', ')
    const message = `The matrix holds genes of several genomes (${names}); X holds all of them side by side.`
    problems.push(warning('SEVERAL_GENOMES', message, `For the genes of one genome choose ${genomes[0]?.key ?? ''}.`))
  }
  return sourceOf('3 or later', cells, [...whole, ...genomes], problems)
}

/** Every genome has its own barcodes; the first gives the cells unless another one is asked for by its name. */
function openGenomes(tree: DataTree, { expression }: Wanted): OpenSource {
  const genomes = genomesOf(tree)
  const chosen = genomes.find((name) => name === expression) ?? genomes[0]
  if (chosen === undefined) return refuse('FILE_DAMAGED', { file: tree.fileName, why: 'it holds no matrix' })
  const cells = texts(tree, `${chosen}/barcodes`)
  const expressions = genomes.flatMap((genome) => {
    if (genome === chosen) return matrixOf(tree, genome, 'X', cells.length, false)
    const there = texts(tree, `${genome}/barcodes`)
    const found = matrixOf(tree, genome, genome, there.length, false)
    if (sameNames(cells, there)) return found
    return found.map((each) => ({ ...each, apart: `${counted(there.length)} barcodes of its own; choose it to take these` }))
  })
  const problems: Problem[] = []
  if (genomes.length > 1) {
    const others = genomes.filter((name) => name !== chosen)
    const message = `The file holds several genomes (${genomes.join(', ')}); ${chosen} is taken as X.`
    problems.push(
      warning('SEVERAL_GENOMES', message, `Choose the expression ${others.join(' or ')} if that is the one you need.`),
    )
  }
  const source = sourceOf('2', cells, expressions, problems)
  return { ...source, localKey: (key) => (key === chosen ? 'X' : key) }
}

function sourceOf(
  version: string,
  cells: readonly string[],
  expressions: readonly ExpressionSource[],
  problems: readonly Problem[],
): OpenSource {
  return {
    kind: '10x-h5',
    description: `10x matrix file (Cell Ranger ${version})`,
    endings: ['.h5'],
    columns: expressions[0]?.columns ?? 0,
    columnsAre: 'gene',
    cells: { rows: cells.length, index: cells, madeUp: false, columns: [], problems: [] },
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
