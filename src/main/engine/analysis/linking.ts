// Links a finished run to genes and terms and stores the result as an immutable row keyed by its settings.
import type { LinkReport, LinkRequest } from '@contract'
import type { RowSource } from '../../base/sparse'
import { linkLatents, type LinkResult, type LinkStep } from '../../science/link'
import type { GeneFacts } from '../../science/study-list'
import type { Engine } from '../engine'
import { Forecast } from '../jobs/forecast'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import type { StoredGene } from '../store/dataset'
import type { LinkingSettings, NewLinking, StoredLinking } from '../store/linkings'
import { linkGeneRows } from './direct-linking'
import { rowsOf } from './link-rows'
import { hashOf, listedOf, strataOf, type ResolvedLinking } from './link-settings'
import { chanceSentence, imputedWarning, warningsOf } from './link-words'
import { linkedColumnWarnings } from './linked-columns'
import { rowsAreGenes } from './project-genes'
import { termSource, type TermSource } from './term-source'

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
  const { settings } = resolved
  context.progress(0, 1, 'reading terms')
  await context.breathe()
  const source = await termSource(engine, resolved.terms)
  const { reference } = source
  const hash = hashOf(engine, resolved, source)
  const known = project.linkings.same(run, settings.aspect, hash)
  if (known) {
    project.linkings.show(known)
    return { ...reportOf(known), source: reference }
  }

  const found = rowsAreGenes(project) ? await linkGeneRows({ ...linking, source }) : await linkCells(linking, source)
  const report = { ...found.report, source: reference }
  project.linkings.write(
    {
      run,
      settings,
      settingsHash: hash,
      ontologyRelease: reference.release,
      annotationRelease: reference.annotations,
      appVersion: engine.appVersion,
      source: { reference, terms: source.keptTerms },
      ...found,
      report,
    },
    new Date(),
  )
  return report
}

/** Rows are cells: genes by their expression, terms by these genes. */
async function linkCells(
  { engine, project, context, run, resolved }: Linking,
  source: TermSource,
): Promise<Pick<NewLinking, 'donors' | 'studies' | 'genes' | 'terms'> & { readonly report: LinkReport }> {
  const { settings } = resolved
  const { sets } = source
  context.progress(0, 1, 'reading expression')
  await context.breathe()
  const expression = { byGene: project.dataset.expressionByGene(), byCell: project.dataset.expressionByCell() }
  const genes = project.dataset.genes()
  const facts = await geneFacts(genes, source.geneOf, expression.byGene, context)
  const strata = strataOf(project, settings.null)
  const log2PerUnit = engine.dataset.logScale ? 1 / Math.LN2 : null
  const steps = linkLatents({
    activations: project.runs.byLatent(run),
    expression,
    strata: strata.strata,
    donors: strata.donors?.codes ?? null,
    ...(strata.nullStrata ? { nullStrata: strata.nullStrata } : {}),
    genes: facts,
    sets,
    options: {
      preset: settings.preset,
      method: settings.method,
      background: settings.background as LinkRequest['background'],
      ...(resolved.listed ? { listedGenes: listedOf(resolved.listed, source) } : {}),
      seed: settings.seed,
      shuffles: settings.shuffles,
      ...(settings.studySize === undefined ? {} : { studySize: settings.studySize }),
      ...(settings.termSize === undefined ? {} : { termSize: settings.termSize }),
      log2PerUnit,
    },
  })
  const result = await finished(steps, context)
  const detected = genes.map(({ detectedCells }) => detectedCells)
  const about = [
    ...linkedColumnWarnings(project.dataset),
    ...(engine.dataset.logScale ? imputedWarning(detected, engine.dataset.rows) : []),
  ]
  return {
    report: summarise(run, settings, result, { within: strata.within, about }),
    donors: strata.donors?.names ?? [],
    ...rowsOf(result.latents, genes, sets, { donors: strata.donors?.names.length ?? 0, log2PerUnit }),
  }
}

/** Seconds that one unit usually takes: a value looked at, a latent tested against all terms. */
const usually = { ranked: 6e-9, tested: 8e-3 } as const
/** Steps that a linking is told in. */
const toldSteps = 1000

async function finished(steps: ReturnType<typeof linkLatents>, context: JobContext): Promise<LinkResult> {
  const seconds = (): number => performance.now() / 1000
  let forecast: Forecast<'ranked' | 'tested'> | null = null
  for (let next = steps.next(); ; next = steps.next()) {
    if (next.done) return next.value
    const { ranked, tested, phase }: LinkStep = next.value
    forecast ??= new Forecast(
      { ranked: { of: ranked.of, usual: usually.ranked }, tested: { of: tested.of, usual: usually.tested } },
      seconds(),
    )
    forecast.note(seconds(), { ranked, tested })
    context.progress(Math.floor(forecast.share * toldSteps), toldSteps, phase, forecast.secondsLeft)
    await context.breathe()
  }
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

function summarise(
  run: number,
  settings: LinkingSettings,
  result: LinkResult,
  { within, about }: { readonly within: string; readonly about: readonly string[] },
): LinkReport {
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
    warnings: [...warningsOf(settings, result), ...about],
  }
  return { ...report, sentence: chanceSentence(report, settings.null) }
}

/** Means are only asked for where several columns map to one gene, and only read there. */
async function geneFacts(
  genes: readonly StoredGene[],
  geneOf: Int32Array,
  byGene: RowSource,
  context: JobContext,
): Promise<GeneFacts> {
  const times = new Map<number, number>()
  for (const gene of geneOf) if (gene >= 0) times.set(gene, (times.get(gene) ?? 0) + 1)
  const meanValue = new Float32Array(geneOf.length)
  const shared = Uint32Array.from(geneOf.keys()).filter((column) => (times.get(geneOf[column] as number) ?? 0) > 1)
  for (const { row, values } of byGene.rowsAt(shared)) {
    meanValue[row] = values.reduce((sum, value) => sum + value, 0) / byGene.columns
    await context.breathe()
  }
  return { ontologyGene: geneOf, detectedCells: Uint32Array.from(genes, (gene) => gene.detectedCells), meanValue }
}
