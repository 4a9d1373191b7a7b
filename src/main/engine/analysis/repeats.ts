// Training the repeats of a run: those that are there already are used again, so an interrupted job goes on where it was.
// Small models leave most of a computer idle, so two of them are trained side by side, each on half of the threads; which
// and how many threads compute a repeat changes none of its bytes.
import { availableParallelism } from 'node:os'
import { appError, type Run, type TrainSettings } from '@contract'
import { Refusal } from '../../base/refusal'
import type { Engine } from '../engine'
import type { JobContext } from '../jobs/jobs'
import { splitOfRun } from './run-split'
import type { SeedsJob } from './seeds'
import { storeRun, trainRun } from './training'
import { needsOf, usableMemory } from './training-room'

/**
 * Multiplications of a step's encoder up to which two trainers side by side are faster than one after the other with all threads:
 * measured 1.6 × at 0.4 million, 1.7 × at 3 million, at most 1.3 × at 67 million (docs/training.md).
 */
const smallStep = 2 ** 22
/** Of the memory, for two trainers at once. */
const shareForTwo = 0.7

export interface Lanes {
  /** Trainers at a time. */
  readonly count: number
  /** For each of them; absent: all. */
  readonly threads?: number
}

/** How many trainers of these settings are worth running at a time, `cores` being the threads of the computer. */
export function lanesFor(
  { batch, latents }: TrainSettings,
  dims: number,
  runs: number,
  cores: number,
  fitsTwice: boolean,
): Lanes {
  if (runs < 2 || cores < 2 || !fitsTwice || batch * latents * dims > smallStep) return { count: 1 }
  return { count: 2, threads: Math.floor(cores / 2) }
}

function lanesOf(engine: Engine, settings: TrainSettings, runs: number): Lanes {
  const asked = Number(process.env['TF_NUM_INTRAOP_THREADS'])
  const cores = Number.isInteger(asked) && asked > 0 ? asked : availableParallelism()
  const fitsTwice = 2 * needsOf(engine, settings).memoryBytes <= shareForTwo * usableMemory()
  return lanesFor(settings, engine.dataset.dims, runs, cores, fitsTwice)
}

/**
 * The finished repeats with the next seeds, in their order. Where one fails or is stopped, no other is begun and those that are
 * being trained come to their end or to rest before this throws. `parts`: of the whole job, one for each repeat and those after.
 */
export async function trainRepeats(job: SeedsJob, settings: TrainSettings, parts: number): Promise<number[]> {
  const { engine, context, request } = job
  const wanted = Array.from({ length: request.seeds - 1 }, (_, at) => ({ ...settings, seed: (settings.seed + at + 1) % 2 ** 32 }))
  const known = wanted.map((each) => finishedRepeat(job, each))
  const missing = wanted.flatMap((_, at) => (known[at] === null ? [at] : []))
  const lanes = lanesOf(engine, settings, missing.length)
  const progress = new RepeatsProgress(context, wanted.length, parts, missing, lanes.count)
  const found = [...known]
  let next = 0
  let isOver = false
  const lane = async (): Promise<void> => {
    while (!isOver && next < missing.length) {
      const at = missing[next++] as number
      try {
        found[at] = await trainRepeat(job, wanted[at] as TrainSettings, progress.of(at), lanes.threads)
      } catch (thrown) {
        isOver = true
        throw thrown
      }
      progress.done(at)
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: lanes.count }, lane))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return found as number[]
}

const repeatsOf = ({ project, run }: SeedsJob, settings: TrainSettings): Run[] =>
  project.runs.list().filter((other) => isRepeat(other, run, settings))

const isRepeat = (run: Run, of: number, settings: TrainSettings): boolean =>
  run.source?.kind === 'repeat' &&
  run.source.of === of &&
  Object.entries(settings).every(([name, value]) => run.settings[name as keyof TrainSettings] === value)

const finishedRepeat = (job: SeedsJob, settings: TrainSettings): number | null =>
  repeatsOf(job, settings).find(({ state }) => state === 'done')?.id ?? null

/** A repeat with these settings, trained from its start or, if it was cut, from where it was. */
async function trainRepeat(job: SeedsJob, settings: TrainSettings, context: JobContext, threads?: number): Promise<number> {
  const { engine, project, run: of } = job
  const split = splitOfRun(engine, of)
  const cut = repeatsOf(job, settings).find(({ resumeStep }) => resumeStep !== null)
  const run = cut?.id ?? storeRun(engine, settings, split)
  if (!cut) project.stability.setSource(run, { kind: 'repeat', of, note: null })
  const training = { engine, project, run, settings: cut?.settings ?? settings, split, finish: false }
  const { state } = await trainRun({ ...training, ...(threads !== undefined && { threads }) }, context)
  if (state !== 'done') throw new Refusal(appError('CANCELLED'))
  return run
}

/** Of a repeat that is being trained. */
interface Going {
  readonly since: number
  share: number
  secondsLeft: number | null
}

const resolution = 1000
/** Of a repeat, the share of its progress that is training; the rest is measuring. */
const trainingShare = 0.9

/** The progress of the whole job from that of the repeats, of which some are trained at a time. */
class RepeatsProgress {
  private readonly going = new Map<number, Going>()
  private finished: number
  private waiting: number

  constructor(
    private readonly context: JobContext,
    private readonly repeats: number,
    private readonly parts: number,
    missing: readonly number[],
    private readonly lanes: number,
  ) {
    this.finished = repeats - missing.length
    this.waiting = missing.length
  }

  /** The context of one repeat. */
  of(at: number): JobContext {
    const mine: Going = { since: performance.now(), share: 0, secondsLeft: null }
    this.going.set(at, mine)
    this.waiting--
    return {
      ...this.context,
      progress: (step, of, phase, secondsLeft) => {
        const share = of > 0 ? step / of : 0
        mine.share = phase === 'training' ? trainingShare * share : trainingShare + (1 - trainingShare) * share
        mine.secondsLeft = secondsLeft ?? null
        this.tell()
      },
    }
  }

  done(at: number): void {
    this.going.delete(at)
    this.finished++
  }

  private tell(): void {
    const going = [...this.going.values()]
    const done = this.finished + going.reduce((sum, { share }) => sum + share, 0)
    const seeds = this.repeats + 1
    const first = this.finished + 2
    const last = first + going.length - 1
    const phase = last > first ? `training seeds ${first} and ${last} of ${seeds}` : `training seed ${first} of ${seeds}`
    this.context.progress(Math.round(resolution * done), resolution * this.parts, phase, this.secondsLeft(going))
  }

  /** Those that wait take as long as those that go on, a lane at a time. */
  private secondsLeft(going: readonly Going[]): number | null {
    const left = going.flatMap(({ secondsLeft }) => secondsLeft ?? [])
    if (left.length < going.length || left.length === 0) return null
    const now = performance.now()
    const whole = going.reduce((sum, { since }, at) => sum + (now - since) / 1e3 + (left[at] as number), 0) / going.length
    return Math.max(...left) + Math.ceil(this.waiting / this.lanes) * whole
  }
}
