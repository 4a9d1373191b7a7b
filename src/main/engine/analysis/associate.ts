// Compares all latents of a run with all genes over all cells, one gene at a time, and fits the map from the representation to genes
// that decoder rows are read out with where
// the loadings of the representation are not known. Genes are read from the project in blocks.
import type { AssociationReport } from '@contract'
import { seededRandom } from '../../base/random'
import { createAssociator } from '../../science/association'
import { fitRidgeMap, type RidgeMap } from '../../science/ridge-map'
import { createTopLists } from '../../science/top-lists'
import type { Engine } from '../engine'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import type { AssociationLists, GeneMap } from '../store/associations'
import type { GeneBlock } from '../store/dataset'
import { readOutNote } from './read-out'

interface Associating {
  readonly engine: Engine
  readonly project: Project
  readonly context: JobContext
  readonly run: number
}

/** Genes kept per latent, measure and direction. */
const listLength = 50
const mapSeed = 0
const mapStream = 11
/** Work between two breaths, in stored values times latents on per cell: about 20 ms. */
const workPerBreath = 5_000_000

export async function associateRun({ engine, project, context, run }: Associating): Promise<AssociationReport> {
  const map = await geneMap({ engine, project, context, run })
  const lists = await compareAll({ engine, project, context, run })
  const facts = { genes: project.dataset.genes().length, cells: engine.dataset.rows, kept: lists.genes.length }
  context.progress(1, 1, 'storing')
  await context.breathe()
  project.associations.write(run, { lists, facts, map, appVersion: engine.appVersion }, new Date())
  const found = project.associations.geneMapFacts()
  return {
    run,
    latents: lists.indptr.length - 1,
    ...facts,
    readOut: found && { source: found.source, medianR2: found.medianR2, note: readOutNote(found) },
  }
}

async function compareAll({ project, context, run }: Associating): Promise<AssociationLists> {
  context.progress(0, 1, 'reading activations')
  await context.breathe()
  const activations = project.runs.activations(run)
  const associate = createAssociator(activations)
  const lists = createTopLists(activations.columns, 3, listLength)
  const perCell = Math.max(1, activations.values.length / activations.rows)
  let work = 0
  for (const block of project.dataset.geneBlocks()) {
    for (let gene = block.from; gene < block.to; gene++) {
      const own = geneOf(block, gene)
      const { pearson, spearman, auroc } = associate(own)
      lists.offer(gene, [pearson, spearman, auroc])
      work += own.cells.length * perCell + activations.columns * 10
      if (work < workPerBreath) continue
      work = 0
      context.progress(gene, block.genes, 'comparing latents with genes')
      await context.breathe()
    }
  }
  return joinLists(activations.columns, lists)
}

function geneOf({ from, indptr, indices, values }: GeneBlock, gene: number): { cells: Uint32Array; values: Float32Array } {
  const start = (indptr[gene - from] as number) - (indptr[0] as number)
  const end = (indptr[gene - from + 1] as number) - (indptr[0] as number)
  return { cells: indices.subarray(start, end), values: values.subarray(start, end) }
}

function joinLists(latents: number, lists: ReturnType<typeof createTopLists>): AssociationLists {
  const rows = Array.from({ length: latents }, (_, latent) => lists.of(latent))
  const indptr = new Float64Array(latents + 1)
  rows.forEach((row, latent) => (indptr[latent + 1] = (indptr[latent] as number) + row.genes.length))
  const total = indptr[latents] as number
  const genes = new Uint32Array(total)
  const measures = [new Float32Array(total), new Float32Array(total), new Float32Array(total)] as const
  rows.forEach((row, latent) => {
    genes.set(row.genes, indptr[latent])
    row.measures.forEach((values, at) => measures[at]?.set(values, indptr[latent]))
  })
  return { indptr, genes, pearson: measures[0], spearman: measures[1], auroc: measures[2] }
}

/** The map is the same for every run of the data: fitted once. Null when it is there already. */
async function geneMap({ engine, project, context }: Associating): Promise<GeneMap | null> {
  if (project.associations.geneMapFacts()) return null
  const { dims, representation } = engine.dataset
  const genes = project.dataset.genes().length
  // The matrix itself was explained: a decoder row is a row of genes already.
  if (representation === 'X' && engine.dataset.expression === 'X' && dims === genes)
    return {
      source: 'genes',
      penalty: null,
      fitRows: null,
      testRows: null,
      medianR2: null,
      weights: new Float32Array(0),
      r2: null,
    }
  context.progress(0, 1, 'fitting the map to genes')
  await context.breathe()
  const steps = fitRidgeMap(
    project.dataset.representation(),
    dims,
    project.dataset.expression(),
    seededRandom(mapSeed, mapStream),
  )
  let next = steps.next()
  while (!next.done) {
    context.progress(next.value.step, next.value.of, 'fitting the map to genes')
    await context.breathe()
    next = steps.next()
  }
  const fitted = next.value && asGeneMap(next.value)
  const exact = project.dataset.parts.loadings(representation)
  if (exact?.values.length !== dims * genes) return fitted
  const unfitted = { penalty: null, fitRows: null, testRows: null, medianR2: null, r2: null }
  const loadings = { from: exact.from, genes: exact.values.subarray(0, genes).filter((value) => !Number.isNaN(value)).length }
  // The fit stays as the check: how much of a gene the representation holds at all.
  return { ...(fitted ?? unfitted), source: 'loadings', weights: exact.values, loadings }
}

function asGeneMap({ weights, r2, penalty, fitRows, testRows }: RidgeMap): GeneMap {
  const known = r2.filter((value) => !Number.isNaN(value)).sort()
  const medianR2 = known.length === 0 ? null : (known[known.length >> 1] as number)
  return { source: 'ridge', penalty, fitRows, testRows, medianR2, weights, r2 }
}
