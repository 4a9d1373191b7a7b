// `npm test`: every suite in turn, also after a failure, and one line of counts at the very end.
import { readFileSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureSetup, environmentOf, everything } from '../setup.mjs'
import { say } from '../setup/report.mjs'
import { ensureBuild } from './build.mjs'
import { runChecks } from './check.mjs'
import { countLine, countsOfReport, sum } from './counts.mjs'
import { start, toolPaths } from './programs.mjs'

/** @typedef {import('./counts.mjs').Counts} Counts */

/** @returns {Promise<number>} 0 when nothing failed */
export async function runTests() {
  const equipment = await ensureSetup({ need: everything })
  const checks = await runChecks(equipment)
  const build = await runBuild(equipment)
  const vitest = await runVitest(equipment, 'vitest.config.ts', [])
  say(`end-to-end tests drive Electron ${equipment.electron?.version}.`)
  const e2e = await runVitest(equipment, 'vitest.e2e.config.ts', virtualScreen())
  const suites = { 'types, lint, format': checks, build, 'without a window': vitest, 'end to end': e2e }
  const total = sum(Object.values(suites))
  for (const [name, counts] of Object.entries(suites)) process.stdout.write(`  ${name}: ${countLine(counts)}\n`)
  process.stdout.write(`${countLine(total)}\n`)
  return total.failed === 0 ? 0 : 1
}

/** @returns {Promise<number>} 0 when nothing failed */
export async function runLongTests() {
  const equipment = await ensureSetup({ need: everything })
  await ensureBuild(equipment)
  const counts = await runVitest(equipment, 'vitest.long.config.ts', virtualScreen(), { LATISCOPE_LONG: '1' })
  process.stdout.write(`${countLine(counts)}\n`)
  return counts.failed === 0 ? 0 : 1
}

/** @returns {Promise<Counts>} */
async function runBuild(/** @type {import('../setup.mjs').Equipment} */ equipment) {
  try {
    await ensureBuild(equipment)
    return { passed: 1, failed: 0, skipped: 0 }
  } catch (error) {
    say(error instanceof Error ? error.message : String(error))
    return { passed: 0, failed: 1, skipped: 0 }
  }
}

/**
 * @param {import('../setup.mjs').Equipment} equipment @param {string} config @param {readonly string[]} prefix
 * @param {Record<string, string>} env
 * @returns {Promise<Counts>}
 */
async function runVitest(equipment, config, prefix, env = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'latiscope-test-'))
  const report = join(folder, 'report.json')
  const args = [
    toolPaths.vitest,
    'run',
    '--config',
    config,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]
  const [program = equipment.node, ...rest] = [...prefix, equipment.node, ...args]
  const options = { cwd: equipment.repository, env: { ...environmentOf(equipment), ...env }, forwardSignals: true }
  const code = await start(program, rest, options)
  const counts = countsOfReport(readText(report), code)
  rmSync(folder, { recursive: true, force: true })
  return counts
}

/** Windows of tests open on a screen nobody sees. */
export function virtualScreen() {
  return process.platform === 'linux' ? ['xvfb-run', '-a', '-s', '-screen 0 1600x1000x24'] : []
}

function readText(/** @type {string} */ path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
