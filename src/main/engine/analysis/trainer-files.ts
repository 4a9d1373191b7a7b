// The files of one training between engine and trainer: what the engine prepares, and what it makes of the results.
// Nothing as large as the data or its activations is held in memory.
import { closeSync, existsSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { TrainSettings } from '@contract'
import type { TrainerOutcome } from '../../base/trainer-protocol'
import { densityHistogram } from '../../science/density'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import { optionalWeights, type FinishedRun, type RunWeights, type Split } from '../store/runs'
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

/** Looks at the results of a trainer and stores them in one transaction. */
export async function storeResults(
  project: Project,
  run: number,
  settings: TrainSettings,
  scratch: string,
  outcome: TrainerOutcome,
  context: JobContext,
): Promise<void> {
  const cells = project.dataset.get()?.rows ?? 0
  const activations = openSparseFile(join(scratch, 'activation'), cells, settings.latents)
  const byLatent = openSparseFile(join(scratch, 'latent'), settings.latents, cells)
  const f32 = (name: string): Float32Array => {
    const bytes = readFileSync(join(scratch, `${name}.f32`))
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
  }
  try {
    const metadata = await associateMetadata(project.dataset, byLatent, () => context.breathe())
    const flags = await flagLatents(project.dataset, byLatent, () => context.breathe())
    const finished: FinishedRun = {
      outcome,
      weights: {
        encoder: f32('encoder'),
        decoder: f32('decoder'),
        encoderBias: f32('encoder-bias'),
        decoderBias: f32('decoder-bias'),
        mean: f32('mean'),
        ...optionalParts(scratch, f32),
      },
      activations,
      byLatent,
      densityHistogram: densityHistogram(byLatent),
      ...metadata,
      flags,
    }
    project.runs.finish(run, finished, new Date())
  } finally {
    activations.close()
    byLatent.close()
  }
}

/** What only some models and preparations have: thresholds.f32 holds `thresholds`, magnitude-log.f32 `magnitudeLog` and so on. */
function optionalParts(scratch: string, read: (name: string) => Float32Array): Partial<RunWeights> {
  const fileOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  const present = optionalWeights.filter((name) => existsSync(join(scratch, `${fileOf(name)}.f32`)))
  return Object.fromEntries(present.map((name) => [name, read(fileOf(name))]))
}

function bytesOf(numbers: Uint32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)
}
