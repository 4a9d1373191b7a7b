// A model of the latents that most seeds share: members are matched one-to-one across the seeds, their weights averaged,
// decoder rows brought back to length 1, and the result measured like any other model.
import { join } from 'node:path'
import type { SeedsReport } from '@contract'
import { refuse } from '../../base/refusal'
import { sameCosine } from '../../science/recurrence'
import type { RunWeights } from '../store/runs'
import { storeGivenModel } from './given-model'
import { readAligned, withScratch } from './scratch-folder'
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

/** All models were prepared with the same mean and scale, because they share the training rows. */
function averaged(models: readonly RunWeights[], groups: readonly (readonly number[])[]): RunWeights {
  const [first] = models as readonly [RunWeights, ...RunWeights[]]
  const dims = first.mean.length
  const encoder = new Float32Array(groups.length * dims)
  const decoder = new Float32Array(groups.length * dims)
  const encoderBias = new Float32Array(groups.length)
  groups.forEach((members, latent) => {
    const present = members.flatMap((id, model) => (id < 0 ? [] : [[models[model] as RunWeights, id] as const]))
    for (const [weights, id] of present) {
      for (let dim = 0; dim < dims; dim++) {
        const [to, from] = [latent * dims + dim, id * dims + dim]
        encoder[to] = (encoder[to] as number) + (weights.encoder[from] as number) / present.length
        decoder[to] = (decoder[to] as number) + (weights.decoder[from] as number) / present.length
      }
      encoderBias[latent] = (encoderBias[latent] as number) + (weights.encoderBias[id] as number) / present.length
    }
    const length = Math.hypot(...decoder.subarray(latent * dims, (latent + 1) * dims))
    for (let at = latent * dims; at < (latent + 1) * dims; at++) decoder[at] = (decoder[at] as number) / length
  })
  const decoderBias = Float32Array.from({ length: dims }, (_, dim) =>
    models.reduce((sum, { decoderBias: bias }) => sum + (bias[dim] as number) / models.length, 0),
  )
  return { encoder, decoder, encoderBias, decoderBias, mean: first.mean }
}
