// Activations on their way into the project: numbers in pieces, so that they never have to be in memory together.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { Csr } from '../../base/sparse'

/** A sparse matrix whose stored values come in pieces of any length, in order. */
export interface SparsePieces {
  readonly rows: number
  readonly columns: number
  readonly indptr: Float64Array
  indices(): Iterable<Uint8Array>
  values(): Iterable<Uint8Array>
}

/** Activations by cell and by latent, and each latent's own. */
export interface ActivationSource {
  /** cells × latents */
  readonly byCell: SparsePieces
  /** latents × cells */
  readonly byLatent: SparsePieces
  /** Cells in which a latent is on, ascending, and how strongly. Quick for latents in ascending order. */
  ofLatent(latent: number): { readonly cells: Uint32Array; readonly values: Float32Array }
}

const bytesOf = (numbers: Uint32Array | Float32Array): Uint8Array =>
  new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)

/** Activations that are in memory. */
export function activationsInMemory(activations: Csr, byLatent: Csr): ActivationSource {
  const pieces = (matrix: Csr): SparsePieces => ({
    rows: matrix.rows,
    columns: matrix.columns,
    indptr: matrix.indptr,
    indices: () => [bytesOf(matrix.indices)],
    values: () => [bytesOf(matrix.values)],
  })
  return {
    byCell: pieces(activations),
    byLatent: pieces(byLatent),
    ofLatent: (latent) => {
      const [from, to] = [byLatent.indptr[latent] as number, byLatent.indptr[latent + 1] as number]
      return { cells: byLatent.indices.subarray(from, to), values: byLatent.values.subarray(from, to) }
    },
  }
}

const pieceBytes = 1 << 22

/** Activations in the files a trainer left (base/trainer-protocol.ts); `close` when they are no longer needed. */
export function activationsInFolder(folder: string, cells: number, latents: number): ActivationSource & { close(): void } {
  const open: number[] = []
  const file = (name: string): number => open[open.push(openSync(join(folder, name), 'r')) - 1] as number
  const pieces = (name: string, rows: number, columns: number): SparsePieces => {
    const indices = file(`${name}-indices.u32`)
    const values = file(`${name}-values.f32`)
    const indptr = doubles(join(folder, `${name}-indptr.f64`))
    const bytes = (indptr.at(-1) as number) * 4
    return { rows, columns, indptr, indices: () => readPieces(indices, bytes), values: () => readPieces(values, bytes) }
  }
  const byLatent = pieces('latent', latents, cells)
  const cellsOf = windowOn(file('latent-indices.u32'))
  const strengthsOf = windowOn(file('latent-values.f32'))
  return {
    byCell: pieces('activation', cells, latents),
    byLatent,
    ofLatent: (latent) => {
      const [from, to] = [byLatent.indptr[latent] as number, byLatent.indptr[latent + 1] as number]
      return { cells: new Uint32Array(cellsOf(from, to)), values: new Float32Array(strengthsOf(from, to)) }
    },
    close: () => {
      for (const handle of open.splice(0)) closeSync(handle)
    },
  }
}

function* readPieces(file: number, bytes: number): Iterable<Uint8Array> {
  for (let from = 0; from < bytes; from += pieceBytes) yield readAt(file, from, Math.min(pieceBytes, bytes - from))
}

/** Reads 32-bit numbers `from` to `to` of a file, a stretch ahead, so that neighbours cost one read. */
function windowOn(file: number): (from: number, to: number) => ArrayBuffer {
  let kept = new Uint8Array(0)
  let start = 0
  return (from, to) => {
    if (from * 4 < start || to * 4 > start + kept.length) {
      start = from * 4
      kept = readAt(file, start, Math.max(pieceBytes, (to - from) * 4), (to - from) * 4)
    }
    return kept.slice(from * 4 - start, to * 4 - start).buffer as ArrayBuffer
  }
}

/** Up to `bytes` bytes from a position, at least `least`. */
function readAt(file: number, position: number, bytes: number, least = bytes): Uint8Array {
  const buffer = new Uint8Array(bytes)
  let filled = 0
  while (filled < bytes) {
    const read = readSync(file, buffer, filled, bytes - filled, position + filled)
    if (read === 0) break
    filled += read
  }
  if (filled < least) throw new Error('a file of the trainer ended early')
  return buffer.subarray(0, filled)
}

/** A file's bytes in a buffer of their own: small reads share Node's pool, whose offsets do not suit wider numbers. */
function doubles(file: string): Float64Array {
  const bytes = readFileSync(file)
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}
