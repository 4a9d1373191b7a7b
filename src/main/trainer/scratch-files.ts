// The files between engine and trainer, as base/trainer-protocol.ts lists them. Little-endian on every machine we run on.
import { closeSync, fstatSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { TrainerSpec } from '../base/trainer-protocol'
import type { EncodedChunk } from './encode'
import { parametersOf, type Model, type Parameter } from './model'
import type { Standardisation } from './standardise'

export interface TrainerInput {
  readonly rows: Float32Array
  readonly train: Uint32Array
  readonly heldOut: Uint32Array
}

const pieceBytes = 1 << 28

/** Reads what the engine prepared; throws when a file does not have the promised size. */
export function readInput(spec: TrainerSpec): TrainerInput {
  const rows = new Float32Array(readWhole(join(spec.scratch, 'rows.f32')))
  if (rows.length !== spec.rows * spec.dims)
    throw new Error(`rows.f32 holds ${rows.length} numbers, expected ${spec.rows * spec.dims}`)
  const train = new Uint32Array(readWhole(join(spec.scratch, 'train.u32')))
  const heldOut = new Uint32Array(readWhole(join(spec.scratch, 'heldout.u32')))
  for (const row of [...train.subarray(-1), ...heldOut.subarray(-1)])
    if (row >= spec.rows) throw new Error(`there is no row ${row}`)
  return { rows, train, heldOut }
}

const fileOf: Readonly<Record<Parameter, string>> = {
  ...{ encoder: 'encoder', decoder: 'decoder', encoderBias: 'encoder-bias', decoderBias: 'decoder-bias' },
  ...{ thresholds: 'thresholds', magnitudeLog: 'magnitude-log', magnitudeBias: 'magnitude-bias' },
}

/** Writes the model and the preparation that belongs to it. */
export function writeModel(folder: string, model: Model, standardisation: Standardisation): void {
  const write = (name: string, values: Float32Array): void => writeFileSync(join(folder, `${name}.f32`), values)
  for (const [name, values] of parametersOf(model)) write(fileOf[name], values)
  write('mean', standardisation.mean)
  const { factors, whitening } = standardisation
  if (factors) write('input-factors', factors)
  if (whitening) {
    write('input-matrix', whitening.matrix)
    write('input-inverse', whitening.inverse)
  }
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
