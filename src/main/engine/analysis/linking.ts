// Links a finished run to genes and terms and stores the result as an immutable row keyed by its settings.
import type { LinkReport, LinkRequest } from '@contract'
import type { Csr } from '../../base/sparse'
import { createGeneRanker } from '../../science/gene-ranking'
import { linkLatents, type LinkResult } from '../../science/link'
import type { GeneFacts } from '../../science/study-list'
import type { Engine } from '../engine'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import type { StoredGene } from '../store/dataset'
import type { LinkingSettings, StoredLinking } from '../store/linkings'
import { rowsOf } from './link-rows'
import { strataOf, type ResolvedLinking } from './link-settings'
import { chanceSentence, warningsOf } from './link-words'

interface Linking {
  readonly engine: Engine
  readonly project: Project
  readonly context: JobContext
  readonly run: number
  readonly resolved: ResolvedLinking
}

/** Runs the linking, or answers the stored result when the same settings were run before. */
export async function linkRun(linking: Linking): Promise<LinkReport> {
  const { engine, project, context, run, resolved } = linking
  const { settings, hash } = resolved
  const known = project.linkings.same(run, settings.aspect, hash)
  if (known) {
    project.linkings.show(known)
    return reportOf(known)
  }

  context.progress(0, 1, 'reading expression')
  await context.breathe()
  const expression = project.dataset.expression()
  const genes = project.dataset.genes()
  const sets = engine.ontology.annotations(settings.aspect, settings.evidence as LinkRequest['evidence'], resolved.relations)
  const strata = strataOf(project, settings.null)
  const log2PerUnit = engine.dataset.logScale ? 1 / Math.LN2 : null
  await context.breathe()
  const steps = linkLatents({
    activations: project.runs.byLatent(run),
    ranker: createGeneRanker(expression),
    strata: strata.strata,
    donors: strata.donors?.codes ?? null,
    ...(strata.nullStrata ? { nullStrata: strata.nullStrata } : {}),
    genes: geneFacts(genes, expression),
    sets,
    options: {
      preset: settings.preset,
      method: settings.method,
      background: settings.background as LinkRequest['background'],
      ...(resolved.listedGenes ? { listedGenes: resolved.listedGenes } : {}),
      seed: settings.seed,
      shuffles: settings.shuffles,
      log2PerUnit,
    },
  })
  let next = steps.next()
  while (!next.done) {
    context.progress(next.value.step, next.value.of, next.value.phase)
    await context.breathe()
    next = steps.next()
  }
  const report = summarise(run, settings, next.value, strata.within)
  const { info } = engine.ontology
  project.linkings.write(
    {
      run,
      settings,
      settingsHash: hash,
      ontologyRelease: info.release,
      annotationRelease: info.annotations,
      appVersion: engine.appVersion,
      report,
      donors: strata.donors?.names ?? [],
      ...rowsOf(next.value.latents, genes, sets, { donors: strata.donors?.names.length ?? 0, log2PerUnit }),
    },
    new Date(),
  )
  return report
}

/** What a stored result reported; results of the first layout kept less, which is said as far as it is known. */
export function reportOf(known: StoredLinking): LinkReport {
  if (known.report) return known.report
  const report = {
    run: known.run,
    aspect: known.aspect,
    preset: 'latiscope' as const,
    method: 'ora' as const,
    tested: { latents: known.testedLatents, terms: known.testedTerms },
    background: { kind: known.backgroundKind, genes: known.backgroundSize },
    significant: { latents: known.significantLatents, pairs: known.significantPairs },
    shuffled: { copies: known.shuffledCopies, withTerm: known.shuffledWithTerm, within: 'each donor or batch' },
    withTerm: known.significantLatents,
    published: null,
    backgrounds: [],
    chance: [],
    warnings: [],
  }
  return { ...report, sentence: chanceSentence(report) }
}

function summarise(run: number, settings: LinkingSettings, result: LinkResult, within: string): LinkReport {
  const report = {
    run,
    aspect: settings.aspect,
    preset: settings.preset,
    method: settings.method,
    tested: { latents: result.testedLatents, terms: result.testedTerms },
    background: { kind: settings.background, genes: result.backgroundSize },
    significant: result.significant,
    shuffled: { ...result.shuffled, within },
    withTerm: result.withTerm,
    published: result.published,
    backgrounds: result.backgrounds.map((one) => ({ ...one })),
    chance: result.chance.map((one) => ({ ...one })),
    warnings: warningsOf(settings, result),
  }
  return { ...report, sentence: chanceSentence(report, settings.null) }
}

function geneFacts(genes: readonly StoredGene[], expression: Csr): GeneFacts {
  const sums = new Float64Array(expression.columns)
  for (let at = 0; at < expression.indices.length; at++) {
    const gene = expression.indices[at] as number
    sums[gene] = (sums[gene] as number) + (expression.values[at] as number)
  }
  return {
    ontologyGene: Int32Array.from(genes, (gene) => gene.ontologyGene ?? -1),
    detectedCells: Uint32Array.from(genes, (gene) => gene.detectedCells),
    meanValue: Float32Array.from(sums, (sum) => sum / expression.rows),
  }
}
