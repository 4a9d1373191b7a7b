// Where the program's own files are: bundled resources and the user's cache. Never inside a project's folder.
import { homedir } from 'node:os'
import { join } from 'node:path'

/** The cache all clones and versions share: LATISCOPE_CACHE, or the place the system keeps caches. */
export function cacheFolder(): string {
  const chosen = process.env['LATISCOPE_CACHE']
  if (chosen) return chosen
  if (process.platform === 'win32') return join(process.env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'latiscope')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'latiscope')
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'latiscope')
}
