// The HDF5 library (WebAssembly), loaded on first use, with all its compression filters.
// Invariant: after a crash inside the library the broken instance is never used again; the next file gets a fresh one.
import { fileURLToPath } from 'node:url'
import type { Dataset, File, Group, H5Module } from './types'

export interface Hdf5Library {
  readonly module: H5Module
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
  crashes++
  loading = null
  return true
}

async function load(instance: number): Promise<Hdf5Library> {
  let symbols: SymbolTable | null = null
  const library = await watchingInstantiation(
    async () => {
      const found = instance === 0 ? await import('h5wasm/node') : await freshInstance(instance)
      await found.ready
      return found
    },
    (table) => (symbols ??= table),
  )
  const module = await library.ready
  provideErrno(symbols, module)
  const plugins = await import('h5wasm-plugins')
  module.insert_plugin_search_path(fileURLToPath(new URL('plugins', `${plugins.base_url}/`)), 0)
  module.activate_throwing_error_handler()
  return { module, File: library.File, Group: library.Group, Dataset: library.Dataset }
}

type SymbolTable = Record<string, unknown>

/** Runs `work` and hears of the symbol table of the first WebAssembly module made meanwhile. */
async function watchingInstantiation<T>(work: () => Promise<T>, hear: (table: SymbolTable) => void): Promise<T> {
  const original = WebAssembly.instantiate
  const watched = (source: BufferSource, imports?: WebAssembly.Imports): Promise<WebAssembly.WebAssemblyInstantiatedSource> => {
    if (imports?.env && 'GOT.mem' in imports) hear(imports.env)
    return original(source, imports)
  }
  WebAssembly.instantiate = watched as typeof WebAssembly.instantiate
  try {
    return await work()
  } finally {
    WebAssembly.instantiate = original
  }
}

/**
 * The LZF plug-in asks for the C variable errno when its first guess of the unpacked size is too small (always so for text),
 * but the library does not export it and would abort. Four bytes of its memory serve as errno.
 */
function provideErrno(symbols: SymbolTable | null, module: H5Module): void {
  const name = '__errno_location'
  if (symbols === null || symbols[name] !== undefined) return
  const place = module._malloc(4)
  module.HEAPU8.fill(0, place, place + 4)
  symbols[name] = () => place
}

/** The same code under another address is another module instance with its own memory. */
async function freshInstance(instance: number): Promise<typeof import('h5wasm/node')> {
  const address = `${import.meta.resolve('h5wasm/node')}?instance=${instance}`
  return (await import(/* @vite-ignore */ address)) as typeof import('h5wasm/node')
}
