// The memory that JavaScript, TensorFlow and the kernel's threads share: where everything lies, and the Work block that
// says so to the kernel. Every part starts at a multiple of 64 bytes: TensorFlow copies tensors that do not.

/** Fields of the Work block in order; kernel/work.ts explains them. Each is one 32-bit number. */
const fields = [
  ...['ticket', 'generation', 'finished', 'chunks', 'chunkSize', 'items', 'phase', 'threads'],
  ...['rows', 'latents', 'dims', 'k', 'wanted', 'input', 'pre'],
  ...['encoder', 'encoderMean', 'encoderSquare', 'decoder', 'decoderMean', 'decoderSquare'],
  ...['encoderBias', 'encoderBiasMean', 'encoderBiasSquare'],
  ...['decoderBias', 'decoderBiasMean', 'decoderBiasSquare', 'decoderBiasGradient'],
  ...['starts', 'ends', 'columns', 'values', 'slopes'],
  ...['columnStarts', 'rowsOf', 'valuesOf', 'slopesOf', 'active', 'smallest'],
  ...['keys', 'keyCapacity', 'keyCounts', 'bounds', 'gradientRows'],
  ...['levels', 'prefixes', 'slope', 'residualSum', 'slopeLengths', 'inputLengths', 'slopeParts', 'totals'],
  ...['dead', 'deadCount', 'auxK', 'auxFrom', 'auxRows', 'deadSlots', 'auxDecoder', 'auxStrengths', 'auxOff', 'auxSlopes'],
  ...['auxDecoderGradient', 'auxEncoderGradient', 'auxBiasGradient'],
  ...['slopeScale', 'auxScale', 'rate', 'unbias', 'clip', 'isUpdate'],
  ...['thresholds', 'thresholdsMean', 'thresholdsSquare', 'thresholdGradient'],
  ...['slack', 'push', 'thresholdRate', 'price', 'decoderLengths', 'keepsUnitRows', 'jumps'],
] as const

/** The phases kernel/threads.ts knows. */
export const phases = {
  leave: 0,
  select: 1,
  collect: 2,
  decode: 3,
  spread: 4,
  learn: 5,
  gather: 6,
  choose: 7,
  compare: 8,
  mask: 9,
  count: 10,
  fill: 11,
  jump: 12,
  order: 13,
} as const

/** Rows or latents per chunk: what one thread takes at a time, and what is added up before the chunks are. */
export const chunkSize = 32

export interface KernelShape {
  readonly rows: number
  readonly latents: number
  readonly dims: number
  readonly k: number
  /** How what is on is found: the largest of a row or of the batch, or (`bounds`) what exceeds a bound of its latent. */
  readonly rule: 'topk' | 'batchtopk' | 'bounds'
  /** Room for activations of a batch; rows × k unless the rule is `bounds`. */
  readonly capacity: number
  /** Numbers of latents of the nested levels, ascending; the last has all. */
  readonly prefixes: readonly number[]
  readonly threads: number
  /** Whether AuxK may ever be needed. */
  readonly revives: boolean
}

export type Part =
  | 'thresholdGradient'
  | 'decoderLengths'
  | `${'encoder' | 'decoder' | 'encoderBias' | 'decoderBias' | 'thresholds'}${'' | 'Mean' | 'Square'}`
  | 'decoderBiasGradient'
  | 'input'
  | 'pre'
  | 'starts'
  | 'ends'
  | 'columns'
  | 'values'
  | 'slopes'
  | 'columnStarts'
  | 'rowsOf'
  | 'valuesOf'
  | 'slopesOf'
  | 'keys'
  | 'keyCounts'
  | 'bounds'
  | 'gradientRows'
  | 'prefixes'
  | 'slope'
  | 'residualSum'
  | 'slopeLengths'
  | 'inputLengths'
  | 'slopeParts'
  | 'totals'
  | 'dead'
  | 'deadSlots'
  | `aux${'Decoder' | 'Strengths' | 'Off' | 'Slopes' | 'DecoderGradient' | 'EncoderGradient' | 'BiasGradient'}`

const pageBytes = 65_536
/** Pages of a memory with 32-bit addresses. */
const mostPages = 65_535
const alignment = 64
/** The kernel's compiler reserves the first bytes for itself. */
const firstByte = 1024
/** Room a scan needs beyond the keys it keeps: one block, and enough that sorting out is rare. */
const keySlack = 64

/** Keys a thread needs room for: twice what a row (TopK) or the batch (BatchTopK) keeps, or all dead latents. */
function keyCapacity({ rows, latents, k, rule }: KernelShape): number {
  if (rule === 'bounds') return keySlack
  return Math.max(2 * (rule === 'topk' ? k : k * rows) + keySlack, latents)
}

/** How many 32-bit numbers each part holds. */
function sizes(shape: KernelShape): Record<Part, number> {
  const { rows, latents, dims, threads, revives } = shape
  const bounded = shape.rule === 'bounds' ? latents : 0
  const levels = shape.prefixes.length
  const matrix = latents * dims
  const active = shape.capacity
  const chunks = Math.ceil(Math.max(rows, latents) / chunkSize)
  const dead = revives ? latents : 0
  return {
    ...{ encoder: matrix, encoderMean: matrix, encoderSquare: matrix },
    ...{ decoder: matrix, decoderMean: matrix, decoderSquare: matrix },
    ...{ encoderBias: latents, encoderBiasMean: latents, encoderBiasSquare: latents },
    ...{ decoderBias: dims, decoderBiasMean: dims, decoderBiasSquare: dims, decoderBiasGradient: dims },
    ...{ input: rows * dims, pre: rows * latents, starts: rows, ends: rows },
    ...{ columns: active, values: active, slopes: active },
    ...{ columnStarts: latents + 1, rowsOf: active, valuesOf: active, slopesOf: active },
    ...{ keys: 2 * threads * keyCapacity(shape), keyCounts: threads, bounds: threads },
    gradientRows: threads * chunkSize * (2 * dims + 1),
    ...{ prefixes: levels, slope: levels * rows * dims, residualSum: dims, slopeLengths: levels * rows, inputLengths: rows },
    ...{ slopeParts: Math.ceil(rows / chunkSize) * dims, totals: 2 * chunks },
    ...{ dead, deadSlots: dead, auxDecoder: dead * dims, auxStrengths: rows * dead, auxOff: revives ? rows * dims : 0 },
    ...{ auxSlopes: rows * dead, auxDecoderGradient: dead * dims, auxEncoderGradient: dead * dims, auxBiasGradient: dead },
    ...{ thresholds: bounded, thresholdsMean: bounded, thresholdsSquare: bounded, thresholdGradient: bounded },
    decoderLengths: bounded,
  }
}

/** Where each part begins, and how many pages that makes. Memory that is never touched is never occupied. */
function layOut(shape: KernelShape): { readonly starts: ReadonlyMap<Part, number>; readonly pages: number } {
  const starts = new Map<Part, number>()
  let end = firstByte + Math.ceil((fields.length * 4) / alignment) * alignment
  for (const [part, size] of Object.entries(sizes(shape)) as [Part, number][]) {
    starts.set(part, end)
    end += Math.ceil((size * 4) / alignment) * alignment
  }
  return { starts, pages: Math.ceil(end / pageBytes) }
}

/** True when 32-bit addresses reach everything a step of this shape needs. */
export function fitsMemory(shape: KernelShape): boolean {
  return layOut(shape).pages <= mostPages
}

export class KernelMemory {
  readonly memory: WebAssembly.Memory
  /** Address of the Work block. */
  readonly work = firstByte
  /** Address of the count of finished chunks. */
  readonly finished = firstByte + 4 * fieldAt('finished')
  private readonly starts: ReadonlyMap<Part, number>
  private readonly whole: Int32Array
  private readonly real: Float32Array

  /** Throws a RangeError when the machine does not give that much memory. */
  constructor(private readonly shape: KernelShape) {
    const { starts, pages } = layOut(shape)
    this.starts = starts
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: mostPages + 1, shared: true })
    this.whole = new Int32Array(this.memory.buffer, this.work, fields.length)
    this.real = new Float32Array(this.memory.buffer, this.work, fields.length)
    for (const [part, start] of starts) this.whole[fieldAt(part)] = start
    const { rows, latents, dims, k, threads, prefixes } = shape
    this.set({ rows, latents, dims, k, threads, wanted: rows * k, keyCapacity: keyCapacity(shape), deadSlots: 0 })
    this.set({ levels: prefixes.length, keepsUnitRows: 1, decoderLengths: 0 })
    this.ints('prefixes', prefixes.length).set(prefixes)
  }

  /** Sets whole numbers of the Work block. */
  set(numbers: Readonly<Record<string, number>>): void {
    for (const [field, value] of Object.entries(numbers)) this.whole[fieldAt(field)] = value
  }

  /** Sets 32-bit floats of the Work block. */
  setFloats(numbers: Readonly<Record<string, number>>): void {
    for (const [field, value] of Object.entries(numbers)) this.real[fieldAt(field)] = value
  }

  /** AuxK takes part in the step, for these latents. */
  wake(dead: Int32Array, auxK: number): void {
    this.ints('dead', dead.length).set(dead)
    const slots = this.ints('deadSlots', this.shape.latents).fill(-1)
    dead.forEach((latent, at) => (slots[latent] = at))
    this.set({ deadCount: dead.length, auxK, deadSlots: this.address('deadSlots') })
  }

  /** AuxK takes no part. */
  rest(): void {
    this.set({ deadSlots: 0 })
  }

  get isRevived(): boolean {
    return this.whole[fieldAt('deadSlots')] !== 0
  }

  get active(): number {
    return this.whole[fieldAt('active')] as number
  }

  get smallest(): number {
    return this.real[fieldAt('smallest')] as number
  }

  address(part: Part): number {
    return this.starts.get(part) as number
  }

  floats(part: Part, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, this.address(part), length)
  }

  ints(part: Part, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, this.address(part), length)
  }

  /** Sum of what the chunks of the last phase added up, in their order. */
  total(chunks: number): number {
    let sum = 0
    for (const part of new Float64Array(this.memory.buffer, this.address('totals'), chunks)) sum += part
    return sum
  }
}

function fieldAt(name: string): number {
  const at = (fields as readonly string[]).indexOf(name)
  if (at < 0) throw new Error(`the Work block has no field ${name}`)
  return at
}
