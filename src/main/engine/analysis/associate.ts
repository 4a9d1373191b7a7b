// Compares all latents of a run with all genes over all cells, one gene at a time, and fits the map from the representation to genes
// that decoder rows are read out with where the loadings of the representation are not known. Genes and cells are read from the
// project in blocks, so that memory does not grow with them.
import type { AssociationReport } from '@contract'
import { seededRandom } from '../../base/random'
import type { Csr } from '../../base/sparse'
import { createAssociator } from '../../science/association'
import { fitRidgeMap, workOfMap, type RidgeMap } from '../../science/ridge-map'
import { createTopLists } from '../../science/top-lists'
import type { Engine } from '../engine'
import { Forecast } from '../jobs/forecast'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import type { AssociationLists, GeneMap } from '../store/associations'
import type { GeneBlock } from '../store/expression'
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
/** Work between two breaths, in products added up: about 20 ms. */
const workPerBreath = 5_000_000
/** Seconds that one unit usually takes: a product added up, a multiplication of the map. */
const usually = { compared: 3e-9, mapped: 1.5e-9 } as const
/** Steps that the job is told in. */
const toldSteps = 1000

export async function associateRun({ engine, project, context, run }: Associating): Promise<AssociationReport> {
  context.progress(0, toldSteps, 'reading activations')
  await context.breathe()
  const activations = project.runs.activations(run)
  const course = courseOf({ engine, project, context, run }, activations)
  const lists = await compareAll(project, activations, course)
  const map = await geneMap({ engine, project, context, run }, course)
  const facts = { genes: project.dataset.genes().length, cells: engine.dataset.rows, kept: lists.genes.length }
  context.progress(toldSteps, toldSteps, 'storing', 0)
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

/** Tells how far the job is, and lets others work. */
type Tell = (kind: Kind, phase: string, done: number) => Promise<void>
type Kind = 'compared' | 'mapped'
interface Course {
  readonly compared: number
  readonly mapped: number
  readonly tell: Tell
}

/** Plans the job: genes against latents first, which takes longest, then the map where it is not there yet. */
function courseOf({ engine, project, context }: Associating, activations: Csr): Course {
  const { stored, rows: genes } = project.dataset.expressionByGene()
  const compared = stored * costPerValue(activations) + genes * activations.columns * costPerPair
  const mapped = needsMap(engine, project) ? workOfMap(engine.dataset.dims, project.dataset.expressionByCell()) : 0
  const seconds = (): number => performance.now() / 1000
  const forecast = new Forecast<Kind>(
    { compared: { of: compared, usual: usually.compared }, mapped: { of: mapped, usual: usually.mapped } },
    seconds(),
  )
  const tell: Tell = async (kind, phase, done) => {
    forecast.note(seconds(), { [kind]: { done, of: kind === 'compared' ? compared : mapped } })
    context.progress(Math.floor(forecast.share * toldSteps), toldSteps, phase, forecast.secondsLeft)
    await context.breathe()
  }
  return { compared, mapped, tell }
}

/** Sorting one stored value costs as much as adding up about so many products. */
const sortCost = 12
const costPerPair = 8
const costPerValue = ({ values, rows }: Csr): number => sortCost + values.length / Math.max(1, rows)

async function compareAll(project: Project, activations: Csr, { compared, tell }: Course): Promise<AssociationLists> {
  const associate = createAssociator(activations)
  const lists = createTopLists(activations.columns, 3, listLength)
  const perValue = costPerValue(activations)
  let [done, since] = [0, 0]
  // The time that ranking the activations took says nothing about the genes.
  await tell('compared', 'comparing features with genes', 0)
  for (const block of project.dataset.geneBlocks()) {
    for (let gene = block.from; gene < block.to; gene++) {
      const own = geneOf(block, gene)
      const { pearson, spearman, auroc } = associate(own)
      lists.offer(gene, [pearson, spearman, auroc])
      const work = own.cells.length * perValue + activations.columns * costPerPair
      done += work
      since += work
      if (since < workPerBreath) continue
      since = 0
      await tell('compared', 'comparing features with genes', done)
    }
  }
  await tell('compared', 'comparing features with genes', compared)
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

/** The matrix itself was explained: a decoder row is a row of genes already. */
function explainsGenes({ dataset }: Engine, project: Project): boolean {
  const { representation, expression, dims } = dataset
  return representation === 'X' && expression === 'X' && dims === project.dataset.genes().length
}

/** The map is the same for every run of the data: fitted once. */
const needsMap = (engine: Engine, project: Project): boolean =>
  project.associations.geneMapFacts() === null && !explainsGenes(engine, project)

/** Null when it is there already. */
async function geneMap({ engine, project }: Associating, { mapped, tell }: Course): Promise<GeneMap | null> {
  const unfitted = { penalty: null, fitRows: null, testRows: null, medianR2: null, r2: null }
  if (!needsMap(engine, project))
    return explainsGenes(engine, project) && !project.associations.geneMapFacts()
      ? { ...unfitted, source: 'genes', weights: new Float32Array(0) }
      : null
  const { dims, representation } = engine.dataset
  const genes = project.dataset.genes().length
  const steps = fitRidgeMap(
    project.dataset.representation(),
    dims,
    project.dataset.expressionByCell(),
    seededRandom(mapSeed, mapStream),
  )
  let next = steps.next()
  while (!next.done) {
    await tell('mapped', 'fitting the map to genes', next.value.done)
    next = steps.next()
  }
  await tell('mapped', 'fitting the map to genes', mapped)
  const fitted = next.value && asGeneMap(next.value)
  const exact = project.dataset.parts.loadings(representation)
  if (exact?.values.length !== dims * genes) return fitted
  const loadings = { from: exact.from, genes: exact.values.subarray(0, genes).filter((value) => !Number.isNaN(value)).length }
  // The fit stays as the check: how much of a gene the representation holds at all.
  return { ...(fitted ?? unfitted), source: 'loadings', weights: exact.values, loadings }
}

function asGeneMap({ weights, r2, penalty, fitRows, testRows }: RidgeMap): GeneMap {
  const known = r2.filter((value) => !Number.isNaN(value)).sort()
  const medianR2 = known.length === 0 ? null : (known[known.length >> 1] as number)
  return { source: 'ridge', penalty, fitRows, testRows, medianR2, weights, r2 }
}
