// Small data for the trainer's tests, and the scratch folder a run starts from.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { laterSettings, type TrainSettings } from '@contract'
import { seededRandom } from '../../src/main/base/random'
import type { TrainerSpec } from '../../src/main/base/trainer-protocol'
import { normaliseRows } from '../../src/main/trainer/model'

export interface Planted {
  readonly rows: Float32Array
  readonly truth: Float32Array
}

/** Rows made of few planted directions each, with 5 % noise and a mean far from 0. */
export function plantedRows(count: number, dims: number, features: number, active: number, seed = 7): Planted {
  const random = seededRandom(seed)
  const truth = Float32Array.from({ length: features * dims }, () => random.normal())
  normaliseRows(truth, dims)
  const rows = Float32Array.from({ length: count * dims }, () => 3 + 0.05 * random.normal())
  for (let row = 0; row < count; row++) {
    for (let feature = 0; feature < features; feature++) {
      if (random.uniform() >= active / features) continue
      const strength = 0.5 + random.uniform()
      for (let dim = 0; dim < dims; dim++)
        rows[row * dims + dim] = (rows[row * dims + dim] as number) + strength * (truth[feature * dims + dim] as number)
    }
  }
  return { rows, truth }
}

export const toySettings: TrainSettings = {
  arch: 'batchtopk',
  latents: 32,
  k: 4,
  steps: 200,
  batch: 64,
  learningRate: 1e-3,
  warmUp: 0.05,
  decay: 0.2,
  auxCoefficient: 1 / 32,
  auxK: 8,
  deadAfter: 2000,
  heldOut: 0.2,
  heldOutBy: null,
  seed: 0,
  ...laterSettings,
}

/** Writes the files of a run: every fifth row is held out. */
export function writeScratch(
  folder: string,
  rows: Float32Array,
  dims: number,
  settings: Partial<TrainSettings> = {},
): TrainerSpec {
  mkdirSync(folder, { recursive: true })
  const count = rows.length / dims
  const all = Array.from({ length: count }, (_, row) => row)
  writeFileSync(join(folder, 'rows.f32'), rows)
  writeFileSync(join(folder, 'train.u32'), Uint32Array.from(all.filter((row) => row % 5 !== 0)))
  writeFileSync(join(folder, 'heldout.u32'), Uint32Array.from(all.filter((row) => row % 5 === 0)))
  return {
    ...{ run: 1, scratch: folder, rows: count, dims, settings: { ...toySettings, ...settings } },
    ...{ streamRows: false, checkpoints: null, finish: false },
  }
}

/** One hash over the names and contents of all files of a folder. */
export function fingerprint(folder: string): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(join(folder, name)))
  return hash.digest('hex')
}

export function readFloats(folder: string, name: string): Float32Array {
  return new Float32Array(new Uint8Array(readFileSync(join(folder, name))).buffer)
}
