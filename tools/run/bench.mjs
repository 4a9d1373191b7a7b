// `npm run bench -- [NAME…] [--json] [--large]`: measures in the Node of the set-up, so this part only chooses and starts.
import { join } from 'node:path'
import { ensureSetup, environmentOf } from '../setup.mjs'
import { ensureBuild } from './build.mjs'
import { start } from './programs.mjs'
import { virtualScreen } from './test.mjs'

/** @type {Record<string, readonly import('../setup.mjs').Need[]>} */
const benchmarks = {
  start: ['electron', 'system', 'screen'],
  'sae-step': ['tensorflow', 'electron', 'system'],
  activations: ['tensorflow'],
  enrichment: [],
  import: [],
  association: [],
}

/** Names of the fixed list whose measurement comes with a later version. */
const later = ['screen']

/**
 * `--large` adds the cases that take minutes and gigabytes.
 * @param {readonly string[]} args @returns {Promise<number>} 2 for wrong usage
 */
export async function runBench(args) {
  const isJson = args.includes('--json')
  const options = args.filter((argument) => argument.startsWith('--'))
  const asked = args.filter((argument) => !argument.startsWith('--'))
  const names = asked.length > 0 ? asked : Object.keys(benchmarks)
  const unknown = [...names, ...options].find((name) => !(name in benchmarks) && !['--json', '--large'].includes(name))
  if (unknown !== undefined) return refuse(unknown, isJson)
  /** @type {import('../setup.mjs').Need[]} */
  const need = ['modules', 'node', ...names.flatMap((name) => benchmarks[name] ?? [])]
  const equipment = await ensureSetup({ need })
  await ensureBuild(equipment)
  const runner = join(equipment.repository, 'tools', 'run', 'bench-runner.mjs')
  const prefix = need.includes('screen') ? virtualScreen() : []
  const [program = equipment.node, ...rest] = [...prefix, equipment.node, runner, ...options, ...names]
  return start(program, rest, { cwd: equipment.repository, env: environmentOf(equipment), forwardSignals: true })
}

/** @param {string} name @param {boolean} isJson @returns {number} */
function refuse(name, isJson) {
  const known = Object.keys(benchmarks).join(', ')
  const error = later.includes(name)
    ? { code: 'NOT_AVAILABLE', message: `The benchmark "${name}" does not exist in this version yet.` }
    : { code: 'WRONG_USAGE', message: `There is no benchmark called "${name}".` }
  const remedy = `Choose from: ${known}.`
  if (isJson) process.stdout.write(`${JSON.stringify({ error: { ...error, remedy } })}\n`)
  process.stderr.write(`latiscope: ${error.message} ${remedy}\n`)
  return 2
}
