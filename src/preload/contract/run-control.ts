// Runs that are paused, continued, stopped or estimated, and the queue of jobs.
import * as v from 'valibot'
import { Count, JobId, RunId, TrainRequest, TrainSettings } from './model'

export const JobKind = v.picklist([
  'import',
  'train',
  'link',
  'associate',
  'map',
  'seeds',
  'search',
  'apply',
  'model',
  'controls',
])
export type JobKind = v.InferOutput<typeof JobKind>

/** A job that runs or waits its turn. */
export const JobInfo = v.strictObject({
  job: JobId,
  kind: JobKind,
  /** The run it trains, links or compares with genes; null for imports, and for a job on whichever run is the latest then. */
  run: v.nullable(RunId),
  state: v.picklist(['running', 'queued']),
})
export type JobInfo = v.InferOutput<typeof JobInfo>

/** What a run would take, from a trial of about two seconds on this computer. Times in seconds, sizes in bytes. */
export const RunEstimate = v.strictObject({
  /** From the start to the stored model. */
  seconds: v.number(),
  /** Most memory in use at one time, engine and trainer together. */
  memoryBytes: Count,
  /** Most disk space needed while it runs: scratch files, two checkpoints and what the project grows by. */
  diskBytes: Count,
  /** What the project grows by. */
  projectBytes: Count,
  firingsPerLatent: v.number(),
  /** Sentences: warnings and what would help. Empty when all is well. */
  advice: v.array(v.string()),
  settings: TrainSettings,
})
export type RunEstimate = v.InferOutput<typeof RunEstimate>

const OfRun = v.strictObject({ run: RunId })
const Nothing = v.strictObject({})
const Started = v.strictObject({ job: JobId, run: v.nullable(RunId) })

export const runControlMethods = {
  /** Tries the settings for about two seconds. Refuses with NOT_ENOUGH_MEMORY or NOT_ENOUGH_DISK. */
  'run.estimate': { kind: 'read', timeoutMs: 300_000, params: TrainRequest, result: RunEstimate },
  /** Keeps a checkpoint and ends the job (`job.done`); a queued run is taken out of the queue. */
  'run.pause': { kind: 'write', timeoutMs: 10_000, params: OfRun, result: Nothing },
  /** Goes on with a paused, interrupted, cancelled or failed run where its newest checkpoint is, else from its start. */
  'run.resume': { kind: 'job', timeoutMs: 60_000, params: OfRun, result: Started },
  /** Stops training and keeps the model as it is: of a running run its job goes on, of another one a job is started. */
  'run.stop': { kind: 'job', timeoutMs: 60_000, params: OfRun, result: Started },
  /** Removes an unfinished run and its checkpoints. */
  'run.discard': { kind: 'write', timeoutMs: 10_000, params: OfRun, result: Nothing },
  'job.list': { kind: 'read', timeoutMs: 5_000, params: Nothing, result: v.array(JobInfo) },
} as const

export const runControlEvents = {
  /** The queue changed: the running job first, then those that wait, in their order. */
  'job.queue': v.strictObject({ jobs: v.array(JobInfo) }),
  /** A checkpoint was kept; `problem`: why not, and what to do (training goes on). */
  'run.checkpoint': v.strictObject({
    run: RunId,
    step: Count,
    problem: v.nullable(v.strictObject({ message: v.string(), remedy: v.string() })),
  }),
} as const
