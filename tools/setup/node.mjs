// A Node that can run the engine: the running one where it is new enough, else the one inside a pinned npm package.
import { join } from 'node:path'
import { rm } from 'node:fs/promises'
import { npmTarball, untar } from './clients.mjs'
import { nodePackages, oldestNode, pinFor } from './pins.mjs'
import { say, SetupProblem } from './report.mjs'
import { isStaged, stage } from './staged.mjs'

/**
 * @param {string} version such as `22.14.0` @param {string | number} nodeApi highest Node-API number
 * @returns {boolean}
 */
export function isNewEnough(version, nodeApi) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isRecent = major > oldestNode.major || (major === oldestNode.major && minor >= oldestNode.minor)
  return isRecent && Number(nodeApi) >= oldestNode.nodeApi
}

/**
 * @param {string} cache @param {string} target
 * @returns {Promise<string>} path of the Node binary
 */
export async function ensureNode(cache, target) {
  if (isNewEnough(process.versions.node, process.versions.napi ?? 0)) return process.execPath
  const { version } = nodePackages
  const pin = pinFor(nodePackages, target)
  if (!pin) {
    throw new SetupProblem(
      `Node ${process.versions.node} is too old for Latiscope and no newer one is pinned for ${target}: install Node ${oldestNode.major}.${oldestNode.minor} or newer, then run set-up with it.`,
    )
  }
  const folder = join(cache, `node-${version}-${target}`)
  if (!isStaged(folder, pin.sha256)) {
    await stage(folder, pin.sha256, async (into, scratch) => {
      const downloads = join(cache, 'downloads')
      const tarball = await npmTarball({ ...pin, version, label: `Node ${version}`, downloads, scratch })
      await untar(tarball, into)
      await rm(tarball, { force: true })
    })
    say(`Node ${version} is ready.`)
  }
  return join(folder, pin.binary)
}
