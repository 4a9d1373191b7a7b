// Compiles the kernel (AssemblyScript) to WebAssembly, once per state of its sources, and offers it to bundles: the app,
// the tests and the benchmarks all get the bytes through `import { kernelBytes } from './kernel/kernel.wasm'`.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import compiler from 'assemblyscript/asc'

const repository = resolve(import.meta.dirname, '../..')
const folder = join(repository, 'src/main/trainer/kernel')
const cache = join(repository, 'node_modules/.cache/latiscope/kernel')

const options = [
  'index.ts',
  ...['--outFile', 'kernel.wasm', '--runtime', 'stub', '--use', 'abort='],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
  ...['--enable', 'simd', '--enable', 'threads', '--optimizeLevel', '3', '--converge', '--noAssert'],
]

/** @returns {Promise<Uint8Array>} the WebAssembly module */
export async function compileKernel() {
  const hash = createHash('sha256').update(`${compiler.version} ${options.join(' ')}`)
  for (const name of sourceNames()) hash.update(name).update(readFileSync(join(folder, name)))
  const cached = join(cache, `${hash.digest('hex').slice(0, 32)}.wasm`)
  try {
    return readFileSync(cached)
  } catch {
    const bytes = await compile()
    mkdirSync(cache, { recursive: true })
    const part = `${cached}.${process.pid}`
    writeFileSync(part, bytes)
    renameSync(part, cached)
    return bytes
  }
}

const sourceNames = () =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .sort()

async function compile() {
  /** @type {Uint8Array | null} */
  let bytes = null
  const { error, stderr } = await compiler.main(options, {
    readFile: (name, base) => readText(resolve(folder, base, name)),
    writeFile: (name, contents) => {
      if (name === 'kernel.wasm' && typeof contents !== 'string') bytes = contents
    },
    listFiles: (name, base) => listFolder(resolve(folder, base, name)),
  })
  if (error || bytes === null) throw new Error(`The kernel does not compile: ${error?.message ?? ''}\n${stderr.toString()}`)
  return bytes
}

/** @param {string} path */
function readText(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

/** @param {string} path */
function listFolder(path) {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

const marker = '\0latiscope-kernel'

/** Plugin for Vite: the module behind `kernel.wasm` holds the compiled bytes, so that no file has to be found at run time. */
export function kernelPlugin() {
  return {
    name: 'latiscope-kernel',
    enforce: /** @type {const} */ ('pre'),
    /** @param {string} id */
    resolveId: (id) => (id.endsWith('/kernel/kernel.wasm') ? marker : null),
    /** @param {string} id */
    async load(id) {
      if (id !== marker) return null
      const text = Buffer.from(await compileKernel()).toString('base64')
      return `export const kernelBytes = Buffer.from('${text}', 'base64')`
    },
  }
}
