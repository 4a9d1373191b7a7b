// `npm start`: the window with the sample project. Without a display the same sample job runs on the command line.
import { readFileSync, statSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ensureSetup, environmentOf } from '../setup.mjs'
import { say } from '../setup/report.mjs'
import { ensureBuild } from './build.mjs'
import { start } from './programs.mjs'

const SAMPLE_FILE = join('resources', 'sample', 'pbmc68k_reduced.h5ad')

/** @returns {boolean} whether windows can be shown */
export function hasDisplay(platform = process.platform, env = process.env) {
  return platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
}

/**
 * What the app is started with: a project given by the user, else the sample project.
 * @param {readonly string[]} args @returns {string[]}
 */
export function appArguments(args) {
  const hasProject = args.some((argument) => !argument.startsWith('-')) || args.includes('--sample')
  return hasProject ? [...args] : ['--sample', 'pbmc', ...args]
}

/** @param {readonly string[]} args @returns {Promise<number>} */
export async function startApp(args) {
  if (!hasDisplay()) return runSampleJob()
  const equipment = await ensureSetup({ need: ['modules', 'node', 'electron', 'tensorflow', 'system'] })
  await ensureBuild(equipment)
  if (!equipment.electron) throw new Error('no Electron')
  const options = [...electronOptions(equipment.electron.binary), ...appArguments(args)]
  return start(equipment.electron.binary, options, { env: environmentOf(equipment), forwardSignals: true })
}

/**
 * Chromium refuses to run its sandbox as root, and so to start; ordinary users always get the sandbox.
 * @param {string} binary of Electron @returns {string[]}
 */
export function electronOptions(binary) {
  if (process.platform !== 'linux') return []
  if (process.getuid?.() === 0) return ['--no-sandbox']
  const helper = join(dirname(binary), 'chrome-sandbox')
  const isHelperReady = ((statSync(helper, { throwIfNoEntry: false })?.mode ?? 0) & 0o4000) !== 0
  if (!isHelperReady && readText('/proc/sys/kernel/apparmor_restrict_unprivileged_userns').trim() === '1') {
    say(
      `this system keeps unknown programs from building a sandbox; if no window opens, allow it with \`sudo chown root "${helper}" && sudo chmod 4755 "${helper}"\`.`,
    )
  }
  return []
}

/** @returns {Promise<number>} exit code of the first step that fails, else 0 */
async function runSampleJob() {
  say(
    'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can open; the sample job runs through the command line instead.',
  )
  const equipment = await ensureSetup({ need: ['modules', 'node', 'tensorflow'] })
  await ensureBuild(equipment)
  const project = join(await mkdtemp(join(tmpdir(), 'latiscope-sample-')), 'pbmc.latiscope')
  const sample = join(equipment.repository, SAMPLE_FILE)
  const steps = [
    ['new', project],
    ['import', project, sample, '--representation', 'obsm/X_pca'],
    ['train', project, '--arch', 'batchtopk', '--latents', '64', '--k', '8', '--seed', '0'],
    ['link', project],
    ['latents', project, '--sort', 'q', '--limit', '12'],
  ]
  for (const step of steps) {
    say(`latiscope ${step.join(' ')}`)
    const cli = join(equipment.repository, 'out', 'main', 'cli.js')
    const code = await start(equipment.node, [cli, ...step], { env: environmentOf(equipment), forwardSignals: true })
    if (code !== 0) return code
  }
  say(`the project is kept as ${project}.`)
  return 0
}

function readText(/** @type {string} */ path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
