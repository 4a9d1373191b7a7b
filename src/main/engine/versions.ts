// Versions of the libraries the engine stands on, for "doctor" and the About box.
import Database from 'better-sqlite3'
import { dependencies } from '../../../package.json'
import type { EngineVersions } from '../base/host-protocol'

export function readVersions(): EngineVersions {
  const memory = new Database(':memory:')
  const sqlite = memory.prepare<[], { version: string }>('SELECT sqlite_version() AS version').get()?.version ?? ''
  memory.close()
  return { node: process.versions.node, sqlite, hdf5: `h5wasm ${dependencies.h5wasm}` }
}
