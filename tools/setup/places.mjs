// Where things live: the repository, the cache that all clones of a user share, and the name of this platform.
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository this file belongs to. */
export const repository = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** `linux-x64`, `darwin-arm64`, …: the key of the pins and the name of the folder under resources/native. */
export const target = `${process.platform}-${process.arch}`

/**
 * The user's cache folder for Latiscope. LATISCOPE_CACHE wins; otherwise the habit of the system.
 * @param {{ env?: NodeJS.ProcessEnv, platform?: string, home?: string }} [where]
 * @returns {string}
 */
export function cacheFolder({ env = process.env, platform = process.platform, home = homedir() } = {}) {
  if (env.LATISCOPE_CACHE) return resolve(env.LATISCOPE_CACHE)
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'latiscope')
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'latiscope')
  return join(env.XDG_CACHE_HOME || join(home, '.cache'), 'latiscope')
}
