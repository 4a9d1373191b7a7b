// The files of one training between engine and trainer: what the engine prepares, and what it makes of the results.
// Nothing as large as the data or its activations is held in memory.
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { TrainerOutcome } from '../../base/trainer-protocol'
import { densityHistogram } from '../../science/density'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import type { FinishedRun, RunWeights, Split } from '../store/runs'
import { openSparseFile } from '../store/sparse-file'
import { flagLatents } from './flags'
import { associateMetadata } from './groups'

/** Numbers copied between two chances for other requests. */
const numbersAtATime = 1 << 22

/** Writes the rows and who trains on them. `rows`: only the first so many. */
export async function writeInput(
  project: Project,
  scratch: string,
  shape: { readonly rows: number; readonly dims: number },
  { train, heldOut }: Split,
  breathe: () => Promise<void>,
): Promise<void> {
  const file = openSync(join(scratch, 'rows.f32'), 'w')
  try {
    const total = shape.rows * shape.dims
    for (let from = 0; from < total; from += numbersAtATime) {
      const part = project.dataset.representationPart(from, Math.min(from + numbersAtATime, total))
      const bytes = Buffer.from(part.buffer, part.byteOffset, part.byteLength)
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
      await breathe()
    }
  } finally {
    closeSync(file)
  }
  writeFileSync(join(scratch, 'train.u32'), bytesOf(train))
  writeFileSync(join(scratch, 'heldout.u32'), bytesOf(heldOut))
}

/** Per stored activation: group statistics and writing. */
const secondsPerActivation = 4e-7
const secondsToOpen = 0.1

/** About how long storing a model and its activations takes once they are computed. */
export function storingSeconds(rows: number, { k }: { readonly k: number }): number {
  return secondsToOpen + secondsPerActivation * rows * k
}

/** Looks at the activations a trainer left for a model and gives what is to be stored to `use`, while its files are open. */
export async function withResults<T>(
  { project, context }: { readonly project: Project; readonly context: JobContext },
  scratch: string,
  latents: number,
  outcome: TrainerOutcome,
  weights: RunWeights,
  use: (finished: FinishedRun) => T,
): Promise<T> {
  const cells = project.dataset.get()?.rows ?? 0
  const activations = openSparseFile(join(scratch, 'activation'), cells, latents)
  const byLatent = openSparseFile(join(scratch, 'latent'), latents, cells)
  try {
    const metadata = await associateMetadata(project.dataset, byLatent, () => context.breathe())
    const flags = await flagLatents(project.dataset, byLatent, () => context.breathe())
    return use({ outcome, weights, activations, byLatent, densityHistogram: densityHistogram(byLatent), ...metadata, flags })
  } finally {
    activations.close()
    byLatent.close()
  }
}

function bytesOf(numbers: Uint32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)
}
