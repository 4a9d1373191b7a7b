// Seeded random numbers: the same seed gives the same draws on every machine. Generator: sfc32
// (Chris Doty-Humphrey, PractRand), seeded through splitmix32 so that close seeds give unrelated streams.
export interface SeededRandom {
  /** Uniform in [0, 1) with 32 random bits. */
  uniform(): number
  /** Whole number in [0, below). */
  below(limit: number): number
  /** Standard normal draw (Box–Muller, both halves used). */
  normal(): number
  /** In-place Fisher–Yates shuffle. */
  shuffle<T extends Uint32Array | Int32Array | unknown[]>(items: T): T
  /** `size` different members of `items`, in ascending order of their position. */
  sample(items: Uint32Array, size: number): Uint32Array
}

/** `stream` separates draws for different purposes under one seed. */
export function seededRandom(seed: number, stream = 0): SeededRandom {
  let mix = (seed ^ Math.imul(stream + 1, 0x9e3779b9)) >>> 0
  const next32 = (): number => {
    mix = (mix + 0x9e3779b9) >>> 0
    let z = mix
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return (z ^ (z >>> 16)) >>> 0
  }
  let a = next32()
  let b = next32()
  let c = next32()
  let counter = 1
  const bits = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return sum >>> 0
  }
  for (let round = 0; round < 15; round++) bits()
  let spare: number | null = null
  const random: SeededRandom = {
    uniform: () => bits() / 4294967296,
    below: (limit) => Math.floor((bits() / 4294967296) * limit),
    normal: () => {
      if (spare !== null) {
        const value = spare
        spare = null
        return value
      }
      const radius = Math.sqrt(-2 * Math.log(1 - bits() / 4294967296))
      const angle = (2 * Math.PI * bits()) / 4294967296
      spare = radius * Math.sin(angle)
      return radius * Math.cos(angle)
    },
    shuffle: (items) => {
      for (let last = items.length - 1; last > 0; last--) {
        const other = random.below(last + 1)
        const kept = items[last]
        items[last] = items[other] as never
        items[other] = kept as never
      }
      return items
    },
    sample: (items, size) => {
      if (size >= items.length) return items.slice()
      const chosen = new Uint32Array(size)
      let taken = 0
      for (let position = 0; taken < size; position++) {
        if (random.below(items.length - position) < size - taken) chosen[taken++] = items[position] as number
      }
      return chosen
    },
  }
  return random
}
