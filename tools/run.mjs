// The verbs behind the npm scripts. Each first brings what it needs (tools/setup.mjs), then runs it with the Node of
// the set-up. Works on the system's Node 20 without node_modules.
import { join } from 'node:path'
import { ensureSetup, environmentOf, toExitCode } from './setup.mjs'
import { runBench } from './run/bench.mjs'
import { ensureBuild, forgetBuild } from './run/build.mjs'
import { runChecks } from './run/check.mjs'
import { countLine } from './run/counts.mjs'
import { start, toolPaths } from './run/programs.mjs'
import { electronOptions, startApp } from './run/start.mjs'
import { runLongTests, runTests } from './run/test.mjs'

/** @type {Record<string, (args: readonly string[]) => Promise<number>>} each answers its exit code */
const verbs = {
  async build(args) {
    await ensureBuild(await ensureSetup({ need: ['modules', 'node'] }), { force: args.includes('--force') })
    return 0
  },
  start: startApp,
  async dev(args) {
    const equipment = await ensureSetup({ need: ['modules', 'node', 'electron', 'tensorflow', 'system'] })
    forgetBuild(equipment.repository)
    const binary = equipment.electron?.binary ?? ''
    // electron-vite passes the app's folder as first argument; the launcher knows it already, so it gets a switch instead.
    const [entry = '--enable-logging', ...options] = [...electronOptions(binary), ...args]
    const env = { ...environmentOf(equipment), ELECTRON_EXEC_PATH: binary, ELECTRON_ENTRY: entry }
    const rest = options.length > 0 ? ['--', ...options] : []
    return start(equipment.node, [toolPaths.electronVite, 'dev', ...rest], {
      cwd: equipment.repository,
      env,
      forwardSignals: true,
    })
  },
  async cli(args) {
    const equipment = await ensureSetup({ need: ['modules', 'node', 'tensorflow'] })
    await ensureBuild(equipment)
    const cli = join(equipment.repository, 'out', 'main', 'cli.js')
    return start(equipment.node, [cli, ...args], { env: environmentOf(equipment), forwardSignals: true })
  },
  async check() {
    const counts = await runChecks(await ensureSetup({ need: ['modules', 'node'] }))
    process.stdout.write(`${countLine(counts)}\n`)
    return counts.failed === 0 ? 0 : 1
  },
  test: runTests,
  'test-long': runLongTests,
  bench: runBench,
}

const [verb = '', ...args] = process.argv.slice(2)
const chosen = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
if (chosen) {
  process.exitCode = await toExitCode(() => chosen(args))
} else {
  process.stderr.write(`latiscope: "${verb}" is not a verb of this tool; choose from: ${Object.keys(verbs).join(', ')}.\n`)
  process.exitCode = 2
}
