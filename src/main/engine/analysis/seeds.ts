// Repeats of a run with other seeds: trained on the same cells (repeats.ts), matched one-to-one with the run, kept with the report.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SeedsReport, SeedsRequest, TrainSettings } from '@contract'
import { refuse } from '../../base/refusal'
import { recurrence, sameCosine, sparseCorrelation, type Matched } from '../../science/recurrence'
import { judgeRepeats } from '../../science/run-judgement'
import type { Engine } from '../engine'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import type { Matches } from '../store/stability'
import { makeConsensus } from './consensus'
import { judgedRun } from './judge'
import { readAligned, withScratch, writeNumbers } from './scratch-folder'
import { trainRepeats } from './repeats'
import { doInTrainer, partOf } from './trainer-call'

export interface SeedsJob {
  readonly engine: Engine
  readonly project: Project
  readonly context: JobContext
  readonly run: number
  readonly request: SeedsRequest
}

/** Trains what is missing, matches, stores and answers the report. */
export async function repeatRun(job: SeedsJob): Promise<SeedsReport> {
  const { engine, project, context, run, request } = job
  const settings = settingsToRepeat(engine, run)
  const parts = request.seeds + (request.consensus ? 1 : 0)
  const repeats = await trainRepeats(job, settings, parts)
  partOf(context, request.seeds - 1, parts, 'matching features').progress(0, 1, '')
  const compared = await compareRuns(engine, project, context, run, repeats)
  const consensus = request.consensus ? await makeConsensus(job, repeats) : null
  const found = recurrence([...compared.matched.values()], compared.latents.length)
  const repeated = { seeds: request.seeds, reproducible: found.reproducible, compared: compared.latents.length }
  const report: SeedsReport = {
    run,
    repeats,
    compared: compared.latents.length,
    same: sameCosine,
    reproducible: found.reproducible,
    returning: [...found.returning],
    agreement: found.agreement,
    chance: found.chance,
    correlation: meanOf([...compared.matches.values()].flatMap(({ correlation }) => Array.from(correlation))),
    histogram: found.histogram,
    gap: Math.max(...compared.gaps),
    judgement: judgeRepeats({ ...judgedRun(engine, run), repeats: repeated }),
    consensus,
  }
  project.stability.storeSeeds(report, compared.matches, new Date())
  return report
}

/** The settings of a run that was trained here, with the seed of its held-out cells pinned. */
function settingsToRepeat(engine: Engine, run: number): TrainSettings {
  const found = engine.project.runs.get(run)
  const kind = found?.source?.kind ?? 'trained'
  if (!found || kind === 'imported' || kind === 'consensus') refuse('RUN_NOT_REPEATABLE', { run })
  return { ...found.settings, splitSeed: found.settings.splitSeed ?? found.settings.seed }
}

interface Compared {
  /** The compared latents of the run: those that are on anywhere. */
  readonly latents: Uint32Array
  readonly matched: ReadonlyMap<number, Matched>
  readonly matches: ReadonlyMap<number, Matches>
  readonly gaps: readonly number[]
}

/** Matches the latents of a run with those of others; dead ones stay out on both sides. */
async function compareRuns(
  engine: Engine,
  project: Project,
  context: JobContext,
  run: number,
  others: readonly number[],
): Promise<Compared> {
  return withScratch(engine, async (scratch) => {
    const alive = [run, ...others].map((each, at) => writeAlive(engine, project, each, join(scratch, `decoder-${at}.f32`)))
    const { dims } = engine.dataset
    const latents = alive.map((each) => each.length)
    const { gaps } = await doInTrainer<'match'>(engine, context, { kind: 'match', scratch, dims, latents, seed: run })
    const matched = new Map<number, Matched>()
    const matches = new Map<number, Matches>()
    for (const [at, other] of others.entries()) {
      const read = (name: string): ArrayBuffer => readAligned(join(scratch, name))
      const cosine = new Float32Array(read(`cosine-${at + 1}.f32`))
      matched.set(other, { cosine, chance: new Float32Array(read(`chance-${at + 1}.f32`)) })
      const theirs = alive[at + 1] as Uint32Array
      const partner = new Int32Array(read(`partner-${at + 1}.i32`)).map((row) => (row < 0 ? -1 : (theirs[row] as number)))
      const mine = alive[0] as Uint32Array
      const correlation = await correlate(project, context, [run, mine], [other, partner], engine.dataset.rows)
      matches.set(other, { latents: mine, partner, cosine, correlation })
    }
    return { latents: alive[0] as Uint32Array, matched, matches, gaps }
  })
}

/** Writes the decoder rows of the latents that are on anywhere; answers their ids. */
export function writeAlive(engine: Engine, project: Project, run: number, file: string): Uint32Array {
  const { dims } = engine.dataset
  const decoder = project.runs.decoder(run)
  const alive = Uint32Array.from(project.runs.latents(run).flatMap(({ id, activeCells }) => (activeCells > 0 ? [id] : [])))
  const rows = new Float32Array(alive.length * dims)
  alive.forEach((latent, at) => rows.set(decoder.subarray(latent * dims, (latent + 1) * dims), at * dims))
  if (rows.length === 0) writeFileSync(file, '')
  else writeNumbers(file, rows)
  return alive
}

async function correlate(
  project: Project,
  context: JobContext,
  [run, latents]: readonly [number, Uint32Array],
  [other, partners]: readonly [number, Int32Array],
  rows: number,
): Promise<Float32Array> {
  const found = new Float32Array(latents.length).fill(NaN)
  for (const [at, latent] of latents.entries()) {
    if (at % 64 === 0) await context.breathe()
    const partner = partners[at] as number
    if (partner < 0) continue
    const value = sparseCorrelation(project.runs.activationOf(run, latent), project.runs.activationOf(other, partner), rows)
    if (value !== null) found[at] = value
  }
  return found
}

function meanOf(values: readonly number[]): number | null {
  const known = values.filter((value) => !Number.isNaN(value))
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}
