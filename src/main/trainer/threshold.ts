// The exact inference threshold of BatchTopK: exactly `wanted` of all training pre-activations exceed it. An order
// statistic found in two sweeps without storing the values: the order of positive floats is the order of their bits,
// so a histogram of the upper 16 bits finds the class of the wanted rank, one of the lower 16 bits the value in it.

/** Shows the bits of all pre-activations to `visit`, piece by piece; the same bits on every sweep. */
export type Sweep = (visit: (bits: Uint32Array) => void) => Promise<void>

const infinityBits = 0x7f800000

/**
 * Threshold θ such that exactly `wanted` values are > θ, halfway between the last kept and the first dropped value.
 * Two exceptions: 0 when no more than `wanted` values are positive, and equal values at the edge are dropped together.
 */
export async function exactThreshold(sweep: Sweep, wanted: number): Promise<number> {
  const upper = new Float64Array(1 << 16)
  await sweep((bits) => {
    for (let at = 0; at < bits.length; at++) {
      const word = bits[at] as number
      if (word > 0 && word <= infinityBits) upper[word >>> 16] = (upper[word >>> 16] as number) + 1
    }
  })
  const kept = classOfRank(upper, wanted)
  const dropped = classOfRank(upper, wanted + 1)
  if (!kept || !dropped) return 0
  const inKept = new Float64Array(1 << 16)
  const inDropped = new Float64Array(1 << 16)
  await sweep((bits) => {
    for (let at = 0; at < bits.length; at++) {
      const word = bits[at] as number
      const low = word & 0xffff
      if (word >>> 16 === kept.index) inKept[low] = (inKept[low] as number) + 1
      if (word >>> 16 === dropped.index) inDropped[low] = (inDropped[low] as number) + 1
    }
  })
  const last = floatOf(kept.index, classOfRank(inKept, kept.rest)?.index ?? 0)
  const first = floatOf(dropped.index, classOfRank(inDropped, dropped.rest)?.index ?? 0)
  const middle = Math.fround((last + first) / 2)
  return middle < last ? middle : first
}

/** Class that holds the value of this rank (1 = largest), and the rank within the class; null beyond the last value. */
function classOfRank(counts: Float64Array, rank: number): { readonly index: number; readonly rest: number } | null {
  let above = 0
  for (let index = counts.length - 1; index >= 0; index--) {
    const here = counts[index] as number
    if (above + here >= rank) return { index, rest: rank - above }
    above += here
  }
  return null
}

function floatOf(upper: number, lower: number): number {
  return new Float32Array(Uint32Array.of(((upper << 16) | lower) >>> 0).buffer)[0] as number
}
