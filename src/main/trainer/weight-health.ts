// What the weights of a model alone say: latents whose decoder rows point the same way, and how well encoder and decoder
// rows agree. Cosines come from blocked products, so that no n × n matrix is ever held.
import type { DenseMath } from './dense-math'
import type { Pause } from './encode'
import type { Model } from './model'

/** Decoder rows that are compared with all at a time. */
export const blockRows = 512
export const duplicateCosine = 0.9

/** The rows with length 1; rows of length 0 stay 0. */
export function unitRows(rows: Float32Array, dims: number): Float32Array {
  const unit = rows.slice()
  for (let start = 0; start < unit.length; start += dims) {
    let square = 0
    for (let at = start; at < start + dims; at++) square += (unit[at] as number) ** 2
    const factor = square > 0 ? 1 / Math.sqrt(square) : 0
    for (let at = start; at < start + dims; at++) unit[at] = (unit[at] as number) * factor
  }
  return unit
}

/** Latents, of the first `judged`, whose decoder row has a cosine above `duplicateCosine` with the row of another latent. */
export async function countDuplicates(
  math: DenseMath,
  decoder: Float32Array,
  dims: number,
  pause: Pause,
  judged = decoder.length / dims,
): Promise<number> {
  const latents = decoder.length / dims
  const unit = unitRows(decoder, dims)
  const all = math.hold(unit, latents, dims)
  let duplicates = 0
  try {
    for (let start = 0; start < judged; start += blockRows) {
      await pause()
      const count = Math.min(blockRows, judged - start)
      const block = math.hold(unit.slice(start * dims, (start + count) * dims), count, dims)
      const cosines = math.multiply(block, all, false, true)
      math.release(block)
      for (let row = 0; row < count; row++) {
        const from = row * latents
        for (let other = 0; other < latents; other++) {
          if (other === start + row || (cosines[from + other] as number) <= duplicateCosine) continue
          duplicates++
          break
        }
      }
    }
  } finally {
    math.release(all)
  }
  return duplicates
}

/** 5 % quantile and median of the cosine of encoder and decoder row over the latents that are alive. */
export function encoderDecoderCosine(model: Model, isAlive: (latent: number) => boolean): { low: number; median: number } | null {
  const { latents, dims } = model
  const encoder = unitRows(model.encoder, dims)
  const decoder = unitRows(model.decoder, dims)
  const cosines: number[] = []
  for (let latent = 0; latent < latents; latent++) {
    if (!isAlive(latent)) continue
    let product = 0
    for (let at = latent * dims; at < (latent + 1) * dims; at++) product += (encoder[at] as number) * (decoder[at] as number)
    cosines.push(product)
  }
  if (cosines.length === 0) return null
  const sorted = Float64Array.from(cosines).sort()
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] as number
  return { low: at(0.05), median: at(0.5) }
}
