// Training runs with their settings, live points, weights, activations and what follows from them without genes:
// one row per latent and its association with every cell group. A finished run is stored in one transaction.
import type Database from 'better-sqlite3'
import type { Aspect, MetricPoint, Run, RunState, TrainSettings } from '@contract'
import type { Csr } from '../../base/sparse'
import type { TrainerOutcome } from '../../base/trainer-protocol'
import type { Matrices } from './matrices'

/** For standardised rows y = (x − mean) · scale: p = encoder·y + encoderBias, ŷ = decoderᵀ·z + decoderBias. */
export interface RunWeights {
  /** latents × dims. */
  readonly encoder: Float32Array
  /** latents × dims, unit rows. */
  readonly decoder: Float32Array
  readonly encoderBias: Float32Array
  readonly decoderBias: Float32Array
  readonly mean: Float32Array
}

export interface StoredGroup {
  readonly latent: number
  readonly columnId: number
  readonly level: number
  readonly auroc: number | null
  readonly precision: number | null
  readonly recall: number | null
  readonly f1: number | null
}

export interface StoredFlag {
  readonly latent: number
  readonly flag: 'depth' | 'donor' | 'batch'
  readonly source: string
  readonly value: number
}

export interface FinishedRun {
  readonly outcome: TrainerOutcome
  readonly weights: RunWeights
  /** Cells × latents, and its transpose. */
  readonly activations: Csr
  readonly byLatent: Csr
  readonly densityHistogram: readonly number[]
  readonly groups: readonly StoredGroup[]
  readonly flags: readonly StoredFlag[]
}

export interface StoredLatent {
  readonly id: number
  readonly activeCells: number
  readonly density: number
  readonly label: string | null
}

/** Where a finished model comes from. */
export interface RunOrigin {
  readonly settings: TrainSettings
  readonly outcome: TrainerOutcome
  readonly dataFingerprint: string
  readonly appVersion: string
}

interface RunRow {
  id: number
  state: RunState
  settings: string
  data_fingerprint: string
  app_version: string
  created_at: string
  finished_at: string | null
  outcome: string | null
  density_histogram: string | null
  error: string | null
}

export type RunStore = ReturnType<typeof openRunStore>

export function openRunStore(db: Database.Database, matrices: Matrices) {
  const find = db.prepare<[number], RunRow>('SELECT * FROM run WHERE id = ?')
  const all = db.prepare<[], RunRow>('SELECT * FROM run ORDER BY id DESC')
  const aspects = db.prepare<[number], { aspect: Aspect }>('SELECT DISTINCT aspect FROM linking WHERE run_id = ? ORDER BY aspect')
  const points = db.prepare<[number], { point: string }>('SELECT point FROM run_point WHERE run_id = ? ORDER BY step')
  const insertPoint = db.prepare<[number, number, string]>(
    'INSERT OR REPLACE INTO run_point (run_id, step, point) VALUES (?, ?, ?)',
  )
  const latents = db.prepare<[number], StoredLatent>(
    'SELECT id, active_cells AS activeCells, density, label FROM latent WHERE run_id = ? ORDER BY id',
  )
  const latent = db.prepare<[number, number], StoredLatent>(
    'SELECT id, active_cells AS activeCells, density, label FROM latent WHERE run_id = ? AND id = ?',
  )
  const groupsOfLatent = db.prepare<[number, number], Omit<StoredGroup, 'latent'>>(
    'SELECT column_id AS columnId, level, auroc, precision, recall, f1 FROM latent_group WHERE run_id = ? AND latent = ? ORDER BY auroc DESC',
  )
  const groupsOfColumn = db.prepare<[number, number], StoredGroup>(
    'SELECT latent, column_id AS columnId, level, auroc, precision, recall, f1 FROM latent_group WHERE run_id = ? AND column_id = ?',
  )

  // A file of the first layout that cannot be written keeps that layout: its runs have no flags.
  const hasFlags = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'latent_flag'").get() !== undefined
  const flags = hasFlags
    ? db.prepare<[number], StoredFlag>('SELECT latent, flag, source, value FROM latent_flag WHERE run_id = ? ORDER BY rowid')
    : null
  const flagsOfLatent = hasFlags
    ? db.prepare<[number, number], StoredFlag>(
        'SELECT latent, flag, source, value FROM latent_flag WHERE run_id = ? AND latent = ? ORDER BY rowid',
      )
    : null

  const representations =
    db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'representation'").get() === undefined
      ? null
      : db.prepare<[string], { key: string }>('SELECT key FROM representation WHERE fingerprint = ?')

  const toRun = (row: RunRow): Run => {
    const outcome = row.outcome === null ? null : (JSON.parse(row.outcome) as TrainerOutcome)
    return {
      id: row.id,
      state: row.state,
      settings: JSON.parse(row.settings) as TrainSettings,
      createdAt: row.created_at,
      finishedAt: row.finished_at,
      seconds: outcome?.seconds ?? null,
      stepsPerSecond: outcome?.stepsPerSecond ?? null,
      metrics: outcome?.metrics ?? null,
      controls: outcome?.controls ?? null,
      backend: outcome === null ? null : `${outcome.backend.name} ${outcome.backend.version}`,
      densityHistogram: row.density_histogram === null ? null : (JSON.parse(row.density_histogram) as number[]),
      linkedAspects: aspects.all(row.id).map((linked) => linked.aspect),
      error: row.error,
      representation: representations?.get(row.data_fingerprint)?.key ?? null,
    }
  }

  const insertGroups = (run: number, groups: readonly StoredGroup[]): void => {
    const insert = db.prepare(
      'INSERT INTO latent_group (run_id, latent, column_id, level, auroc, precision, recall, f1) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    )
    for (const group of groups) {
      insert.run(run, group.latent, group.columnId, group.level, group.auroc, group.precision, group.recall, group.f1)
    }
  }

  const insertResults = (run: number, finished: FinishedRun): void => {
    const { weights, byLatent } = finished
    for (const [name, values] of Object.entries(weights)) matrices.write(`run/${run}/${name}`, values as Float32Array)
    matrices.writeCsr(`run/${run}/activations`, finished.activations)
    matrices.writeCsr(`run/${run}/by-latent`, byLatent)
    const insertLatent = db.prepare('INSERT INTO latent (run_id, id, active_cells, density) VALUES (?, ?, ?, ?)')
    for (let id = 0; id < byLatent.rows; id++) {
      const active = (byLatent.indptr[id + 1] as number) - (byLatent.indptr[id] as number)
      insertLatent.run(run, id, active, active / byLatent.columns)
    }
    insertGroups(run, finished.groups)
    const insertFlag = db.prepare('INSERT INTO latent_flag (run_id, latent, flag, source, value) VALUES (?, ?, ?, ?, ?)')
    for (const { latent, flag, source, value } of finished.flags) insertFlag.run(run, latent, flag, source, value)
  }

  return {
    start: (settings: TrainSettings, fingerprint: string, appVersion: string, now: Date): number =>
      Number(
        db
          .prepare(
            "INSERT INTO run (state, settings, seed, data_fingerprint, app_version, created_at) VALUES ('training', ?, ?, ?, ?, ?)",
          )
          .run(JSON.stringify(settings), settings.seed, fingerprint, appVersion, now.toISOString()).lastInsertRowid,
      ),
    addPoint: (run: number, point: MetricPoint): void => void insertPoint.run(run, point.step, JSON.stringify(point)),
    finish: (run: number, finished: FinishedRun, now: Date): void => {
      db.transaction(() => {
        insertResults(run, finished)
        db.prepare("UPDATE run SET state = 'done', finished_at = ?, outcome = ?, density_histogram = ? WHERE id = ?").run(
          now.toISOString(),
          JSON.stringify(finished.outcome),
          JSON.stringify(finished.densityHistogram),
          run,
        )
      }).immediate()
    },
    /** Associations with columns that were added after the run. */
    addGroups: (run: number, groups: readonly StoredGroup[]): void => db.transaction(() => insertGroups(run, groups)).immediate(),
    end: (run: number, state: 'cancelled' | 'failed' | 'interrupted', error: string, now: Date): void =>
      void db
        .prepare('UPDATE run SET state = ?, error = ?, finished_at = ? WHERE id = ?')
        .run(state, error, now.toISOString(), run),
    /** A run still marked as training when a project opens was cut off. Returns how many there were. */
    markInterrupted: (error: string, now: Date): number =>
      db
        .prepare("UPDATE run SET state = 'interrupted', error = ?, finished_at = ? WHERE state = 'training'")
        .run(error, now.toISOString()).changes,
    get: (run: number): Run | null => {
      const row = find.get(run)
      return row ? toRun(row) : null
    },
    list: (): Run[] => all.all().map(toRun),
    history: (run: number): MetricPoint[] => points.all(run).map((row) => JSON.parse(row.point) as MetricPoint),
    latents: (run: number): StoredLatent[] => latents.all(run),
    latent: (run: number, id: number): StoredLatent | null => latent.get(run, id) ?? null,
    rename: (run: number, id: number, label: string | null): void =>
      void db.prepare('UPDATE latent SET label = ? WHERE run_id = ? AND id = ?').run(label, run, id),
    groupsOfLatent: (run: number, id: number): Omit<StoredGroup, 'latent'>[] => groupsOfLatent.all(run, id),
    groupsOfColumn: (run: number, columnId: number): StoredGroup[] => groupsOfColumn.all(run, columnId),
    /** Settings and outcome with what they rest on; null for a run that has no model. */
    origin: (run: number): RunOrigin | null => {
      const row = find.get(run)
      if (!row || row.outcome === null) return null
      return {
        settings: JSON.parse(row.settings) as TrainSettings,
        outcome: JSON.parse(row.outcome) as TrainerOutcome,
        dataFingerprint: row.data_fingerprint,
        appVersion: row.app_version,
      }
    },
    weights: (run: number): RunWeights => {
      const part = (name: keyof RunWeights): Float32Array => matrices.read(`run/${run}/${name}`, 'f32')
      return {
        encoder: part('encoder'),
        decoder: part('decoder'),
        encoderBias: part('encoderBias'),
        decoderBias: part('decoderBias'),
        mean: part('mean'),
      }
    },
    /** What the run says about technical causes; nothing for runs stored before flags were. */
    flags: (run: number): StoredFlag[] => flags?.all(run) ?? [],
    flagsOfLatent: (run: number, id: number): StoredFlag[] => flagsOfLatent?.all(run, id) ?? [],
    decoder: (run: number): Float32Array => matrices.read(`run/${run}/decoder`, 'f32'),
    activations: (run: number): Csr => matrices.readCsr(`run/${run}/activations`),
    byLatent: (run: number): Csr => matrices.readCsr(`run/${run}/by-latent`),
    activationOf: (run: number, id: number): { indices: Uint32Array; values: Float32Array } =>
      matrices.readCsrRow(`run/${run}/by-latent`, id),
  }
}
