// The search for k and for the size: short trainings with two seeds for each value, compared by what returns.
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import type { SearchReport, SearchRequest, SearchTrial, TrainRequest, TrainSettings } from '@contract'
import { limits } from '@contract'
import { refuse } from '../../base/refusal'
import { recurrence } from '../../science/recurrence'
import { chooseK, chooseSize, kGrid, sizeGrid } from '../../science/settings-search'
import type { Engine } from '../engine'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import { drawSplit } from './run-split'
import { readAligned, withScratch } from './scratch-folder'
import { writeInput } from './trainer-files'
import { adviseRun } from './training'
import { assertRoom, streamsRows } from './training-room'
import { doInTrainer, trainOnce } from './trainer-call'

/** Seeds of each value: enough to see agreement, no more than needed. */
const seeds = 2
/** rate × steps with which planted features are recovered, BatchTopK's too (docs/training.md), at the largest safe rate. */
const enoughLearning = 4.5
const highestRate = 3e-3
const wideLatents = 2048

export interface SearchJob {
  readonly engine: Engine
  readonly project: Project
  readonly context: JobContext
  readonly request: SearchRequest
}

/** What will be tried, one request for a run per value. Refuses with SETTING_OUT_OF_RANGE. */
export function plannedTrials(engine: Engine, { what, values, settings }: SearchRequest): TrainSettings[] {
  const base = adviseRun(engine, settings).settings
  const grid =
    values ?? (what === 'k' ? kGrid(engine.dataset.dims, base.latents) : sizeGrid(base.latents, base.k, limits.latents))
  if (grid.length < 2)
    refuse('SETTING_OUT_OF_RANGE', { setting: 'values', range: 'at least two different ones', value: grid.length })
  return grid.map((value) => {
    const fixed: TrainRequest =
      what === 'k' ? { ...settings, latents: base.latents, k: value } : { ...settings, k: base.k, latents: value }
    const asked =
      settings.steps === undefined && settings.learningRate === undefined ? { ...fixed, ...shortPace(fixed.latents) } : fixed
    const advised = adviseRun(engine, asked).settings
    if (advised.k > advised.latents)
      refuse('SETTING_OUT_OF_RANGE', { setting: 'k', range: 'at most the number of features', value: advised.k })
    assertRoom(engine, advised)
    return advised
  })
}

/** Half the steps at three times the rate where that is safe. */
function shortPace(latents: number | undefined): Pick<TrainRequest, 'steps' | 'learningRate'> {
  if ((latents ?? Infinity) > wideLatents) return {}
  return { learningRate: highestRate, steps: Math.ceil(enoughLearning / highestRate) }
}

/** Trains every value with two seeds, stores and answers the report. */
export async function searchSettings(job: SearchJob): Promise<SearchReport> {
  const { engine, project, context, request } = job
  const planned = plannedTrials(engine, request)
  const trials: SearchTrial[] = []
  await withScratch(engine, async (scratch) => {
    const { rows, dims } = engine.dataset
    const { split } = drawSplit(engine, firstOf(planned))
    await writeInput(project, scratch, { rows, dims }, split, () => context.breathe())
    for (const [at, settings] of planned.entries()) {
      const progress = (share: number): void =>
        context.progress(Math.round(1000 * (at + share)), 1000 * planned.length, phaseOf(request.what))
      trials.push(await tryValue(job, settings, split.train.length, scratch, progress))
    }
  })
  const choice = request.what === 'k' ? chooseK(trials) : chooseSize(trials)
  const settings = planned.find((each) => (request.what === 'k' ? each.k : each.latents) === choice.advised) as TrainSettings
  const report: SearchReport = { what: request.what, trials, ...choice, settings }
  project.stability.storeSearch(report, new Date())
  return report
}

/** All values share the cells that are held out. */
const firstOf = ([first]: readonly TrainSettings[]): TrainSettings => first as TrainSettings

const phaseOf = (what: SearchRequest['what']): string => (what === 'k' ? 'trying numbers per cell' : 'trying sizes')

async function tryValue(
  { engine, context }: SearchJob,
  settings: TrainSettings,
  trainingRows: number,
  scratch: string,
  progress: (share: number) => void,
): Promise<SearchTrial> {
  const { rows, dims } = engine.dataset
  const { latents, k } = settings
  const spec = { scratch, rows, dims, streamRows: streamsRows(rows, dims), trial: true }
  let first: Awaited<ReturnType<typeof trainOnce>> | null = null
  for (let seed = 0; seed < seeds; seed++) {
    const own = { ...settings, seed: settings.seed + seed, splitSeed: settings.splitSeed ?? settings.seed }
    const outcome = await trainOnce(engine, context, { ...spec, settings: own }, ({ step, of, phase }) =>
      progress((seed + (phase === 'training' ? step / of : 1)) / seeds),
    )
    first ??= outcome
    renameSync(join(scratch, 'decoder.f32'), join(scratch, `decoder-${seed}.f32`))
  }
  const work = { kind: 'match', scratch, dims, latents: [latents, latents], seed: settings.seed } as const
  await doInTrainer<'match'>(engine, context, work)
  const read = (name: string): Float32Array => new Float32Array(readAligned(join(scratch, name)))
  const found = recurrence([{ cosine: read('cosine-1.f32'), chance: read('chance-1.f32') }], latents)
  return {
    k,
    latents,
    firingsPerLatent: (trainingRows * k) / latents,
    explainedVariance: first?.metrics.explainedVariance ?? { train: 0, heldOut: null },
    agreement: found.agreement,
    chance: found.chance.mean,
    reproducible: found.reproducible,
    dead: first?.metrics.dead ?? 0,
    seconds: (first?.seconds ?? 0) * seeds,
  }
}
