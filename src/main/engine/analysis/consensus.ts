// A model of the latents that most seeds share: members are matched one-to-one across the seeds, their weights averaged,
// decoder rows brought back to length 1, and the result measured like any other model.
import { join } from 'node:path'
import type { SeedsReport } from '@contract'
import { refuse } from '../../base/refusal'
import { sameCosine } from '../../science/recurrence'
import type { RunWeights } from '../store/runs'
import { storeGivenModel } from './given-model'
import { readAligned, withScratch } from './scratch-folder'
import { splitOfRun } from './run-split'
import { writeAlive, type SeedsJob } from './seeds'
import { doInTrainer } from './trainer-call'

/** Stores the consensus of a run and its repeats as a run of its own. Refuses with NOTHING_SHARED. */
export async function makeConsensus(job: SeedsJob, repeats: readonly number[]): Promise<SeedsReport['consensus']> {
  const { engine, project, context, run } = job
  const all = [run, ...repeats]
  const needed = Math.floor(all.length / 2) + 1
  const shared = await withScratch(engine, async (scratch) => {
    const alive = all.map((each, at) => writeAlive(engine, project, each, join(scratch, `decoder-${at}.f32`)))
    const latents = alive.map((each) => each.length)
    await doInTrainer<'consensus'>(engine, context, {
      kind: 'consensus',
      scratch,
      dims: engine.dataset.dims,
      latents,
      same: sameCosine,
    })
    const members = new Int32Array(readAligned(join(scratch, 'members.i32')))
    return groupsOf(members, alive, needed)
  })
  if (shared.length < 2) refuse('NOTHING_SHARED', { seeds: all.length })
  const weights = averaged(
    all.map((each) => project.runs.weights(each)),
    shared,
  )
  const { settings, outcome } = project.runs.origin(run) ?? refuse('RUN_NOT_FOUND', { run })
  const stored = await storeGivenModel({
    engine,
    project,
    context,
    weights,
    split: splitOfRun(engine, run),
    scale: outcome.scale,
    settings: { ...settings, latents: shared.length, k: Math.min(settings.k, shared.length) },
    threshold: null,
    source: { kind: 'consensus', of: run, note: null },
  })
  return { run: stored.run, latents: shared.length, seeds: needed }
}

/** For each shared latent its id in every model, −1 = not in this one. */
function groupsOf(members: Int32Array, alive: readonly Uint32Array[], needed: number): number[][] {
  const groups: number[][] = []
  for (let start = 0; start < members.length; start += alive.length) {
    const own = Array.from(members.subarray(start, start + alive.length))
    if (own.filter((row) => row >= 0).length < needed) continue
    groups.push(own.map((row, model) => (row < 0 ? -1 : ((alive[model] as Uint32Array)[row] as number))))
  }
  return groups
}

/** Numbers of a latent that are averaged beside its rows. */
const perLatent = ['encoderBias', 'thresholds', 'magnitudeLog', 'magnitudeBias'] as const

/** All models were prepared in the same way, because they share the training rows. */
function averaged(models: readonly RunWeights[], groups: readonly (readonly number[])[]): RunWeights {
  const [first] = models as readonly [RunWeights, ...RunWeights[]]
  const dims = first.mean.length
  const membersOf = (ids: readonly number[]): (readonly [RunWeights, number])[] =>
    ids.flatMap((id, model) => (id < 0 ? [] : [[models[model] as RunWeights, id] as const]))
  const meanRows = (part: 'encoder' | 'decoder'): Float32Array => {
    const rows = new Float32Array(groups.length * dims)
    groups.forEach((ids, latent) => {
      const members = membersOf(ids)
      for (const [weights, id] of members) {
        for (let dim = 0, to = latent * dims, from = id * dims; dim < dims; dim++, to++, from++)
          rows[to] = (rows[to] as number) + (weights[part][from] as number) / members.length
      }
    })
    return rows
  }
  const meanOfEach = (part: (typeof perLatent)[number]): Float32Array =>
    Float32Array.from(groups, (ids) => {
      const members = membersOf(ids)
      return members.reduce((sum, [weights, id]) => sum + (weights[part]?.[id] ?? 0) / members.length, 0)
    })
  const decoder = meanRows('decoder')
  for (let start = 0; start < decoder.length; start += dims) {
    const length = Math.hypot(...decoder.subarray(start, start + dims))
    for (let at = start; at < start + dims; at++) decoder[at] = (decoder[at] as number) / length
  }
  const decoderBias = Float32Array.from({ length: dims }, (_, dim) =>
    models.reduce((sum, { decoderBias: bias }) => sum + (bias[dim] as number) / models.length, 0),
  )
  const present = perLatent.filter((part) => first[part] !== undefined)
  const averages = Object.fromEntries(present.map((part) => [part, meanOfEach(part)])) as Pick<
    RunWeights,
    (typeof perLatent)[number]
  >
  return { ...first, encoder: meanRows('encoder'), decoder, decoderBias, ...averages }
}
