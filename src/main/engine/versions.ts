// Versions of the libraries the engine stands on, for "doctor" and the About box.
import { dependencies } from '../../../package.json'
import type { EngineVersions } from '../base/host-protocol'
import { sqliteVersion } from './project/database'

export const readVersions = (): EngineVersions => ({
  node: process.versions.node,
  sqlite: sqliteVersion(),
  hdf5: `h5wasm ${dependencies.h5wasm}`,
})
