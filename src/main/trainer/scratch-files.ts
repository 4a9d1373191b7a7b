// The files between engine and trainer, as base/trainer-protocol.ts lists them. Little-endian on every machine we run on.
import { closeSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { LabelColumn, TrainerSpec } from '../base/trainer-protocol'
import type { EncodedChunk } from './encode'
import { parametersOf, type Model, type Parameter } from './model'
import type { Labels } from './reconstruction-checks'
import { readFloats, readInto } from './rows'
import type { Standardisation } from './standardise'

export interface TrainerInput {
  /** All rows, as imported; null when they are to be read from their file. */
  readonly values: Float32Array | null
  readonly train: Uint32Array
  readonly heldOut: Uint32Array
  readonly labels: Labels | null
}

/** What `readInput` needs to know. */
export type InputSpec = Pick<TrainerSpec, 'scratch' | 'rows' | 'dims' | 'streamRows'> & { readonly labels?: LabelColumn | null }

export const rowsFile = ({ scratch }: InputSpec): string => join(scratch, 'rows.f32')

/** Reads what the engine prepared; throws when a file does not have the promised size. */
export function readInput(spec: InputSpec): TrainerInput {
  const numbers = statSync(rowsFile(spec)).size / 4
  if (numbers !== spec.rows * spec.dims) throw new Error(`rows.f32 holds ${numbers} numbers, expected ${spec.rows * spec.dims}`)
  const train = new Uint32Array(readFloats(join(spec.scratch, 'train.u32')).buffer)
  const heldOut = new Uint32Array(readFloats(join(spec.scratch, 'heldout.u32')).buffer)
  for (const row of [...train.subarray(-1), ...heldOut.subarray(-1)])
    if (row >= spec.rows) throw new Error(`there is no row ${row}`)
  const codes = spec.labels ? new Int32Array(readFloats(join(spec.scratch, 'labels.i32')).buffer) : null
  if (codes && codes.length !== spec.rows) throw new Error('labels.i32 does not have one label per row')
  const labels = codes && spec.labels ? { ...spec.labels, codes } : null
  return { values: spec.streamRows ? null : readFloats(rowsFile(spec)), train, heldOut, labels }
}

export const fileOf: Readonly<Record<Parameter, string>> = {
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

/** Activations that are turned from rows to latents in memory at a time; the rest waits for another pass over the file. */
const entriesPerPass = 1 << 24
const entriesPerRead = 1 << 18

/** Writes activations as they are computed, by row and then by latent; they never have to fit in memory. */
export class ActivationWriter {
  private readonly indptr: Float64Array
  private readonly perLatent: Float64Array
  private readonly indices: number
  private readonly values: number

  constructor(
    private readonly folder: string,
    rows: number,
    latents: number,
    private readonly mostEntries = entriesPerPass,
  ) {
    this.indptr = new Float64Array(rows + 1)
    this.perLatent = new Float64Array(latents)
    this.indices = openSync(join(folder, 'activation-indices.u32'), 'w+')
    this.values = openSync(join(folder, 'activation-values.f32'), 'w+')
  }

  /** Chunks come in row order. */
  add(chunk: EncodedChunk): void {
    const before = this.indptr[chunk.start] as number
    for (let row = 1; row <= chunk.count; row++) this.indptr[chunk.start + row] = before + (chunk.indptr[row] as number)
    for (const latent of chunk.indices) this.perLatent[latent] = (this.perLatent[latent] as number) + 1
    writeAll(this.indices, chunk.indices)
    writeAll(this.values, chunk.values)
  }

  finish(): void {
    writeFileSync(join(this.folder, 'activation-indptr.f64'), this.indptr)
    this.turn()
    closeSync(this.indices)
    closeSync(this.values)
  }

  /** Writes the same activations by latent: as many latents at a time as fit, each time one pass over those by row. */
  private turn(): void {
    const starts = new Float64Array(this.perLatent.length + 1)
    this.perLatent.forEach((count, latent) => (starts[latent + 1] = (starts[latent] as number) + count))
    writeFileSync(join(this.folder, 'latent-indptr.f64'), starts)
    const rows = openSync(join(this.folder, 'latent-indices.u32'), 'w')
    const values = openSync(join(this.folder, 'latent-values.f32'), 'w')
    for (let from = 0; from < this.perLatent.length;) {
      let to = from + 1
      const start = starts[from] as number
      while (to < this.perLatent.length && (starts[to + 1] as number) - start <= this.mostEntries) to++
      const part = this.latentsBetween(from, to, starts)
      writeAll(rows, part.rows)
      writeAll(values, part.values)
      from = to
    }
    closeSync(rows)
    closeSync(values)
  }

  private latentsBetween(from: number, to: number, starts: Float64Array): { rows: Uint32Array; values: Float32Array } {
    const offset = starts[from] as number
    const next = starts.slice(from, to)
    const part = {
      rows: new Uint32Array((starts[to] as number) - offset),
      values: new Float32Array((starts[to] as number) - offset),
    }
    const total = this.indptr.at(-1) as number
    const latents = new Uint32Array(Math.min(entriesPerRead, total))
    const strengths = new Float32Array(latents.length)
    let row = 0
    for (let first = 0; first < total; first += entriesPerRead) {
      const count = Math.min(entriesPerRead, total - first)
      readInto(this.indices, new Uint8Array(latents.buffer, 0, count * 4), first * 4)
      readInto(this.values, new Uint8Array(strengths.buffer, 0, count * 4), first * 4)
      for (let at = 0; at < count; at++) {
        while (first + at >= (this.indptr[row + 1] as number)) row++
        const latent = latents[at] as number
        if (latent < from || latent >= to) continue
        const place = (next[latent - from] as number) - offset
        next[latent - from] = (next[latent - from] as number) + 1
        part.rows[place] = row
        part.values[place] = strengths[at] as number
      }
    }
    return part
  }
}

function writeAll(file: number, numbers: Uint32Array | Float32Array): void {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
}
