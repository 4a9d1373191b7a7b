// The files between engine and trainer, as base/trainer-protocol.ts lists them. Little-endian on every machine we run on.
import { closeSync, fstatSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { LabelColumn, TrainerSpec } from '../base/trainer-protocol'
import type { EncodedChunk } from './encode'
import type { Model } from './model'
import type { Labels } from './reconstruction-checks'
import type { Standardisation } from './standardise'

export interface TrainerInput {
  readonly rows: Float32Array
  readonly train: Uint32Array
  readonly heldOut: Uint32Array
  readonly labels: Labels | null
}

/** What `readInput` needs to know. */
export type InputSpec = Pick<TrainerSpec, 'scratch' | 'rows' | 'dims'> & { readonly labels?: LabelColumn | null }

const pieceBytes = 1 << 28

/** Reads what the engine prepared; throws when a file does not have the promised size. */
export function readInput(spec: InputSpec): TrainerInput {
  const rows = new Float32Array(readWhole(join(spec.scratch, 'rows.f32')))
  if (rows.length !== spec.rows * spec.dims)
    throw new Error(`rows.f32 holds ${rows.length} numbers, expected ${spec.rows * spec.dims}`)
  const train = new Uint32Array(readWhole(join(spec.scratch, 'train.u32')))
  const heldOut = new Uint32Array(readWhole(join(spec.scratch, 'heldout.u32')))
  for (const row of [...train.subarray(-1), ...heldOut.subarray(-1)])
    if (row >= spec.rows) throw new Error(`there is no row ${row}`)
  const codes = spec.labels ? new Int32Array(readWhole(join(spec.scratch, 'labels.i32'))) : null
  if (codes && codes.length !== spec.rows) throw new Error('labels.i32 does not have one label per row')
  return { rows, train, heldOut, labels: codes && spec.labels ? { ...spec.labels, codes } : null }
}

/** A given model with the mean its rows are centred on, as the engine wrote it. */
export function readStart(folder: string, latents: number, dims: number): { readonly model: Model; readonly mean: Float32Array } {
  const part = (name: string, length: number): Float32Array => {
    const values = new Float32Array(readWhole(join(folder, `start-${name}.f32`)))
    if (values.length !== length) throw new Error(`start-${name}.f32 holds ${values.length} numbers, expected ${length}`)
    return values
  }
  const model = {
    latents,
    dims,
    encoder: part('encoder', latents * dims),
    decoder: part('decoder', latents * dims),
    encoderBias: part('encoder-bias', latents),
    decoderBias: part('decoder-bias', dims),
  }
  return { model, mean: part('mean', dims) }
}

/** Writes the model and the preparation that belongs to it. */
export function writeModel(folder: string, model: Model, standardisation: Standardisation): void {
  writeFileSync(join(folder, 'encoder.f32'), model.encoder)
  writeFileSync(join(folder, 'decoder.f32'), model.decoder)
  writeFileSync(join(folder, 'encoder-bias.f32'), model.encoderBias)
  writeFileSync(join(folder, 'decoder-bias.f32'), model.decoderBias)
  writeFileSync(join(folder, 'mean.f32'), standardisation.mean)
}

/** Writes activations as they are computed, so that they never have to fit in memory. */
export class ActivationWriter {
  private readonly indptr: Float64Array
  private readonly indices: number
  private readonly values: number

  constructor(
    private readonly folder: string,
    rows: number,
  ) {
    this.indptr = new Float64Array(rows + 1)
    this.indices = openSync(join(folder, 'activation-indices.u32'), 'w')
    this.values = openSync(join(folder, 'activation-values.f32'), 'w')
  }

  /** Chunks come in row order. */
  add(chunk: EncodedChunk): void {
    const before = this.indptr[chunk.start] as number
    for (let row = 1; row <= chunk.count; row++) this.indptr[chunk.start + row] = before + (chunk.indptr[row] as number)
    writeAll(this.indices, chunk.indices)
    writeAll(this.values, chunk.values)
  }

  finish(): void {
    closeSync(this.indices)
    closeSync(this.values)
    writeFileSync(join(this.folder, 'activation-indptr.f64'), this.indptr)
  }
}

function writeAll(file: number, numbers: Uint32Array | Float32Array): void {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
}

/** Reads in pieces: one call of Node reads less than 2 GiB. */
function readWhole(path: string): ArrayBuffer {
  const file = openSync(path, 'r')
  try {
    const bytes = new Uint8Array(fstatSync(file).size)
    for (let at = 0; at < bytes.length;) {
      const read = readSync(file, bytes, at, Math.min(pieceBytes, bytes.length - at), at)
      if (read === 0) throw new Error(`${path} ended early`)
      at += read
    }
    return bytes.buffer
  } finally {
    closeSync(file)
  }
}
