// From activations by row to activations by latent, and what can be said about the gradient before it is computed.
import { dot } from './simd'
import { element, firstLevelOf, Work } from './work'

/** Counting sort: the rows of a latent stay in ascending order. Notes how many activations there are and the smallest. */
export function sortColumns(work: Work): void {
  const latents = work.latents
  const counts = work.columnStarts
  memory.fill(counts, 0, (<usize>(latents + 1)) << 2)
  let smallest: f32 = Infinity
  let active = 0
  for (let row = 0; row < work.rows; row++) {
    const end = load<i32>(element(work.ends, row))
    for (let at = load<i32>(element(work.starts, row)); at < end; at++) {
      const count = element(counts, load<i32>(element(work.columns, at)))
      store<i32>(count, load<i32>(count, 4) + 1, 4)
      const value = load<f32>(element(work.values, at))
      if (value > 0) smallest = min(smallest, value)
      active++
    }
  }
  let sum = 0
  for (let latent = 0; latent <= latents; latent++) {
    sum += load<i32>(element(counts, latent))
    store<i32>(element(counts, latent), sum)
  }
  for (let row = 0; row < work.rows; row++) {
    const end = load<i32>(element(work.ends, row))
    for (let at = load<i32>(element(work.starts, row)); at < end; at++) {
      const next = element(counts, load<i32>(element(work.columns, at)))
      const place = load<i32>(next)
      store<i32>(next, place + 1)
      store<i32>(element(work.rowsOf, place), row)
      store<f32>(element(work.valuesOf, place), load<f32>(element(work.values, at)))
      store<f32>(element(work.slopesOf, place), load<f32>(element(work.slopes, at)))
    }
  }
  // Every start has moved on to the end of its latent, which is the start of the next one.
  memory.copy(counts + 4, counts, (<usize>latents) << 2)
  store<i32>(counts, 0)
  work.active = active
  work.smallest = smallest < Infinity ? smallest : 0
}

/**
 * Upper limit of the squared norm of the reconstruction's gradient (decoder bias apart), from the lengths of the rows
 * alone: a sum of vectors is at most as long as their lengths together. Mostly it shows that clipping is out of the
 * question, and the gradient need not be known before the update that uses it.
 */
export function gradientLimit(work: Work): f64 {
  let total: f64 = 0
  for (let latent = 0; latent < work.latents; latent++) {
    const end = load<i32>(element(work.columnStarts, latent + 1))
    const slopeLengths = element(work.slopeLengths, firstLevelOf(work, latent) * work.rows)
    let decoder: f32 = 0
    let encoder: f32 = 0
    let bias: f32 = 0
    let strength: f32 = 0
    for (let at = load<i32>(element(work.columnStarts, latent)); at < end; at++) {
      const row = load<i32>(element(work.rowsOf, at))
      const slope = abs(load<f32>(element(work.slopesOf, at)))
      const value = load<f32>(element(work.valuesOf, at))
      decoder += value * load<f32>(element(slopeLengths, row))
      strength += value
      encoder += slope * load<f32>(element(work.inputLengths, row))
      bias += slope
    }
    if (work.decoderLengths !== 0) decoder += work.price * strength
    total += <f64>decoder * <f64>decoder + <f64>encoder * <f64>encoder + <f64>bias * <f64>bias
    if (work.jumps !== 0) {
      const jump = <f64>load<f32>(element(work.thresholdGradient, latent))
      total += jump * jump
    }
  }
  return total
}

/** Squared norm of what AuxK adds to the gradient, before the projection. */
export function auxSquares(work: Work): f64 {
  let total: f64 = 0
  const bytes = ((<usize>work.dims) << 2) * <usize>work.deadCount
  for (let at: usize = 0; at < bytes; at += (<usize>work.dims) << 2) {
    const decoder = work.auxDecoderGradient + at
    const encoder = work.auxEncoderGradient + at
    total += <f64>dot(decoder, decoder, work.dims) + <f64>dot(encoder, encoder, work.dims)
  }
  return total + <f64>dot(work.auxBiasGradient, work.auxBiasGradient, work.deadCount)
}
