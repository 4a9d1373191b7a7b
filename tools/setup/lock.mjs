// Keeps two set-ups (of two clones, or of one) from doing the same work at once. A lock is a folder, because making
// one is atomic everywhere; it goes stale when its process is gone or has not touched it for two minutes.
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { say } from './report.mjs'

const HEARTBEAT_MS = 10_000
const STALE_MS = 120_000
const RETRY_MS = 250

/**
 * Runs `work` while holding the lock folder, waiting for another holder first.
 * @template T
 * @param {string} folder
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(folder, work) {
  await mkdir(dirname(folder), { recursive: true })
  for (let told = false; !(await take(folder));) {
    if (await isStale(folder)) {
      await discard(folder)
      continue
    }
    if (!told) say('another set-up is doing this step already; waiting for it.')
    told = true
    await pause(RETRY_MS)
  }
  const heartbeat = setInterval(() => void utimes(folder, new Date(), new Date()).catch(() => undefined), HEARTBEAT_MS)
  try {
    return await work()
  } finally {
    clearInterval(heartbeat)
    await rm(folder, { recursive: true, force: true })
  }
}

async function take(/** @type {string} */ folder) {
  try {
    await mkdir(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
  await writeFile(join(folder, 'owner.json'), JSON.stringify({ host: hostname(), pid: process.pid }))
  return true
}

/** @param {string} folder @returns {Promise<boolean>} */
export async function isStale(folder) {
  const touched = await stat(folder).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  )
  if (touched === null) return false
  if (Date.now() - touched > STALE_MS) return true
  const owner = await readFile(join(folder, 'owner.json'), 'utf8').then(JSON.parse, () => null)
  return owner !== null && owner.host === hostname() && !isRunning(owner.pid)
}

function isRunning(/** @type {number} */ pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/**
 * Renaming first makes sure that only one of several waiting processes clears a stale lock. If another one has done
 * so and taken the lock meanwhile, what was moved aside is alive and goes back.
 */
async function discard(/** @type {string} */ folder) {
  const aside = `${folder}.stale-${process.pid}`
  await rename(folder, aside).catch(() => undefined)
  if (await isStale(aside)) await rm(aside, { recursive: true, force: true })
  else await rename(aside, folder).catch(() => undefined)
}
