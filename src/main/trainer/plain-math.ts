// Sums over rows of numbers in plain typed arrays, in single or double precision: what the reference step is made of.
import type { Model } from './model'
import type { Numbers } from './select'

export const zerosLike = <N extends Numbers>(numbers: N): N =>
  new (numbers.constructor as new (length: number) => N)(numbers.length)

/** `target[to…] += factor · source[from…]`, `length` numbers. */
export function addScaled(target: Numbers, to: number, source: Numbers, from: number, factor: number, length: number): void {
  for (let at = 0; at < length; at++) target[to + at] = (target[to + at] as number) + factor * (source[from + at] as number)
}

export function dot(a: Numbers, from: number, b: Numbers, start: number, length: number): number {
  let sum = 0
  for (let at = 0; at < length; at++) sum += (a[from + at] as number) * (b[start + at] as number)
  return sum
}

/** Pre-activations of a batch, rows × latents. */
export function preActivations<N extends Numbers>(model: Model<N>, rows: N): N {
  const { latents, dims } = model
  const count = rows.length / dims
  const pre = new (rows.constructor as new (length: number) => N)(count * latents)
  for (let row = 0; row < count; row++) {
    for (let latent = 0; latent < latents; latent++) {
      pre[row * latents + latent] =
        dot(model.encoder, latent * dims, rows, row * dims, dims) + (model.encoderBias[latent] as number)
    }
  }
  return pre
}
