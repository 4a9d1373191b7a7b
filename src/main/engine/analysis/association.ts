// The genes that rise and fall with a latent over all cells, and what is left of that once depth or batches are taken out.
import type { LatentAssociation } from '@contract'
import { refuse } from '../../base/refusal'
import type { SparseRow } from '../../base/sparse'
import { liftedRanks } from '../../science/association'
import { createSparsePearson, createWithinPearson, partialCorrelation, type SparseList } from '../../science/partial-correlation'
import type { Engine } from '../engine'
import type { StoredColumn } from '../store/dataset'
import { columnOfRole } from './link-settings'
import { readDecoder } from './read-out'

const note =
  'Over all cells, one by one: cells of one donor are not independent, so no p value is given. Correlations of features that are rarely on stay small; AUROC compares cells in which it is on with all others.'

type Correlated = LatentAssociation['correlated'][number]
type Given = Pick<Correlated, 'partial' | 'partialSpearman' | 'withinBatch'>
/** A gene's values and ranks, with its plain correlations. */
interface Gene {
  readonly values: SparseList
  readonly ranks: SparseList
  readonly pearson: number
  readonly spearman: number
}
type Adjust = (gene: Gene) => Given

/**
 * Null until latents were compared with genes.
 * @param batch a column of categories; absent: the one with the role batch @throws Refusal NOTHING_FOUND for a column that is none
 */
export function readAssociation(engine: Engine, run: number, latent: number, batch?: string): LatentAssociation | null {
  const { associations, dataset, runs } = engine.project
  const facts = associations.facts(run)
  if (!facts) return null
  const column = batchColumn(engine, batch)
  const genes = dataset.genes()
  const lists = associations.ofLatent(run, latent)
  const value = (of: Float32Array, at: number): number | null => (Number.isNaN(of[at]) ? null : (of[at] as number))
  const own = runs.activationOf(run, latent)
  const adjusts = [givenDepth(engine, own), column && givenBatch(engine, own, column)].filter((adjust) => adjust !== null)
  const given = adjustAll(engine, lists, adjusts)
  const correlated = Array.from(lists.genes, (gene, at) => ({
    gene: genes[gene]?.name ?? '',
    pearson: value(lists.pearson, at),
    spearman: value(lists.spearman, at),
    auroc: value(lists.auroc, at),
    ...given[at],
  }))
  return {
    cells: facts.cells,
    genes: facts.genes,
    note,
    correlated: correlated.sort((a, b) => (b.spearman ?? 0) - (a.spearman ?? 0) || (a.gene < b.gene ? -1 : 1)),
    batch: column && { column: column.name, values: column.levels.length },
    decoder: readDecoder(engine, run, latent),
  }
}

function batchColumn({ project }: Engine, name: string | undefined): StoredColumn | null {
  if (name === undefined) return columnOfRole(project, 'batch')
  const found = project.dataset.columns().find((column) => column.name === name && column.kind === 'category')
  return found ?? refuse('NOTHING_FOUND', { what: `a column of categories called ${name}` })
}

interface Lists {
  readonly genes: Uint32Array
  readonly pearson: Float32Array
  readonly spearman: Float32Array
}

/** Reads each gene once, for all that is to be taken out. One entry per gene. */
function adjustAll(engine: Engine, { genes, pearson, spearman }: Lists, adjusts: readonly Adjust[]): Given[] {
  if (adjusts.length === 0 || genes.length === 0) return []
  const cells = engine.dataset.rows
  return Array.from(engine.project.dataset.expressionByGene().rowsAt(genes), (values: SparseRow, at) => {
    const ranks = { indices: values.indices, values: liftedRanks(values.values, cells) }
    const gene = { values, ranks, pearson: pearson[at] as number, spearman: spearman[at] as number }
    const found: Given = {}
    for (const adjust of adjusts) Object.assign(found, adjust(gene))
    return found
  })
}

const partialOf = (plain: number | null, own: number | null, other: number | null): number | null =>
  plain === null || own === null || other === null || Number.isNaN(plain) ? null : partialCorrelation(plain, own, other)

interface Activation {
  readonly indices: Uint32Array
  readonly values: Float32Array
}

const ranksOf = ({ indices, values }: Activation, cells: number): SparseList => ({
  indices,
  values: liftedRanks(values, cells),
})

/** Counts per cell, as they are and as ln(1 + counts); null where they are not known. */
function depthOf({ project }: Engine): { readonly total: Float32Array; readonly log: Float64Array } | null {
  const depth = project.dataset.parts.depth()
  return depth && { total: depth.total, log: Float64Array.from(depth.total, (total) => Math.log1p(total)) }
}

function givenDepth(engine: Engine, activation: Activation): Adjust | null {
  const depth = depthOf(engine)
  if (!depth) return null
  const cells = depth.total.length
  const withDepth = createSparsePearson(depth.log)
  const withRank = createSparsePearson(liftedRanks(depth.total, cells))
  const [own, ownRank] = [withDepth(activation), withRank(ranksOf(activation, cells))]
  return ({ values, ranks, pearson, spearman }) => ({
    partial: partialOf(pearson, own, withDepth(values)),
    partialSpearman: partialOf(spearman, ownRank, withRank(ranks)),
  })
}

function givenBatch(engine: Engine, activation: Activation, column: StoredColumn): Adjust {
  const codes = engine.project.dataset.codes(column)
  const kept = codes.reduce((count, code) => count + (code >= 0 ? 1 : 0), 0)
  // Cells without a batch are out before ranks are given.
  const known = ({ indices, values }: Activation): Activation => {
    const at = Uint32Array.from(indices.keys()).filter((place) => (codes[indices[place] as number] as number) >= 0)
    return {
      indices: at.map((place) => indices[place] as number),
      values: Float32Array.from(at, (place) => values[place] as number),
    }
  }
  const pearsonWith = createWithinPearson(codes, column.levels.length)
  const own = known(activation)
  const [withOwn, withRank] = [pearsonWith(own), pearsonWith(ranksOf(own, kept))]
  const depth = depthOf(engine)
  const withDepth = depth && pearsonWith({ indices: Uint32Array.from(depth.log.keys()), values: depth.log })
  const ownDepth = withDepth && withDepth(own)
  return ({ values }) => {
    const gene = known(values as Activation)
    const pearson = withOwn(gene)
    return {
      withinBatch: {
        pearson,
        spearman: withRank(ranksOf(gene, kept)),
        ...(withDepth ? { partial: partialOf(pearson, ownDepth, withDepth(gene)) } : {}),
      },
    }
  }
}
