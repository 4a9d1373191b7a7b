// Where the program's own files are: the user's cache and library. Never inside a project's folder.
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

/**
 * What the user gave the program to keep, for all projects and for the window and the command line alike (installed ontologies):
 * LATISCOPE_LIBRARY, or the place the system keeps data of programs.
 */
export function libraryFolder(): string {
  const chosen = process.env['LATISCOPE_LIBRARY']
  if (chosen) return chosen
  if (process.platform === 'win32') return join(process.env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'latiscope')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'latiscope')
  return join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'latiscope')
}
