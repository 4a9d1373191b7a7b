// Links a finished run to genes and terms and stores the result as an immutable row keyed by its settings.
import { createHash } from 'node:crypto'
import type { LinkReport, LinkRequest } from '@contract'
import type { Csr } from '../../base/sparse'
import { createGeneRanker } from '../../science/gene-ranking'
import { linkLatents, type LatentLink, type LinkResult } from '../../science/link'
import type { GeneFacts } from '../../science/study-list'
import type { TermSets } from '../../science/term-sets'
import type { Engine } from '../engine'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import type { StoredGene } from '../store/dataset'
import type { LinkingSettings, NewLinking, StoredGeneLink, StoredLinking, StoredTermLink } from '../store/linkings'
import { termSource } from './term-source'

interface Linking {
  readonly engine: Engine
  readonly project: Project
  readonly context: JobContext
  readonly run: number
  readonly request: LinkRequest
}

const linkingSeed = 0

/** Runs the linking, or answers the stored result when the same settings were run before. */
export async function linkRun(linking: Linking): Promise<LinkReport> {
  const { engine, project, context, run, request } = linking
  const { aspect, background, evidence, shuffles } = request
  context.progress(0, 1, 'reading terms')
  await context.breathe()
  const source = await termSource(engine, request)
  const settings: LinkingSettings = { aspect, background, evidence, shuffles, seed: linkingSeed }
  const settingsHash = createHash('sha256')
    .update(JSON.stringify([settings, source.key, engine.appVersion]))
    .digest('hex')
  const known = project.linkings.same(run, aspect, settingsHash)
  if (known) return { ...reportOf(known), source: source.reference }

  context.progress(0, 1, 'reading expression')
  await context.breathe()
  const dataset = engine.dataset
  const expression = project.dataset.expression()
  const genes = project.dataset.genes()
  const { sets, reference } = source
  await context.breathe()
  const steps = linkLatents({
    activations: project.runs.byLatent(run),
    ranker: createGeneRanker(expression),
    strata: strataOf(project),
    genes: geneFacts(genes, source.geneOf, expression),
    sets,
    options: { background, seed: linkingSeed, shuffles, log2PerUnit: dataset.logScale ? 1 / Math.LN2 : null },
  })
  let next = steps.next()
  while (!next.done) {
    context.progress(next.value.step, next.value.of, next.value.phase)
    await context.breathe()
    next = steps.next()
  }
  const report = { ...summarise(run, request, next.value), source: reference }
  project.linkings.write(
    {
      run,
      settings,
      settingsHash,
      ontologyRelease: reference.release,
      annotationRelease: reference.annotations,
      appVersion: engine.appVersion,
      report,
      source: { reference, terms: source.keptTerms },
      ...rowsOf(next.value.latents, genes, sets),
    },
    new Date(),
  )
  return report
}

function reportOf(known: StoredLinking): LinkReport {
  return {
    run: known.run,
    aspect: known.aspect,
    tested: { latents: known.testedLatents, terms: known.testedTerms },
    background: { kind: known.backgroundKind, genes: known.backgroundSize },
    significant: { latents: known.significantLatents, pairs: known.significantPairs },
    shuffled: { copies: known.shuffledCopies, withTerm: known.shuffledWithTerm },
  }
}

function summarise(run: number, request: LinkRequest, result: LinkResult): LinkReport {
  return {
    run,
    aspect: request.aspect,
    tested: { latents: result.testedLatents, terms: result.testedTerms },
    background: { kind: request.background, genes: result.backgroundSize },
    significant: result.significant,
    shuffled: result.shuffled,
  }
}

/** Donor codes where the role is assigned, else batch codes, else none. */
function strataOf(project: Project): Int32Array | null {
  const columns = project.dataset.columns().filter((column) => column.kind === 'category')
  const chosen = columns.find((column) => column.role === 'donor') ?? columns.find((column) => column.role === 'batch')
  return chosen ? project.dataset.codes(chosen) : null
}

function geneFacts(genes: readonly StoredGene[], geneOf: Int32Array, expression: Csr): GeneFacts {
  const sums = new Float64Array(expression.columns)
  for (let at = 0; at < expression.indices.length; at++) {
    const gene = expression.indices[at] as number
    sums[gene] = (sums[gene] as number) + (expression.values[at] as number)
  }
  return {
    ontologyGene: geneOf,
    detectedCells: Uint32Array.from(genes, (gene) => gene.detectedCells),
    meanValue: Float32Array.from(sums, (sum) => sum / expression.rows),
  }
}

const reasons: Record<LatentLink['status'], string | null> = {
  tested: null,
  dead: 'It is never on.',
  'too few cells': 'It is on in too few cells for gene statistics.',
  'too few genes': 'Fewer than 10 genes are clearly higher where it is on, so no term was tested.',
}

function rowsOf(
  latents: readonly LatentLink[],
  genes: readonly StoredGene[],
  sets: TermSets,
): Pick<NewLinking, 'studies' | 'genes' | 'terms'> {
  return {
    studies: latents.map((one) => ({
      latent: one.latent,
      mode: one.mode ?? 'none',
      activeUsed: one.activeUsed,
      referenceUsed: one.referenceUsed,
      studySize: one.study.length,
      notTested: reasons[one.status],
    })),
    genes: latents.flatMap(geneRows),
    terms: latents.flatMap((one) => termRows(one, genes, sets)),
  }
}

function geneRows(one: LatentLink): StoredGeneLink[] {
  const ranked = one.topGenes
  if (!ranked) return []
  return Array.from(ranked.columns, (gene, rank) => ({
    latent: one.latent,
    rank,
    gene,
    auroc: ranked.auroc[rank] as number,
    log2Difference: ranked.log2Difference ? (ranked.log2Difference[rank] as number) : null,
    detectedActive: ranked.detectedActive[rank] as number,
    detectedReference: ranked.detectedReference[rank] as number,
  }))
}

function termRows(one: LatentLink, genes: readonly StoredGene[], sets: TermSets): StoredTermLink[] {
  const { hits } = one
  if (!hits) return []
  let start = 0
  return Array.from(hits.terms, (term, at) => {
    const overlap = hits.overlaps[at] as number
    const shared = hits.genes.subarray(start, start + overlap)
    start += overlap
    const p = hits.p[at] as number
    return {
      latent: one.latent,
      termId: sets.ids[term] as string,
      overlap,
      termSize: hits.termSizes[at] as number,
      pValue: p,
      log10P: Math.log10(p),
      qLatent: hits.qLatent[at] as number,
      qOverall: hits.qOverall[at] as number,
      genes: Array.from(shared, (place) => genes[one.study[place] as number]?.name ?? ''),
    }
  })
}
