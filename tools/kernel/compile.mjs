// Compiles the kernel (AssemblyScript) to WebAssembly, once per state of its sources, and offers it to bundles: the app,
// the tests and the benchmarks all get the bytes through `import { kernelBytes } from './kernel/kernel.wasm'`.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import compiler from 'assemblyscript/asc'

/** From the kernel's folder. */
const cachePath = '../../../../node_modules/.cache/latiscope/kernel'

const options = [
  'index.ts',
  ...['--outFile', 'kernel.wasm', '--runtime', 'stub', '--use', 'abort='],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
  ...['--enable', 'simd', '--enable', 'threads', '--optimizeLevel', '3', '--converge', '--noAssert'],
]

/**
 * @param {string} folder of the sources: a configuration that is bundled itself does not know where this file was
 * @returns {Promise<Uint8Array>} the WebAssembly module
 */
export async function compileKernel(folder) {
  const cache = join(folder, cachePath)
  const hash = createHash('sha256').update(`${compiler.version} ${options.join(' ')}`)
  for (const name of sourceNames(folder)) hash.update(name).update(readFileSync(join(folder, name)))
  const cached = join(cache, `${hash.digest('hex').slice(0, 32)}.wasm`)
  try {
    return readFileSync(cached)
  } catch {
    const bytes = await compile(folder)
    mkdirSync(cache, { recursive: true })
    const part = `${cached}.${process.pid}`
    writeFileSync(part, bytes)
    renameSync(part, cached)
    return bytes
  }
}

const sourceNames = (/** @type {string} */ folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .sort()

/** @param {string} folder */
async function compile(folder) {
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

const marker = '\0latiscope-kernel:'

/** Plugin for Vite: the module behind `kernel.wasm` holds the compiled bytes, so that no file has to be found at run time. */
export function kernelPlugin() {
  return {
    name: 'latiscope-kernel',
    enforce: /** @type {const} */ ('pre'),
    /** @param {string} id @param {string | undefined} importer */
    resolveId: (id, importer = '') =>
      id.endsWith('/kernel/kernel.wasm') ? marker + dirname(resolve(dirname(importer), id)) : null,
    /** @param {string} id */
    async load(id) {
      if (!id.startsWith(marker)) return null
      const bytes = await compileKernel(id.slice(marker.length))
      return `export const kernelBytes = Buffer.from('${Buffer.from(bytes).toString('base64')}', 'base64')`
    },
  }
}
