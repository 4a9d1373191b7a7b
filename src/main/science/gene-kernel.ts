// The kernel of the principal components (kernel/index.ts) with memory of its own. Pure: it reads and writes nothing else.
import { kernelBytes } from './kernel/kernel.wasm'

/** What kernel/index.ts exports; addresses are bytes in `memory`. */
interface Kernel {
  addProducts(
    sum: number,
    genes: number,
    genesOf: number,
    values: number,
    cursors: number,
    ends: number,
    cells: number,
    tile: number,
  ): void
  multiplyRows(matrix: number, block: number, out: number, size: number, width: number, from: number, to: number): void
  addRows(place: number, rows: number, genesOf: number, values: number, count: number, width: number): void
}

const pageBytes = 65_536
/** The first bytes stay free. */
const firstByte = 64

let module: WebAssembly.Module | null = null

/** Lays lists of numbers out in memory that is as large as they need, and opens the kernel on it. */
export class KernelSpace {
  readonly kernel: Kernel
  private readonly memory: WebAssembly.Memory
  private end = firstByte

  /** @param bytes all lists together */
  constructor(bytes: number) {
    const pages = Math.ceil((bytes + firstByte) / pageBytes)
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
    module ??= new WebAssembly.Module(kernelBytes)
    this.kernel = new WebAssembly.Instance(module, { env: { memory: this.memory } }).exports as unknown as Kernel
  }

  doubles(count: number): Float64Array {
    return new Float64Array(this.memory.buffer, this.take(count * 8), count)
  }

  places(count: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, this.take(Math.ceil(count / 2) * 8), count)
  }

  private take(bytes: number): number {
    this.end += bytes
    return this.end - bytes
  }
}
