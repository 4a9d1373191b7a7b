// The HDF5 library (WebAssembly), loaded on first use, with all its compression filters.
// Invariant: after a crash inside the library the broken instance is never used again; the next file gets a fresh one.
import { filterFolders } from './filters'
import { Gate } from './gate'
import type { Dataset, File, Group, H5Module } from './types'

export interface Hdf5Library {
  readonly module: H5Module
  readonly gate: Gate
  readonly File: new (path: string, mode: 'r') => File
  readonly Group: new (file: bigint, path: string) => Group
  readonly Dataset: new (file: bigint, path: string) => Dataset
}

let loading: Promise<Hdf5Library> | null = null
let crashes = 0

/** The library, ready to open files. */
export function hdf5Library(): Promise<Hdf5Library> {
  loading ??= load(crashes)
  return loading
}

/** Must be called when an error came out of the library; says whether the whole instance is lost. */
export function noteLibraryError(thrown: unknown): boolean {
  if (!(thrown instanceof WebAssembly.RuntimeError)) return false
  discardLibrary()
  return true
}

/** Leaves the present instance behind: the next file gets a fresh one. For errors after which its tables may be wrong. */
export function discardLibrary(): void {
  crashes++
  loading = null
}

async function load(instance: number): Promise<Hdf5Library> {
  const library = instance === 0 ? await import('h5wasm/node') : await freshInstance(instance)
  const module = await library.ready
  const folders = await filterFolders()
  for (const folder of folders) module.insert_plugin_search_path(folder, 0)
  module.activate_throwing_error_handler()
  const gate = new Gate(folders)
  gate.guard(module.FS as never)
  return { module, gate, File: library.File, Group: library.Group, Dataset: library.Dataset }
}

/** The same code under another address is another module instance with its own memory. */
async function freshInstance(instance: number): Promise<typeof import('h5wasm/node')> {
  const address = `${import.meta.resolve('h5wasm/node')}?instance=${instance}`
  return (await import(/* @vite-ignore */ address)) as typeof import('h5wasm/node')
}
