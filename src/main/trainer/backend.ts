// The only place that loads TensorFlow. Whatever goes wrong becomes BackendInfo.problem: training then runs in plain
// JavaScript and says so. The package index of tfjs-node is never loaded: it looks for its own download of the library.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { appError, type AppError } from '@contract'
import type { BackendInfo } from '../base/trainer-protocol'

/** A tensor handle of the binding, with its shape. */
export interface TensorHandle {
  readonly id: number
  readonly shape: number[]
  readonly dtype: number
}

export interface OpAttribute {
  readonly name: string
  readonly type: number
  readonly value: unknown
}

/** What Latiscope uses of tfjs-node's native binding: it executes any TensorFlow operation by name. */
export interface TensorFlowBinding {
  readonly TF_FLOAT: number
  readonly TF_INT32: number
  readonly TF_INT64: number
  readonly TF_BOOL: number
  readonly TF_ATTR_TYPE: number
  readonly TF_ATTR_BOOL: number
  readonly TF_ATTR_INT: number
  readonly TF_ATTR_STRING: number
  readonly TF_ATTR_SHAPE: number
  readonly TF_Version: string
  createTensor(shape: readonly number[], dtype: number, values: Float32Array | Int32Array): number
  deleteTensor(id: number): void
  tensorDataSync(id: number): Float32Array | Int32Array | BigInt64Array
  executeOp(name: string, attributes: readonly OpAttribute[], inputs: readonly number[], outputs: number): TensorHandle[]
  getNumOfTensors(): number
}

export interface Backend {
  readonly info: BackendInfo
  /** Null when TensorFlow could not be loaded. */
  readonly binding: TensorFlowBinding | null
}

/** True when a Linux /proc/cpuinfo lists processor flags and AVX is not among them. */
export function lacksAvx(cpuInfo: string): boolean {
  const flags = /^flags\s*:(.*)$/m.exec(cpuInfo)?.[1]
  return flags !== undefined && !/\bavx\b/.test(flags)
}

/** Loads TensorFlow from the resources folder; never throws. `log` receives the technical reason of a failure. */
export function loadBackend(log: (line: string) => void): Backend {
  if (process.arch === 'x64' && process.platform === 'linux' && lacksAvx(readCpuInfo()))
    return withoutTensorFlow(appError('CPU_UNSUPPORTED'))
  const resources = process.env.LATISCOPE_RESOURCES
  if (!resources) {
    log('LATISCOPE_RESOURCES is not set')
    return withoutTensorFlow(appError('BACKEND_MISSING'))
  }
  process.env.TF_NUM_INTRAOP_THREADS ??= String(availableParallelism())
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
  const threads = Number(process.env.TF_NUM_INTRAOP_THREADS)
  try {
    const binding = registerTensorFlow(join(resources, 'native', `${process.platform}-${process.arch}`, 'tfjs_binding.node'))
    return { binding, info: { name: 'tensorflow', native: true, version: binding.TF_Version, threads, problem: null } }
  } catch (thrown) {
    log(`TensorFlow could not be loaded: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
    return withoutTensorFlow(appError('BACKEND_MISSING'))
  }
}

function withoutTensorFlow(problem: AppError): Backend {
  return {
    binding: null,
    info: { name: 'cpu', native: false, version: `plain JavaScript, ${process.version}`, threads: 1, problem },
  }
}

function readCpuInfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8')
  } catch {
    return ''
  }
}

interface TfjsCore {
  registerBackend(name: string, factory: () => unknown, priority: number): boolean
  setBackend(name: string): Promise<boolean>
}
interface KernelBackendModule {
  NodeJSKernelBackend: new (binding: TensorFlowBinding, packageName: string) => unknown
}

/** Registers tfjs-node's backend over the binding at `bindingPath`. */
function registerTensorFlow(bindingPath: string): TensorFlowBinding {
  const require = createRequire(import.meta.url)
  restoreOldUtilities(require('node:util') as Record<string, unknown>)
  const binding = require(bindingPath) as TensorFlowBinding
  const warn = console.warn
  console.warn = () => {} // every kernel is registered twice, which tfjs reports line by line
  try {
    const tf = require('@tensorflow/tfjs') as TfjsCore
    require('@tensorflow/tfjs-node/dist/register_all_kernels')
    const { NodeJSKernelBackend } = require('@tensorflow/tfjs-node/dist/nodejs_kernel_backend') as KernelBackendModule
    tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(binding, '@tensorflow/tfjs-node'), 3)
    void tf.setBackend('tensorflow')
  } finally {
    console.warn = warn
  }
  return binding
}

/** tfjs-node 4.22 still calls two functions that Node 23 removed from `util`. */
function restoreOldUtilities(util: Record<string, unknown>): void {
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined
  util.isArray ??= Array.isArray
}
