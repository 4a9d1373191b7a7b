// A run as the rules of judgement need it.
import type { RunJudgement } from '@contract'
import { refuse } from '../../base/refusal'
import { judgeRun, type JudgedRun } from '../../science/run-judgement'
import type { Engine } from '../engine'
import { inRowWords } from './row-words'
import { splitOfRun } from './run-split'

/** Kinds of runs that were trained here from weights that had learnt nothing. */
const fromItsStart: ReadonlySet<string> = new Set(['trained', 'repeat'])

/** What is known about a finished run. Refuses with RUN_NOT_FOUND. */
export function judgedRun(engine: Engine, run: number): JudgedRun {
  const { runs, stability } = engine.project
  const { settings, outcome } = runs.origin(run) ?? refuse('RUN_NOT_FOUND', { run })
  const { metrics, controls } = outcome
  const source = runs.get(run)?.source?.kind ?? 'trained'
  const report = stability.seeds(run)
  const named = [
    { name: 'PCA', explained: controls.pca.explainedVariance },
    ...(controls.ica ? [{ name: 'ICA', explained: controls.ica.explainedVariance }] : []),
    ...(controls.nmf ? [{ name: 'NMF', explained: controls.nmf.explainedVariance }] : []),
  ]
  return {
    latents: settings.latents,
    k: settings.k,
    trainingRows: splitOfRun(engine, run).train.length,
    dead: metrics.dead,
    explained: metrics.explainedVariance,
    controls: named,
    untrained: controls.untrained.explainedVariance,
    course: runs.history(run).flatMap((point) => point.explainedHeldOut ?? []),
    training: fromItsStart.has(source) ? { steps: outcome.stoppedAt ?? settings.steps, batch: settings.batch } : null,
    seconds: outcome.seconds,
    repeats: report && { seeds: report.repeats.length + 1, reproducible: report.reproducible, compared: report.compared },
  }
}

/** The judgement of a run, worst first. */
export const judge = (engine: Engine, run: number): RunJudgement[] =>
  judgeRun(judgedRun(engine, run)).map((one) => ({
    ...one,
    message: inRowWords(engine, one.message),
    remedy: inRowWords(engine, one.remedy),
  }))
