// Latents as a list, as a card with all evidence, as activations over cells; their labels and the history of these.
import type { LatentCard } from '@contract'
import { refuse } from '../../base/refusal'
import { createTrajectoryScorer } from '../../science/trajectory'
import type { Engine } from '../engine'
import type { StoredLatent } from '../store/runs'
import type { HandlersFor } from './handlers'
import { readCard } from './latent-card'
import { listLatents } from './latent-list'
import { finishedRun } from './run-choice'

type Methods =
  | 'latents.list'
  | 'latents.card'
  | 'latents.activation'
  | 'latents.rename'
  | 'latents.trajectory'
  | 'labels.decide'
  | 'labels.history'

export const latentHandlers: HandlersFor<Methods> = {
  'latents.list': ({ run, aspect, linking }, engine) => listLatents(engine, finishedRun(engine, run), aspect, linking),
  'latents.card': ({ run, latent, ...asked }, engine) =>
    readCard(engine, { run: finishedRun(engine, run), ...asked }, findLatent(engine, run, latent)),
  'latents.activation': ({ run, latent }, engine) => {
    findLatent(engine, finishedRun(engine, run), latent)
    const { indices, values } = engine.project.runs.activationOf(run, latent)
    return { cells: indices, values }
  },
  'latents.rename': ({ run, latent, label }, engine) => {
    findLatent(engine, finishedRun(engine, run), latent)
    record(engine, { run, latent, action: label === null ? 'cleared' : 'edited', label, card: null })
    return {}
  },
  'labels.decide': ({ run, latent, decision, ...asked }, engine) => {
    const card = readCard(engine, { run: finishedRun(engine, run), ...asked }, findLatent(engine, run, latent))
    if (!card.proposal) refuse('NOTHING_FOUND', { what: `a label proposed for feature ${latent}` })
    const action = decision === 'accept' ? 'accepted' : 'rejected'
    record(engine, { run, latent, action, label: card.proposal.text, card })
    return {}
  },
  'labels.history': ({ run, latent }, engine) => {
    findLatent(engine, finishedRun(engine, run), latent)
    return engine.project.labels.history(run, latent)
  },
  'latents.trajectory': ({ run: asked, column: name, values }, engine) => {
    const run = finishedRun(engine, asked)
    const { dataset, runs } = engine.project
    const column = dataset.columns().find((each) => each.name === name && each.kind === 'category')
    const order = values.map((value) => column?.levels.indexOf(value) ?? -1)
    const missing = values.find((_, at) => (order[at] as number) < 0)
    if (!column || missing !== undefined)
      refuse('NOTHING_FOUND', { what: `the cell group ${name}=${missing ?? values[0] ?? ''}` })
    const placeOf = new Map(order.map((level, place) => [level, place]))
    const score = createTrajectoryScorer(
      dataset.codes(column).map((code) => placeOf.get(code) ?? -1),
      order.length,
    )
    const byLatent = runs.byLatent(run)
    return runs
      .latents(run)
      .filter((latent) => latent.activeCells > 0)
      .map(({ id, label }) => {
        const [from, to] = [byLatent.indptr[id] as number, byLatent.indptr[id + 1] as number]
        const found = score({ cells: byLatent.indices.subarray(from, to), values: byLatent.values.subarray(from, to) })
        return { id, label, ...found, means: [...found.means] }
      })
      .sort((a, b) => b.z - a.z || a.id - b.id)
  },
}

interface Step {
  readonly run: number
  readonly latent: number
  readonly action: 'edited' | 'cleared' | 'accepted' | 'rejected'
  readonly label: string | null
  /** Where a decision on a proposal was taken. */
  readonly card: LatentCard | null
}

function record(engine: Engine, { run, latent, action, label, card }: Step): void {
  const { proposal } = card ?? { proposal: null }
  engine.writableProject.labels.record(
    {
      run,
      latent,
      action,
      label,
      grade: proposal?.grade ?? null,
      evidence: proposal?.reasons ?? [],
      appVersion: engine.appVersion,
    },
    new Date(),
  )
}

export function findLatent(engine: Engine, run: number, latent: number): StoredLatent {
  const found = engine.project.runs.latent(run, latent)
  if (found) return found
  return refuse('LATENT_NOT_FOUND', { run, latent, last: (engine.project.runs.get(run)?.settings.latents ?? 1) - 1 })
}
