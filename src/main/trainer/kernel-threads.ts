// The threads of the kernel: this one and its helpers, which sleep unless a phase is open. They are needed for speed
// only: a phase ends without a helper that has not started yet.
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { chunkSize, phases, type KernelMemory } from './kernel-memory'

/** What kernel/index.ts exports; `work` is the address of the Work block. */
export interface Kernel {
  perform(work: number, phase: number, items: number, chunkSize: number): void
  sortColumns(work: number): void
  gradientLimit(work: number): number
  auxSquares(work: number): number
  sumResiduals(work: number): void
  sumSlopes(work: number, chunks: number): number
  beginCollecting(work: number, bound: number): void
  finishCollecting(work: number): number
  updateDecoderBias(work: number): void
  measureRows(work: number): void
  placeRows(work: number): number
  sumPrices(work: number): number
}

/**
 * All a helper does is wait inside the kernel; if it fails there, nobody waits for it in vain. As text, so that no file
 * has to be found beside a bundle.
 */
const helperSource = `
const { workerData } = require('node:worker_threads')
const { module, memory, work, thread, finished } = workerData
try {
  new WebAssembly.Instance(module, { env: { memory } }).exports.serve(work, thread)
} catch (thrown) {
  const count = new Int32Array(memory.buffer, finished, 1)
  Atomics.store(count, 0, -0x80000000)
  Atomics.notify(count, 0)
  throw thrown
}
`

/** More threads than this wait for memory rather than for numbers. */
const mostThreads = 16

/** As many as TensorFlow uses, which sleeps while the kernel works and works while the kernel sleeps. */
export function kernelThreads(): number {
  const asked = Number(process.env.TF_NUM_INTRAOP_THREADS)
  return Math.max(1, Math.min(Number.isInteger(asked) && asked > 0 ? asked : availableParallelism(), mostThreads))
}

export class KernelThreads {
  readonly kernel: Kernel
  private readonly helpers: readonly Worker[]

  constructor(
    module: WebAssembly.Module,
    private readonly memory: KernelMemory,
    threads: number,
  ) {
    const shared = memory.memory
    this.kernel = new WebAssembly.Instance(module, { env: { memory: shared } }).exports as unknown as Kernel
    this.helpers = Array.from({ length: threads - 1 }, (_, at) => {
      const workerData = { module, memory: shared, work: memory.work, finished: memory.finished, thread: at + 1 }
      const helper = new Worker(helperSource, { eval: true, workerData, stdin: false })
      helper.on('error', () => {}) // one that cannot start is not missed, and one that fails has said so
      helper.unref()
      return helper
    })
  }

  /** Runs a phase over `items` rows or latents; returns the sum of what its chunks added up. Throws when a helper failed. */
  run(phase: Exclude<keyof typeof phases, 'leave'>, items: number): number {
    this.kernel.perform(this.memory.work, phases[phase], items, chunkSize)
    return this.memory.total(Math.ceil(items / chunkSize))
  }

  /** Sends the helpers home. */
  dispose(): void {
    this.kernel.perform(this.memory.work, phases.leave, 0, chunkSize)
    for (const helper of this.helpers) void helper.terminate()
  }
}
