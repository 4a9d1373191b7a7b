// What is stored of a model beside its weights: activations both ways round, densities, cell groups and technical flags.
import { transpose } from '../../base/sparse'
import type { TrainerOutcome } from '../../base/trainer-protocol'
import { densityHistogram } from '../../science/density'
import type { Engine } from '../engine'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import type { FinishedRun, RunWeights } from '../store/runs'
import { flagLatents } from './flags'
import { associateGroups } from './groups'
import { readActivations } from './scratch-folder'

interface Task {
  readonly engine: Engine
  readonly project: Project
  readonly context: JobContext
}

/** Reads the activations a trainer left in `scratch` and derives the rest. */
export async function completeRun(
  { engine, project, context }: Task,
  scratch: string,
  latents: number,
  outcome: TrainerOutcome,
  weights: RunWeights,
): Promise<FinishedRun> {
  const activations = readActivations(scratch, engine.dataset.rows, latents)
  const byLatent = transpose(activations)
  const groups = await associateGroups(project.dataset, byLatent, () => context.breathe())
  const flags = await flagLatents(project.dataset, byLatent, () => context.breathe())
  return { outcome, weights, activations, byLatent, densityHistogram: densityHistogram(byLatent), groups, flags }
}
