// Encoding of many rows. Chunks always have the same shape (the last one is filled up with zeros), because the last
// bits of a matrix product may depend on its shape: so what a row gives does not depend on how many rows there are.
import type { DenseMath, HeldMatrix } from './dense-math'
import type { EncodedRows } from './fast-encoder'
import type { Model } from './model'
import { activationOf, type Inference } from './inference'
import type { Rows } from './rows'
import { activeInRow } from './select'

export const chunkRows = 1024

/** Lets waiting messages in; throws when the run was cancelled. */
export type Pause = () => Promise<void>

/** Active latents of `count` rows from `start` on: CSR with local row starts, columns ascending. */
export interface EncodedChunk {
  readonly start: number
  readonly count: number
  /** The rows themselves, count × dims or longer; good while the chunk is visited. */
  readonly input: Float32Array
  readonly indptr: Uint32Array
  readonly indices: Uint32Array
  readonly values: Float32Array
}

/**
 * Hands all rows to `visit` in blocks of chunkRows × dims, of which the first `count` rows are real; `values` are theirs, and
 * good until `visit` returns.
 */
export async function forEachBlock(
  math: DenseMath,
  rows: Rows,
  pause: Pause,
  visit: (block: HeldMatrix, start: number, count: number, values: Float32Array) => void,
): Promise<void> {
  const padded = new Float32Array(chunkRows * rows.dims)
  for (let start = 0; start < rows.count; start += chunkRows) {
    await pause()
    const count = Math.min(chunkRows, rows.count - start)
    padded.set(rows.read(start, count))
    padded.fill(0, count * rows.dims)
    const block = math.hold(padded, chunkRows, rows.dims)
    try {
      visit(block, start, count, padded)
    } finally {
      math.release(block)
    }
  }
}

/** Hands the pre-activations (chunkRows × latents; only the first `count` rows count) of all rows to `visit`. */
export async function forEachChunk(
  math: DenseMath,
  model: Model,
  rows: Rows,
  pause: Pause,
  visit: (pre: Float32Array, start: number, count: number) => void,
): Promise<void> {
  const encoder = math.hold(model.encoder, model.latents, model.dims)
  try {
    await forEachBlock(math, rows, pause, (block, start, count) => {
      visit(preActivations(math, model, encoder, block, count), start, count)
    })
  } finally {
    math.release(encoder)
  }
}

/** Pre-activations of a block, of its first `count` rows with bias. */
function preActivations(math: DenseMath, model: Model, encoder: HeldMatrix, block: HeldMatrix, count: number): Float32Array {
  const { latents, encoderBias } = model
  const pre = math.multiply(block, encoder, false, true)
  for (let row = 0; row < count; row++) {
    for (let latent = 0, at = row * latents; latent < latents; latent++, at++)
      pre[at] = (pre[at] as number) + (encoderBias[latent] as number)
  }
  return pre
}

/** Active latents of all rows, chunk by chunk: through the kernel where there is one, with the same bytes either way. */
export async function encodeRows(
  math: DenseMath,
  model: Model,
  rows: Rows,
  inference: Inference,
  pause: Pause,
  visit: (chunk: EncodedChunk) => void,
): Promise<void> {
  const fast = math.encoder?.(model, inference, chunkRows) ?? null
  const encoder = math.hold(model.encoder, model.latents, model.dims)
  try {
    await forEachBlock(math, rows, pause, (block, start, count, input) => {
      const encoded =
        fast?.(input, count) ?? listActive(preActivations(math, model, encoder, block, count), model.latents, count, inference)
      visit({ start, count, input, ...encoded })
    })
  } finally {
    math.release(encoder)
  }
}

/** What is on in the first `count` rows of pre-activations. */
function listActive(pre: Float32Array, latents: number, count: number, inference: Inference): EncodedRows {
  const scratch = new Int32Array(latents)
  const active: Int32Array[] = []
  const indptr = new Uint32Array(count + 1)
  for (let row = 0; row < count; row++) {
    const on = activeInRow(pre, row * latents, latents, inference, scratch)
    active.push(on)
    indptr[row + 1] = (indptr[row] as number) + on.length
  }
  const indices = new Uint32Array(indptr[count] as number)
  const values = new Float32Array(indices.length)
  active.forEach((on, row) => {
    const from = indptr[row] as number
    for (let at = 0; at < on.length; at++) {
      const position = on[at] as number
      const latent = position - row * latents
      indices[from + at] = latent
      values[from + at] = activationOf(pre[position] as number, latent, inference)
    }
  })
  return { indptr, indices, values }
}
