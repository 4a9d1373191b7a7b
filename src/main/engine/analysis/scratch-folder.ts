// The files a trainer reads and leaves in a scratch folder, from the engine's side. Layout: base/trainer-protocol.ts and
// base/trainer-work.ts. The folder is removed whatever happens.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LabelColumn, TrainerSpec } from '../../base/trainer-protocol'
import { refuse } from '../../base/refusal'
import type { Csr } from '../../base/sparse'
import type { Engine } from '../engine'
import type { Project } from '../project/project'
import { optionalWeights, type RunWeights } from '../store/runs'
import { makeScratch } from './checkpoint-folders'

/** Folders of other work go by numbers no run has. */
let foldersMade = 1e9

/** Gives `use` an empty folder and removes it afterwards. */
export async function withScratch<T>(engine: Engine, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = makeScratch(engine.folders.cache, ++foldersMade)
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export function writeNumbers(file: string, numbers: Float32Array | Int32Array | Uint32Array): void {
  writeFileSync(file, Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength))
}

/** A file's bytes in a buffer of their own: small reads share Node's pool, whose offsets do not suit wider numbers. */
export function readAligned(file: string): ArrayBuffer {
  const bytes = readFileSync(file)
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
}

export const readFloats = (folder: string, name: string): Float32Array =>
  new Float32Array(readAligned(join(folder, `${name}.f32`)))

/** Activations of all rows as a trainer left them. */
export function readActivations(folder: string, rows: number, latents: number): Csr {
  return {
    rows,
    columns: latents,
    indptr: new Float64Array(readAligned(join(folder, 'activation-indptr.f64'))),
    indices: new Uint32Array(readAligned(join(folder, 'activation-indices.u32'))),
    values: readFloats(folder, 'activation-values'),
  }
}

/** The file of a part: `thresholds` is in thresholds.f32, `magnitudeLog` in magnitude-log.f32. */
const fileOf = (part: string): string => part.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

export function readWeights(folder: string): RunWeights {
  const present = optionalWeights.filter((part) => existsSync(join(folder, `${fileOf(part)}.f32`)))
  return {
    encoder: readFloats(folder, 'encoder'),
    decoder: readFloats(folder, 'decoder'),
    encoderBias: readFloats(folder, 'encoder-bias'),
    decoderBias: readFloats(folder, 'decoder-bias'),
    mean: readFloats(folder, 'mean'),
    ...Object.fromEntries(present.map((part) => [part, readFloats(folder, fileOf(part))])),
  }
}

/** A model for the trainer to start from or to measure. */
export function writeModel(folder: string, weights: RunWeights): void {
  for (const [part, values] of Object.entries(weights))
    writeNumbers(join(folder, `start-${fileOf(part)}.f32`), values as Float32Array)
}

/** The model of a run as a start. */
export function writeStart(project: Project, run: number, folder: string): NonNullable<TrainerSpec['start']> {
  const { settings, outcome } = project.runs.origin(run) ?? refuse('RUN_NOT_FOUND', { run })
  writeModel(folder, project.runs.weights(run))
  return { arch: settings.arch, scale: outcome.scale }
}

/** Cell types for the probe, where a column holds them. */
export function writeLabels(project: Project, folder: string): LabelColumn | null {
  const column = project.dataset.columns().find(({ role, kind }) => role === 'cell-type' && kind === 'category')
  if (!column) return null
  writeNumbers(join(folder, 'labels.i32'), project.dataset.codes(column))
  return { column: column.name, classes: column.levels.length }
}
