// The one block of memory through which JavaScript and the kernel's threads talk: shapes, addresses and the numbers of
// a step. Every field is 32 bits wide and stands at four times its position in this list; ../kernel-memory.ts holds the
// same list of names. Addresses are bytes in the shared memory, matrices row-major 32-bit floats unless said otherwise.

@unmanaged
export class Work {
  // Hand-over of chunks to threads (threads.ts). Ticket and generation are read and changed together, as 64 bits.
  ticket: i32 = 0
  generation: i32 = 0
  finished: i32 = 0
  chunks: i32 = 0
  chunkSize: i32 = 0
  items: i32 = 0
  phase: i32 = 0
  threads: i32 = 0

  rows: i32 = 0
  latents: i32 = 0
  dims: i32 = 0
  k: i32 = 0
  /** Activations wanted of the whole batch (BatchTopK). */
  wanted: i32 = 0
  /** rows × dims. */
  input: usize = 0
  /** rows × latents, without bias. */
  pre: usize = 0

  // Parameters and their Adam moments: latents × dims, latents, dims.
  encoder: usize = 0
  encoderMean: usize = 0
  encoderSquare: usize = 0
  decoder: usize = 0
  decoderMean: usize = 0
  decoderSquare: usize = 0
  encoderBias: usize = 0
  encoderBiasMean: usize = 0
  encoderBiasSquare: usize = 0
  decoderBias: usize = 0
  decoderBiasMean: usize = 0
  decoderBiasSquare: usize = 0
  decoderBiasGradient: usize = 0

  // What is on, by row: entries starts[row] … ends[row] of columns, values, slopes (gradients of the activations).
  starts: usize = 0
  ends: usize = 0
  columns: usize = 0
  values: usize = 0
  slopes: usize = 0
  // The same by latent: entries columnStarts[latent] … columnStarts[latent + 1].
  columnStarts: usize = 0
  rowsOf: usize = 0
  valuesOf: usize = 0
  slopesOf: usize = 0
  active: i32 = 0
  smallest: f32 = 0

  // Per thread: keyCapacity 64-bit keys, how many there are, and the bound they exceed; the gradients of a chunk of latents.
  keys: usize = 0
  keyCapacity: i32 = 0
  keyCounts: usize = 0
  bounds: usize = 0
  gradientRows: usize = 0

  /** How many nested levels the loss has, and for each the number of latents it may use, ascending; the last has all. */
  levels: i32 = 0
  prefixes: usize = 0
  /**
   * Levels × rows × dims: slopeScale · Σ (x̂ − x) over this level and those above it, x̂ from the latents of the level.
   * So the last level holds slopeScale · (x̂ − x) with all latents.
   */
  slope: usize = 0
  /** Sum over the rows of the last level of `slope`. */
  residualSum: usize = 0
  /** Length of each row of `slope` and of `input`. */
  slopeLengths: usize = 0
  inputLengths: usize = 0
  /** Chunks × dims: sum of the first level's rows of each chunk. */
  slopeParts: usize = 0
  /** One 64-bit float per chunk: what the phase adds up. */
  totals: usize = 0

  // AuxK, over the dead latents only.
  dead: usize = 0
  deadCount: i32 = 0
  auxK: i32 = 0
  /** The rows of the batch it sees, and how many; its own matrices have that many rows. */
  auxFrom: i32 = 0
  auxRows: i32 = 0
  /** Per latent: its position among the dead, or −1. The address is 0 while AuxK rests. */
  deadSlots: usize = 0
  auxDecoder: usize = 0
  auxStrengths: usize = 0
  auxOff: usize = 0
  auxSlopes: usize = 0
  auxDecoderGradient: usize = 0
  auxEncoderGradient: usize = 0
  auxBiasGradient: usize = 0

  // Numbers of the step.
  slopeScale: f32 = 0
  auxScale: f32 = 0
  rate: f32 = 0
  unbias: f32 = 0
  clip: f32 = 0
  /** 0 to measure the gradient only. */
  isUpdate: i32 = 0

  // Bounds of the latents' own (open.ts): ReLU, JumpReLU, encoding. Latents each; moments and gradient are JumpReLU's.
  thresholds: usize = 0
  thresholdsMean: usize = 0
  thresholdsSquare: usize = 0
  thresholdGradient: usize = 0
  /** JumpReLU: half the width of the kernel. */
  slack: f32 = 0
  /** JumpReLU: what the sparsity term says about every activation, and the thresholds' share of the rate. */
  push: f32 = 0
  thresholdRate: f32 = 0
  /** ReLU: price of an activation of 1, times the length of its decoder row where decoderLengths is not 0. */
  price: f32 = 0
  decoderLengths: usize = 0
  /** 0 where decoder rows may have any length. */
  keepsUnitRows: i32 = 0
  /** 1 where thresholds learn. */
  jumps: i32 = 0
}

/** Bytes of one 32-bit number, and the shift that multiplies by it. */
export const shift: usize = 2

/** Address of element `at` of 32-bit numbers. */
export function element(start: usize, at: i32): usize {
  return start + ((<usize>at) << shift)
}

/** Address of row `at` of a matrix with `dims` columns. */
export function rowOf(matrix: usize, at: i32, dims: i32): usize {
  return matrix + ((<usize>at * <usize>dims) << shift)
}

/** Rows of `slope` that belong to a level. */
export function levelOf(work: Work, level: i32): usize {
  return rowOf(work.slope, level * work.rows, work.dims)
}

/** A thread's room for the gradients of a chunk: decoder rows, encoder rows, biases. */
export function scratchOf(work: Work, thread: i32): usize {
  return element(work.gradientRows, thread * work.chunkSize * (2 * work.dims + 1))
}

/** slopeScale · (x̂ − x), rows × dims. */
export function residualOf(work: Work): usize {
  return levelOf(work, work.levels - 1)
}

/** The first level that may use a latent. */
export function firstLevelOf(work: Work, latent: i32): i32 {
  let level = 0
  while (latent >= load<i32>(element(work.prefixes, level))) level++
  return level
}

/** Notes what a chunk adds up; the sum over chunks is formed in their order, whichever thread had them. */
export function setTotal(work: Work, chunk: i32, total: f64): void {
  store<f64>(work.totals + ((<usize>chunk) << 3), total)
}
