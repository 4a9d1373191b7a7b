// Builds the app when its sources differ from what was built last. What the build prints goes to stderr.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { environmentOf } from '../setup.mjs'
import { withLock } from '../setup/lock.mjs'
import { say, SetupProblem } from '../setup/report.mjs'
import { start, toolPaths } from './programs.mjs'

const SOURCES = ['src', 'tools/kernel', 'package.json', 'package-lock.json', 'electron.vite.config.ts', 'tsconfig.json']

/**
 * @param {import('../setup.mjs').Equipment} equipment
 * @param {{ force?: boolean }} [options]
 * @throws {SetupProblem} when the build fails
 */
export async function ensureBuild(equipment, { force = false } = {}) {
  const stamp = join(equipment.repository, 'out', '.stamp')
  if (!force && readText(stamp) === fingerprint(equipment.repository)) return
  const clone = createHash('sha256').update(equipment.repository).digest('hex').slice(0, 12)
  await withLock(join(equipment.cache, `.lock-build-${clone}`), async () => {
    const sources = fingerprint(equipment.repository)
    if (!force && readText(stamp) === sources) return
    say('building …')
    forgetBuild(equipment.repository)
    const code = await start(equipment.node, [toolPaths.electronVite, 'build', '--logLevel', 'warn'], {
      cwd: equipment.repository,
      env: environmentOf(equipment),
      output: 'stderr',
    })
    if (code !== 0)
      throw new SetupProblem('The app could not be built, because of the error above: correct the source, then try again.')
    writeFileSync(stamp, sources)
  })
}

/** Says that `out` no longer holds a build of the sources, as when the development server writes there. */
export function forgetBuild(/** @type {string} */ repository) {
  rmSync(join(repository, 'out', '.stamp'), { force: true })
}

/** Names, sizes and times of all sources: a removed or restored file counts as a change, too. */
function fingerprint(/** @type {string} */ repository) {
  const hash = createHash('sha256')
  const add = (/** @type {string} */ path) => {
    const found = statSync(join(repository, path), { throwIfNoEntry: false })
    if (found?.isDirectory()) {
      for (const name of readdirSync(join(repository, path)).sort()) add(join(path, name))
    } else if (found) hash.update(`${path}\0${found.size}\0${found.mtimeMs}\n`)
  }
  SOURCES.forEach(add)
  return hash.digest('hex')
}

function readText(/** @type {string} */ path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
