// Set-up: brings whatever a verb of tools/run.mjs still lacks onto this machine, and nothing else. Needs only the
// system's Node (20 or newer) and npm. Every step first looks at a stamp, so a second run costs next to nothing.
import { join } from 'node:path'
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ensureElectron, stagedElectron } from './setup/electron.mjs'
import { ensureModules } from './setup/modules.mjs'
import { ensureNode } from './setup/node.mjs'
import { cacheFolder, repository, target } from './setup/places.mjs'
import { say, SetupProblem } from './setup/report.mjs'
import { ensureSystem, needs } from './setup/system.mjs'
import { ensureTensorflow, isTensorflowStaged } from './setup/tensorflow.mjs'

/**
 * @typedef {'modules' | 'node' | 'electron' | 'tensorflow' | 'system' | 'screen'} Need
 *   system: the libraries Electron's windows need; screen: a virtual screen as well
 * @typedef {{ repository: string, cache: string, node: string, electron: { binary: string, version: string } | null,
 *   tensorflow: { folder: string, version: string } | null }} Equipment
 */

/** @type {readonly Need[]} */
export const everything = ['modules', 'node', 'electron', 'tensorflow', 'system', 'screen']

/**
 * Makes sure that what is named is there.
 * @param {{ need: readonly Need[] }} wish
 * @returns {Promise<Equipment>} absolute paths; `node` is the running one where node is not asked for
 * @throws {SetupProblem} one sentence: what is missing, why, what to do
 */
export async function ensureSetup({ need }) {
  const cache = cacheFolder()
  const places = { repository, cache, target }
  const mustCompile = need.includes('tensorflow') && !isTensorflowStaged(places)
  await ensureSystem([
    ...(mustCompile ? needs.compiler : []),
    ...(need.includes('system') ? needs.window : []),
    ...(need.includes('screen') ? needs.virtualScreen : []),
  ])
  if (need.includes('modules')) await ensureModules(repository, cache)
  const node = need.includes('node') ? await ensureNode(cache, target) : process.execPath
  const electron = need.includes('electron') ? await ensureElectron(places) : stagedElectron(places)
  const tensorflow = need.includes('tensorflow') ? await ensureTensorflow({ ...places, node }) : null
  return { repository, cache, node, electron, tensorflow }
}

/**
 * What programs started by the tools find in their environment.
 * @param {Equipment} equipment @returns {Record<string, string>}
 */
export function environmentOf({ repository: root, cache, node, electron }) {
  return {
    LATISCOPE_APP: root,
    LATISCOPE_RESOURCES: join(root, 'resources'),
    LATISCOPE_CACHE: cache,
    LATISCOPE_NODE: node,
    ...(electron ? { LATISCOPE_ELECTRON: electron.binary, LATISCOPE_ELECTRON_VERSION: electron.version } : {}),
  }
}

/** Runs a tool to its exit code: a SetupProblem is a sentence, anything else keeps its stack. */
export async function toExitCode(/** @type {() => Promise<number>} */ work) {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof SetupProblem)) throw error
    say(error.message)
    return 1
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = await toExitCode(async () => {
    const { node, electron, tensorflow, cache } = await ensureSetup({ need: everything })
    say(`ready: Node ${node}, Electron ${electron?.version}, TensorFlow ${tensorflow?.version}; kept in ${cache}.`)
    return 0
  })
}
