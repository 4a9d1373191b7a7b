// Opens and creates project files: one SQLite file, rollback journal, held exclusively while open.
// The file is untrusted: its header is checked before SQLite sees it, and its schema is not trusted afterwards.
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  accessSync,
  constants,
} from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { basename, dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { refuse } from '../../base/refusal'
import { migrate, type Migration } from './migration'
import { firstTables } from './migrations/0001-first-tables'
import { latentFlags } from './migrations/0002-latent-flags'
import { largeMatrices } from './migrations/0003-large-matrices'
import { rowsAndSources } from './migrations/0004-rows-and-sources'
import { resumableRuns } from './migrations/0005-resumable-runs'
import { stability } from './migrations/0006-stability'
import { evidence } from './migrations/0007-evidence'

/** 'Lsco': written in the SQLite header, so that a project is known without opening it. */
export const applicationId = 0x4c73636f
export const migrations: readonly Migration[] = [
  firstTables,
  latentFlags,
  largeMatrices,
  rowsAndSources,
  resumableRuns,
  stability,
  evidence,
]
export const currentVersion = migrations.at(-1)?.version ?? 0
/** Long enough for one command of a pipeline to end before the next begins, short enough to answer a person. */
const lockWaitMs = 2_000

export interface OpenDatabase {
  readonly db: Database.Database
  readonly file: string
  readonly readOnly: boolean
  close(): void
}

/** Makes a new project file. Throws FILE_EXISTS, FOLDER_NOT_FOUND, FILE_READ_ONLY. */
export function createDatabase(file: string): OpenDatabase {
  if (existsSync(file)) refuse('FILE_EXISTS', { file: basename(file) })
  if (!existsSync(dirname(file))) refuse('FOLDER_NOT_FOUND', { file: basename(file) })
  try {
    accessSync(dirname(file), constants.W_OK)
  } catch {
    refuse('FILE_READ_ONLY', { file: basename(file) })
  }
  const db = connect(file, false)
  // Large numbers are most of a project: larger pages halve the time it takes to write them.
  db.pragma('page_size = 8192')
  db.pragma(`application_id = ${applicationId}`)
  return finishOpening(db, file, false)
}

/** Opens a project file, bringing an older one up to date. Throws FILE_NOT_FOUND, FILE_NOT_PROJECT, FILE_TOO_NEW, FILE_LOCKED, FILE_DAMAGED. */
export function openDatabase(file: string): OpenDatabase {
  const name = basename(file)
  const header = readHeader(file)
  if (header.applicationId !== applicationId) refuse('FILE_NOT_PROJECT', { file: name })
  if (header.version > currentVersion) refuse('FILE_TOO_NEW', { file: name, version: header.version, supported: currentVersion })
  const readOnly = !isWritable(file)
  try {
    return finishOpening(connect(file, readOnly), file, readOnly)
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
    if (code.startsWith('SQLITE_BUSY')) refuse('FILE_LOCKED', { file: name, who: readHolder(file) })
    if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB')
      refuse('FILE_DAMAGED', { file: name, why: 'its database pages are not complete' })
    throw thrown
  }
}

export function sqliteVersion(): string {
  const memory = new Database(':memory:')
  const found = memory.prepare<[], { version: string }>('SELECT sqlite_version() AS version').get()
  memory.close()
  return found?.version ?? ''
}

function connect(file: string, readOnly: boolean): Database.Database {
  const db = new Database(file, { readonly: readOnly, timeout: lockWaitMs })
  db.pragma('trusted_schema = OFF')
  db.pragma('cell_size_check = ON')
  db.pragma('foreign_keys = ON')
  return db
}

function finishOpening(db: Database.Database, file: string, readOnly: boolean): OpenDatabase {
  try {
    if (!readOnly) {
      db.pragma('locking_mode = EXCLUSIVE')
      db.pragma('journal_mode = DELETE')
      db.pragma('synchronous = FULL')
      db.exec('BEGIN EXCLUSIVE; COMMIT')
      migrate(db, file, migrations)
    }
    refuseForeignObjects(db, file)
  } catch (thrown) {
    db.close()
    throw thrown
  }
  if (!readOnly) writeHolder(file)
  return {
    db,
    file,
    readOnly,
    close: () => {
      db.close()
      if (!readOnly) rmSync(holderFile(file), { force: true })
    },
  }
}

/** A project made by us has tables and indices only: triggers and views in a received file could run on our writes. */
function refuseForeignObjects(db: Database.Database, file: string): void {
  const foreign = db
    .prepare("SELECT name FROM sqlite_schema WHERE type IN ('trigger', 'view') OR sql LIKE 'CREATE VIRTUAL%'")
    .get()
  if (foreign !== undefined)
    refuse('FILE_DAMAGED', { file: basename(file), why: 'it contains parts that Latiscope never writes' })
}

function readHeader(file: string): { applicationId: number; version: number } {
  const name = basename(file)
  if (!existsSync(file)) refuse('FILE_NOT_FOUND', { file: name })
  if (statSync(file).size === 0) refuse('FILE_EMPTY', { file: name })
  const bytes = Buffer.alloc(100)
  let handle: number
  try {
    handle = openSync(file, 'r')
  } catch {
    refuse('FILE_NOT_READABLE', { file: name })
  }
  try {
    readSync(handle, bytes, 0, 100, 0)
  } finally {
    closeSync(handle)
  }
  if (bytes.toString('latin1', 0, 16) !== 'SQLite format 3\0') refuse('FILE_NOT_PROJECT', { file: name })
  return { applicationId: bytes.readUInt32BE(68), version: bytes.readUInt32BE(60) }
}

function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK)
    accessSync(dirname(file), constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Beside the project: who holds it. Only a hint for the message; SQLite's own lock decides. */
const holderFile = (file: string): string => join(dirname(file), `.${basename(file)}.lock`)

function writeHolder(file: string): void {
  try {
    writeFileSync(
      holderFile(file),
      JSON.stringify({ user: userInfo().username, host: hostname(), pid: process.pid, since: new Date().toISOString() }),
    )
  } catch {
    // A folder where the hint cannot be written still works.
  }
}

function readHolder(file: string): string {
  try {
    const held = JSON.parse(readFileSync(holderFile(file), 'utf8')) as { user?: unknown; host?: unknown; pid?: unknown }
    return `by ${String(held.user)} on ${String(held.host)}, process ${String(held.pid)}`
  } catch {
    return ''
  }
}
