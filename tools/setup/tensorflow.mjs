// libtensorflow and the binding of @tensorflow/tfjs-node. The library comes from the official archive where its host
// can be reached, else out of the Python wheel; the binding is compiled here against it, because its ready-made archive
// has no published hash. tfjs-node's own install script never runs.
import { lstatSync, readlinkSync } from 'node:fs'
import { chmod, mkdir, realpath, rename, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipWheel, run, tellingLine } from './clients.mjs'
import { download } from './download.mjs'
import { pinFor, tensorflowArchive, tensorflowWheel } from './pins.mjs'
import { say, SetupProblem } from './report.mjs'
import { isStaged, stage } from './staged.mjs'
import { unzip } from './zip.mjs'

/** @typedef {{ repository: string, cache: string, target: string, node: string }} Places */

const RECIPE = 'tfjs-node 4.22.0, recipe 1'
const versions = [tensorflowArchive.version, tensorflowWheel.version]

/** Whether a library with its binding is ready, so that no compiler is needed. */
export function isTensorflowStaged(/** @type {{ cache: string, target: string }} */ places) {
  return stagedVersion(places) !== undefined
}

/**
 * Also links resources/native/<platform>-<arch> of this clone to the cache.
 * @param {Places} places
 * @returns {Promise<{ folder: string, version: string }>}
 */
export async function ensureTensorflow(places) {
  const version = stagedVersion(places) ?? (await stageOne(places))
  const folder = folderOf(places, version)
  await linkNative(places, folder)
  return { folder, version }
}

function folderOf(/** @type {{ cache: string, target: string }} */ { cache, target }, /** @type {string} */ version) {
  return join(cache, `tensorflow-${version}-${target}`)
}

function stagedVersion(/** @type {{ cache: string, target: string }} */ places) {
  return versions.find((version) => isStaged(folderOf(places, version), RECIPE))
}

async function stageOne(/** @type {Places} */ places) {
  const archive = pinFor(tensorflowArchive, places.target)
  const wheel = pinFor(tensorflowWheel, places.target)
  if (!archive || !wheel) {
    throw new SetupProblem(
      `TensorFlow cannot be set up on ${places.target}, because its library is pinned for Linux on x64 only so far: use such a machine.`,
    )
  }
  const reason = await stageArchive(places, archive).then(
    () => null,
    (error) => String(error instanceof Error ? error.message : error),
  )
  if (reason === null) return tensorflowArchive.version
  say(
    `TensorFlow ${tensorflowArchive.version} could not be had from its official address (${reason}); taking ${tensorflowWheel.version} from the Python package index.`,
  )
  await stageWheel(places, wheel)
  return tensorflowWheel.version
}

async function stageArchive(/** @type {Places} */ places, /** @type {{ url: string, sha256: string }} */ pin) {
  const { version } = tensorflowArchive
  await stage(folderOf(places, version), RECIPE, async (into, scratch) => {
    const to = join(places.cache, 'downloads', `libtensorflow-${version}-${places.target}.tar.gz`)
    await download({ ...pin, to, label: `TensorFlow ${version}` })
    const { code, output } = await run('tar', ['-xzf', to, '-C', scratch])
    if (code !== 0) throw new Error(`tar said "${tellingLine(output)}"`)
    const sources = { include: join(scratch, 'include'), library: join(scratch, 'lib'), name: 'tensorflow' }
    await buildInto(into, sources, places)
    await rm(to)
  })
  say(`TensorFlow ${version} is ready.`)
}

async function stageWheel(
  /** @type {Places} */ places,
  /** @type {{ name: string, pythonVersion: string, platform: string, bytes: number, sha256: string }} */ pin,
) {
  const { version } = tensorflowWheel
  await stage(folderOf(places, version), RECIPE, async (into, scratch) => {
    const downloads = join(places.cache, 'downloads')
    const wheel = await pipWheel({ ...pin, version, label: `TensorFlow ${version}`, downloads, scratch })
    say('unpacking TensorFlow and compiling its binding for Node …')
    await unzip(wheel, scratch, (name) => (isNeededOfWheel(name) ? name : null))
    const library = join(scratch, 'tensorflow')
    await buildInto(into, { include: join(library, 'include'), library, name: 'tensorflow_cc' }, places)
    await rm(wheel)
  })
  say(`TensorFlow ${version} is ready.`)
}

/** The two libraries and the C headers: a hundredth of the wheel's files. */
export function isNeededOfWheel(/** @type {string} */ name) {
  return /^tensorflow\/(libtensorflow_(cc|framework)\.so\.2$|include\/(tensorflow|tsl)\/c\/|include\/tensorflow\/tsl\/|include\/(tsl|tensorflow\/core)\/platform\/ctstring)/.test(
    name,
  )
}

/**
 * Compiles the binding against a library and moves both to `into`, stripped.
 * @param {string} into @param {{ include: string, library: string, name: string }} sources @param {Places} places
 */
async function buildInto(into, { include, library, name }, places) {
  const modules = join(places.repository, 'node_modules')
  const binding = join(modules, '@tensorflow', 'tfjs-node', 'binding')
  const wanted = [`lib${name}.so.2`, 'libtensorflow_framework.so.2']
  for (const file of wanted) await rename(await realpath(join(library, file)), join(into, file))
  for (const file of wanted) await symlink(file, join(into, file.replace(/\.2$/, '')))
  const built = join(into, 'tfjs_binding.node')
  const args = ['-O2', '-shared', '-fPIC', '-std=c++17', '-DNAPI_VERSION=8', '-DBUILDING_NODE_EXTENSION']
  args.push('-I', join(modules, 'node-api-headers', 'include'), '-I', include)
  args.push(join(binding, 'tfjs_backend.cc'), join(binding, 'tfjs_binding.cc'))
  args.push('-L', into, `-l${name}`, '-ltensorflow_framework', '-Wl,-rpath,$ORIGIN', '-o', built)
  await must('g++', args)
  for (const file of wanted) await rm(join(into, file.replace(/\.2$/, '')))
  await must('strip', ['-s', ...wanted.map((file) => join(into, file)), built])
  for (const file of [...wanted, 'tfjs_binding.node']) await chmod(join(into, file), 0o755)
  await proveLoading(built, places.node)
}

async function must(/** @type {string} */ program, /** @type {string[]} */ args) {
  const { code, output } = await run(program, args)
  if (code === 0) return
  throw new SetupProblem(
    `TensorFlow's binding could not be built, because ${program} said "${tellingLine(output)}": install g++ and binutils, then run set-up again.`,
  )
}

/** A library that does not load must not look staged. A CPU without AVX is no fault of the files: that is only said. */
async function proveLoading(/** @type {string} */ binding, /** @type {string} */ node) {
  const script = `require(${JSON.stringify(binding)}).TF_Version.length > 0 || process.exit(1)`
  const { code, signal, output } = await run(node, ['--eval', script], { env: { TF_CPP_MIN_LOG_LEVEL: '2' } })
  if (signal === 'SIGILL') {
    say("this computer's CPU lacks instructions (AVX) that TensorFlow needs, so training will be refused here.")
  } else if (code !== 0) {
    throw new SetupProblem(
      `TensorFlow's binding was built but does not load, because Node said "${tellingLine(output)}": report this with the name and version of your system.`,
    )
  }
}

/** Where the trainer looks: resources/native/<platform>-<arch>, a link (git-ignored) from this clone into the cache. */
async function linkNative(/** @type {Places} */ { repository, target }, /** @type {string} */ folder) {
  const link = join(repository, 'resources', 'native', target)
  const current = lstatSync(link, { throwIfNoEntry: false })
  if (current?.isSymbolicLink() && readlinkSync(link) === folder) return
  await mkdir(dirname(link), { recursive: true })
  await rm(link, { recursive: true, force: true })
  await symlink(folder, link, 'junction')
}
