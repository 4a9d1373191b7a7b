// The npm packages of the app, exactly as package-lock.json pins them, without their install scripts.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { npmCommand, run } from './clients.mjs'
import { withLock } from './lock.mjs'
import { say, SetupProblem } from './report.mjs'

const STAMP = '.latiscope-stamp'

/**
 * @param {string} repository @param {string} cache
 */
export async function ensureModules(repository, cache) {
  const lockfile = readFileSync(join(repository, 'package-lock.json'), 'utf8')
  const wanted = createHash('sha256').update(lockfile).digest('hex')
  const modules = join(repository, 'node_modules')
  if (readText(join(modules, STAMP)) === wanted) return
  const clone = createHash('sha256').update(repository).digest('hex').slice(0, 12)
  await withLock(join(cache, `.lock-modules-${clone}`), async () => {
    if (readText(join(modules, STAMP)) === wanted) return
    const installed = readText(join(modules, '.package-lock.json'))
    if (!installed || !holdsAll(JSON.parse(installed), JSON.parse(lockfile))) await install(repository)
    await writeFile(join(modules, STAMP), wanted)
  })
}

/**
 * Whether npm's own list of what is installed has every package of the lockfile at its version. Optional packages
 * may be missing: most are binaries for other platforms.
 * @typedef {{ packages: Record<string, { version?: string, optional?: boolean, devOptional?: boolean }> }} Lockfile
 * @param {Lockfile} installed @param {Lockfile} lockfile
 */
export function holdsAll(installed, lockfile) {
  return Object.entries(lockfile.packages).every(([path, { version, optional, devOptional }]) => {
    const found = installed.packages[path]
    return path === '' || (found ? found.version === version : Boolean(optional || devOptional))
  })
}

async function install(/** @type {string} */ repository) {
  say('installing the npm packages of the lockfile (no install scripts are run) …')
  const { program, args } = npmCommand(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])
  const { code } = await run(program, args, { cwd: repository, show: true })
  if (code === 0) return
  throw new SetupProblem(
    'The npm packages could not be installed, because `npm ci` failed with the message above: check the network or your npm registry settings, then run set-up again.',
  )
}

function readText(/** @type {string} */ path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
