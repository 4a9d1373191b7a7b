// Training runs with their settings, live points, weights, activations and what follows from them without genes:
// one row per latent and its association with every cell group. A finished run is stored in one transaction.
import type Database from 'better-sqlite3'
import {
  laterSettings,
  type Aspect,
  type MetricPoint,
  type Run,
  type RunControls,
  type RunSource,
  type RunState,
  type TrainSettings,
} from '@contract'
import type { Csr } from '../../base/sparse'
import type { TrainerOutcome } from '../../base/trainer-protocol'
import type { CellFlag } from '../../science/latent-flags'
import type { Matrices } from './matrices'
import { openMetadataStore, type StoredBreadth, type StoredGroup, type StoredNumber } from './metadata'
import type { AnySparse } from './sparse-file'

export type { StoredBreadth, StoredGroup } from './metadata'

/**
 * For prepared rows y = ((x − mean)·M)·scale: p = encoder·y + encoderBias, ŷ = decoderᵀ·z + decoderBias. M is diag(inputFactors)
 * or inputMatrix where there is one, else absent.
 */
export interface RunWeights {
  /** latents × dims. */
  readonly encoder: Float32Array
  /** latents × dims, unit rows. */
  readonly decoder: Float32Array
  readonly encoderBias: Float32Array
  readonly decoderBias: Float32Array
  readonly mean: Float32Array
  /** z-scores: dims. */
  readonly inputFactors?: Float32Array
  /** Whitening: dims × dims, symmetric, with its inverse. */
  readonly inputMatrix?: Float32Array
  readonly inputInverse?: Float32Array
  /** JumpReLU: latents. */
  readonly thresholds?: Float32Array
  /** Gated: latents each (trainer/model.ts). */
  readonly magnitudeLog?: Float32Array
  readonly magnitudeBias?: Float32Array
}

/** Parts only some models have. */
export const optionalWeights = [
  ...(['inputFactors', 'inputMatrix', 'inputInverse'] as const),
  ...(['thresholds', 'magnitudeLog', 'magnitudeBias'] as const),
] satisfies (keyof RunWeights)[]

export interface StoredFlag {
  readonly latent: number
  readonly flag: CellFlag
  readonly source: string
  readonly value: number
}

export interface FinishedRun {
  readonly outcome: TrainerOutcome
  readonly weights: RunWeights
  /** Cells × latents, and its transpose. */
  readonly activations: AnySparse
  readonly byLatent: AnySparse
  readonly densityHistogram: readonly number[]
  readonly groups: readonly StoredGroup[]
  readonly flags: readonly StoredFlag[]
  readonly numbers?: readonly StoredNumber[]
  readonly breadth?: readonly StoredBreadth[]
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
  waiting?: 'queued' | 'paused' | null
  token?: string | null
  settings: string
  data_fingerprint: string
  app_version: string
  created_at: string
  finished_at: string | null
  outcome: string | null
  density_histogram: string | null
  error: string | null
}

/**
 * Runs of the first version have fewer settings. What is there keeps its order: checkpoints are known by the text of the settings.
 */
function settingsOf(row: RunRow): TrainSettings {
  const stored = JSON.parse(row.settings) as TrainSettings
  return { ...stored, ...laterSettings, ...stored }
}

/** States from which a run can go on. */
const unfinished: readonly RunState[] = ['interrupted', 'cancelled', 'failed']

/** Row numbers, ascending. */
export interface Split {
  readonly train: Uint32Array
  readonly heldOut: Uint32Array
}

export type RunStore = ReturnType<typeof openRunStore>

/**
 * `resumeStep` answers the step a run's newest checkpoint holds, by its token; 0 without one. `sources`: where models come
 * from, for those that were not simply trained.
 */
export function openRunStore(
  db: Database.Database,
  matrices: Matrices,
  resumeStep: (token: string | null) => number = () => 0,
  sources: () => ReadonlyMap<number, RunSource> = () => new Map(),
) {
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
  const metadata = openMetadataStore(db)

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

  const heldOutOf = (run: number): string => `run/${run}/held-out`

  const representations =
    db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'representation'").get() === undefined
      ? null
      : db.prepare<[string], { key: string }>('SELECT key FROM representation WHERE fingerprint = ?')

  const toRun = (row: RunRow, source: RunSource | undefined): Run => {
    const outcome = row.outcome === null ? null : (JSON.parse(row.outcome) as TrainerOutcome)
    return {
      id: row.id,
      state: row.waiting ?? row.state,
      settings: settingsOf(row),
      createdAt: row.created_at,
      finishedAt: row.finished_at,
      seconds: outcome?.seconds ?? null,
      stepsPerSecond: outcome?.stepsPerSecond ?? null,
      metrics: outcome?.metrics ?? null,
      controls: outcome?.controls ?? null,
      input: outcome?.input ?? null,
      backend: outcome === null ? null : `${outcome.backend.name} ${outcome.backend.version}`,
      densityHistogram: row.density_histogram === null ? null : (JSON.parse(row.density_histogram) as number[]),
      linkedAspects: aspects.all(row.id).map((linked) => linked.aspect),
      error: row.error,
      resumeStep: unfinished.includes(row.state) && row.waiting !== 'queued' ? resumeStep(row.token ?? null) : null,
      stoppedAt: outcome?.stoppedAt ?? null,
      ...(source === undefined ? {} : { source }),
      representation: representations?.get(row.data_fingerprint)?.key ?? null,
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
    metadata.insertGroups(run, finished.groups)
    metadata.insertNumbers(run, finished.numbers ?? [])
    metadata.insertBreadth(run, finished.breadth ?? [])
    const insertFlag = db.prepare('INSERT INTO latent_flag (run_id, latent, flag, source, value) VALUES (?, ?, ?, ?, ?)')
    for (const { latent, flag, source, value } of finished.flags) insertFlag.run(run, latent, flag, source, value)
  }

  return {
    /**
     * A new run that waits for its turn. `keep`: the rows it will never see (roles of columns may change later), and the
     * token of its checkpoints, if it is to be trained.
     */
    start: (
      settings: TrainSettings,
      fingerprint: string,
      appVersion: string,
      now: Date,
      keep: { readonly heldOut: Uint32Array; readonly token: string | null } | null = null,
    ): number =>
      db
        .transaction(() => {
          const insert = db.prepare(
            `INSERT INTO run (state, waiting, settings, seed, data_fingerprint, app_version, created_at, token)
             VALUES ('training', 'queued', ?, ?, ?, ?, ?, ?)`,
          )
          const values = [JSON.stringify(settings), settings.seed, fingerprint, appVersion, now.toISOString()]
          const run = Number(insert.run(...values, keep?.token ?? null).lastInsertRowid)
          if (keep) matrices.write(heldOutOf(run), keep.heldOut)
          return run
        })
        .immediate(),
    /** Rows a run never trains on; null for runs stored before these were kept. */
    heldOut: (run: number): Uint32Array | null => (matrices.has(heldOutOf(run)) ? matrices.read(heldOutOf(run), 'u32') : null),
    /** Names the folder of the run's checkpoints; gives it one where it has none. */
    token: (run: number, make: () => string): string => {
      const known = find.get(run)?.token
      if (known) return known
      const made = make()
      db.prepare('UPDATE run SET token = ? WHERE id = ?').run(made, run)
      return made
    },
    fingerprint: (run: number): string | null => find.get(run)?.data_fingerprint ?? null,
    /** It waits for its turn, or its turn has come. */
    begin: (run: number, waiting: 'queued' | null): void =>
      void db
        .prepare("UPDATE run SET state = 'training', waiting = ?, error = NULL, finished_at = NULL WHERE id = ?")
        .run(waiting, run),
    /** Points beyond the step a run goes on from will be measured again. */
    forgetPointsAfter: (run: number, step: number): void =>
      void db.prepare('DELETE FROM run_point WHERE run_id = ? AND step > ?').run(run, step),
    pause: (run: number, now: Date): void =>
      void db
        .prepare("UPDATE run SET state = 'interrupted', waiting = 'paused', error = NULL, finished_at = ? WHERE id = ?")
        .run(now.toISOString(), run),
    /** Removes a run and everything stored under it. */
    remove: (run: number): void =>
      db
        .transaction(() => {
          matrices.remove(`run/${run}`)
          db.prepare('DELETE FROM run WHERE id = ?').run(run)
        })
        .immediate(),
    addPoint: (run: number, point: MetricPoint): void => void insertPoint.run(run, point.step, JSON.stringify(point)),
    finish: (run: number, finished: FinishedRun, now: Date): void => {
      db.transaction(() => {
        insertResults(run, finished)
        db.prepare(
          "UPDATE run SET state = 'done', waiting = NULL, finished_at = ?, outcome = ?, density_histogram = ? WHERE id = ?",
        ).run(now.toISOString(), JSON.stringify(finished.outcome), JSON.stringify(finished.densityHistogram), run)
      }).immediate()
    },
    /** Associations with columns that were added after the run. */
    addMetadata: (
      run: number,
      { groups, numbers, breadth }: Required<Pick<FinishedRun, 'groups' | 'numbers' | 'breadth'>>,
    ): void =>
      db
        .transaction(() => {
          metadata.insertGroups(run, groups)
          metadata.insertNumbers(run, numbers)
          metadata.insertBreadth(run, breadth)
        })
        .immediate(),
    end: (run: number, state: 'cancelled' | 'failed' | 'interrupted', error: string, now: Date): void =>
      void db
        .prepare('UPDATE run SET state = ?, waiting = NULL, error = ?, finished_at = ? WHERE id = ?')
        .run(state, error, now.toISOString(), run),
    /** A run still marked as training when a project opens was cut off. Returns how many there were. */
    markInterrupted: (error: string, now: Date): number =>
      db
        .prepare("UPDATE run SET state = 'interrupted', waiting = NULL, error = ?, finished_at = ? WHERE state = 'training'")
        .run(error, now.toISOString()).changes,
    get: (run: number): Run | null => {
      const row = find.get(run)
      return row ? toRun(row, sources().get(run)) : null
    },
    list: (): Run[] => {
      const known = sources()
      return all.all().map((row) => toRun(row, known.get(row.id)))
    },
    /** Adds controls to those of a finished run. */
    addControls: (run: number, controls: Pick<RunControls, 'ica' | 'nmf'>): void => {
      const outcome = JSON.parse(find.get(run)?.outcome ?? 'null') as TrainerOutcome
      const changed = { ...outcome, controls: { ...outcome.controls, ...controls } }
      db.prepare('UPDATE run SET outcome = ? WHERE id = ?').run(JSON.stringify(changed), run)
    },
    history: (run: number): MetricPoint[] => points.all(run).map((row) => JSON.parse(row.point) as MetricPoint),
    latents: (run: number): StoredLatent[] => latents.all(run),
    latent: (run: number, id: number): StoredLatent | null => latent.get(run, id) ?? null,
    groupsOfLatent: metadata.groupsOfLatent,
    groupsOfColumn: metadata.groupsOfColumn,
    numbersOfLatent: metadata.numbersOfLatent,
    breadthOfLatent: metadata.breadthOfLatent,
    breadthOfRun: metadata.breadthOfRun,
    /** Settings and outcome with what they rest on; null for a run that has no model. */
    origin: (run: number): RunOrigin | null => {
      const row = find.get(run)
      if (!row || row.outcome === null) return null
      return {
        settings: settingsOf(row),
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
        ...Object.fromEntries(
          optionalWeights.filter((name) => matrices.has(`run/${run}/${name}`)).map((name) => [name, part(name)] as const),
        ),
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
