import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { laterSettings } from '@contract'
import { Refusal } from '../../src/main/base/refusal'
import { applicationId, createDatabase, currentVersion, openDatabase } from '../../src/main/engine/project/database'
import { migrate } from '../../src/main/engine/project/migration'
import { createProject, openProject } from '../../src/main/engine/project/project'
import { openMatrices } from '../../src/main/engine/store/matrices'
import { wholeMatrix } from '../row-source'
import { temporaryFolder } from '../temporary-folder'
import { smallImport, store } from './imported-data'

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (thrown) {
    return thrown instanceof Refusal ? thrown.error.code : String(thrown)
  }
  return 'no error'
}

describe('a project file', () => {
  it('names itself in the first 100 bytes and leaves no second file behind', () => {
    const file = join(temporaryFolder(), 'a.latiscope')
    createDatabase(file).close()
    const header = readFileSync(file).subarray(0, 100)
    expect(header.readUInt32BE(68)).toBe(applicationId)
    expect(header.readUInt32BE(60)).toBe(currentVersion)
    expect([header[18], header[19]]).toEqual([1, 1])
    expect(existsSync(join(file, '..', '.a.latiscope.lock'))).toBe(false)
  })

  it('keeps an import exactly, after closing and opening again', async () => {
    const file = join(temporaryFolder(), 'a.latiscope')
    const imported = smallImport()
    const made = createProject(file, 'A', '0')
    await store(made, imported)
    made.close()
    const { dataset, close } = openProject(file)
    expect(dataset.get()).toMatchObject({
      rows: 6,
      dims: 2,
      representation: 'obsm/X_pca',
      verdict: 'log1p',
      logScale: true,
      mapName: 'X_umap',
    })
    expect(dataset.representation()).toEqual(imported.representation.values)
    expect(wholeMatrix(dataset.expressionByCell())).toEqual(imported.expression?.matrix)
    expect(dataset.geneValues(1)).toEqual({ indices: Uint32Array.of(0, 3), values: Float32Array.of(2, 5) })
    expect(dataset.columns().map(({ name, role }) => ({ name, role }))).toEqual([
      { name: 'type', role: 'cell-type' },
      { name: 'depth', role: null },
    ])
    expect(dataset.cellNames()).toEqual(imported.cellIds)
    close()
  })

  it('is held by one program at a time', () => {
    const file = join(temporaryFolder(), 'a.latiscope')
    const first = createDatabase(file)
    expect(codeOf(() => openDatabase(file))).toBe('FILE_LOCKED')
    first.close()
    openDatabase(file).close()
  })

  it('is not created over another file', () => {
    const file = join(temporaryFolder(), 'a.latiscope')
    writeFileSync(file, 'mine')
    expect(codeOf(() => createDatabase(file))).toBe('FILE_EXISTS')
    expect(readFileSync(file, 'utf8')).toBe('mine')
  })

  it('from a newer version is refused without a change', () => {
    const file = join(temporaryFolder(), 'a.latiscope')
    const made = createDatabase(file)
    made.db.pragma('user_version = 999')
    made.close()
    const before = readFileSync(file)
    expect(codeOf(() => openDatabase(file))).toBe('FILE_TOO_NEW')
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  it('that is text, empty, missing or another SQLite file is named as such', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'text.latiscope'), 'hello, this is a text file')
    writeFileSync(join(folder, 'empty.latiscope'), '')
    new Database(join(folder, 'other.latiscope')).exec('CREATE TABLE t (a)').close()
    expect(codeOf(() => openDatabase(join(folder, 'text.latiscope')))).toBe('FILE_NOT_PROJECT')
    expect(codeOf(() => openDatabase(join(folder, 'empty.latiscope')))).toBe('FILE_EMPTY')
    expect(codeOf(() => openDatabase(join(folder, 'missing.latiscope')))).toBe('FILE_NOT_FOUND')
    expect(codeOf(() => openDatabase(join(folder, 'other.latiscope')))).toBe('FILE_NOT_PROJECT')
  })

  it('with a trigger, which we never write, is refused', () => {
    const file = join(temporaryFolder(), 'a.latiscope')
    const made = createDatabase(file)
    made.db.exec('CREATE TRIGGER evil AFTER INSERT ON meta BEGIN DELETE FROM meta; END')
    made.close()
    expect(codeOf(() => openDatabase(file))).toBe('FILE_DAMAGED')
  })

  it('with a damaged chunk says so instead of showing wrong numbers', () => {
    const file = join(temporaryFolder(), 'a.latiscope')
    const { db, close } = createDatabase(file)
    const matrices = openMatrices(db, 'a')
    matrices.write('x', Float32Array.of(1, 2, 3))
    db.prepare("UPDATE chunk SET bytes = x'000000000000000000000000'").run()
    expect(codeOf(() => matrices.read('x', 'f32'))).toBe('FILE_DAMAGED')
    close()
  })

  it('keeps arrays longer than one chunk and reads a part of them', () => {
    const { db, close } = createDatabase(join(temporaryFolder(), 'a.latiscope'))
    const matrices = openMatrices(db, 'a')
    const values = Float64Array.from({ length: 700_001 }, (_, at) => at)
    matrices.write('long', values)
    expect(db.prepare('SELECT count(*) AS n FROM chunk').get()).toEqual({ n: 3 })
    expect(matrices.read('long', 'f64')).toEqual(values)
    expect(matrices.read('long', 'f64', 262_140, 262_150)).toEqual(values.slice(262_140, 262_150))
    expect(matrices.read('long', 'f64', 700_001)).toHaveLength(0)
    matrices.remove('long')
    expect(matrices.has('long')).toBe(false)
    expect(db.prepare('SELECT count(*) AS n FROM chunk').get()).toEqual({ n: 0 })
    close()
  })
})

describe('bringing an older project up to date', () => {
  it('takes each missing step once and keeps a copy of the old file', () => {
    const file = join(temporaryFolder(), 'a.latiscope')
    const { db, close } = createDatabase(file)
    const steps = [{ version: currentVersion + 1, sql: 'CREATE TABLE later (a INTEGER) STRICT' }]
    migrate(db, file, steps)
    migrate(db, file, steps)
    expect(db.pragma('user_version', { simple: true })).toBe(currentVersion + 1)
    expect(existsSync(`${file}.backup-v${currentVersion}`)).toBe(true)
    close()
  })

  it('that fails half-way leaves the file at the last complete step', () => {
    const file = join(temporaryFolder(), 'a.latiscope')
    const { db, close } = createDatabase(file)
    const broken = [{ version: currentVersion + 1, sql: 'CREATE TABLE later (a INTEGER) STRICT; CREATE TABLE meta (a)' }]
    expect(codeOf(() => migrate(db, file, broken))).toBe('MIGRATION_FAILED')
    expect(db.pragma('user_version', { simple: true })).toBe(currentVersion)
    expect(db.prepare("SELECT name FROM sqlite_schema WHERE name = 'later'").get()).toBeUndefined()
    close()
  })
})

describe('a run that was cut off', () => {
  it('is marked interrupted when the project is opened again', () => {
    const folder = temporaryFolder()
    const file = join(folder, 'a.latiscope')
    const made = createProject(file, 'A', '0')
    const settings = {
      arch: 'topk',
      latents: 4,
      k: 1,
      steps: 1,
      batch: 1,
      learningRate: 1e-3,
      warmUp: 0,
      decay: 0,
      auxCoefficient: 0,
      auxK: 0,
      deadAfter: 1,
      heldOut: 0,
      heldOutBy: null,
      seed: 0,
      ...laterSettings,
    } as const
    const run = made.runs.start(settings, 'f', '0', new Date())
    // Checkpoints are known by the text of the settings, so it has to come back as it was.
    expect(JSON.stringify(made.runs.get(run)?.settings)).toBe(JSON.stringify(settings))
    const { resample, ...older } = settings
    const before = made.runs.start(older as typeof settings, 'f', '0', new Date())
    expect(made.runs.get(before)?.settings).toEqual({ ...settings, resample })
    made.runs.end(before, 'failed', '', new Date())
    copyFileSync(file, join(folder, 'cut.latiscope'))
    made.close()
    const opened = openProject(join(folder, 'cut.latiscope'))
    expect(opened.runs.get(run)?.state).toBe('interrupted')
    opened.close()
  })
})
