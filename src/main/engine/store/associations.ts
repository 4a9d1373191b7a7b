// What comparing all latents with all genes left: the strongest genes of each latent, and the map from the representation to genes.
import type Database from 'better-sqlite3'
import type { Matrices } from './matrices'
import { hasTable } from './present-columns'

/** Rows of latents, one entry per kept gene. */
export interface AssociationLists {
  /** latents + 1. */
  readonly indptr: Float64Array
  readonly genes: Uint32Array
  readonly pearson: Float32Array
  readonly spearman: Float32Array
  readonly auroc: Float32Array
}

export interface AssociationFacts {
  readonly genes: number
  readonly cells: number
  readonly kept: number
}

export interface GeneMapFacts {
  readonly source: 'ridge' | 'loadings' | 'genes'
  readonly penalty: number | null
  readonly fitRows: number | null
  readonly testRows: number | null
  readonly medianR2: number | null
  /** For the source 'loadings': where they are from and how many genes have one. */
  readonly loadings?: { readonly from: string; readonly genes: number }
}

export interface GeneMap extends GeneMapFacts {
  /** dims × genes. */
  readonly weights: Float32Array
  /** NaN where not defined; null where nothing was fitted. */
  readonly r2: Float32Array | null
}

export type AssociationStore = ReturnType<typeof openAssociationStore>

export function openAssociationStore(db: Database.Database, matrices: Matrices) {
  const known = hasTable(db, 'association')
  const find = known
    ? db.prepare<[number], AssociationFacts>('SELECT genes, cells, kept FROM association WHERE run_id = ?')
    : null
  const map = known
    ? db.prepare<[], { source: GeneMapFacts['source']; facts: string }>('SELECT source, facts FROM gene_map')
    : null
  const partOf = (run: number, part: string): string => `run/${run}/association/${part}`

  return {
    facts: (run: number): AssociationFacts | null => find?.get(run) ?? null,
    /** The kept genes of one latent, by gene. */
    ofLatent: (run: number, latent: number): Omit<AssociationLists, 'indptr'> => {
      const [start = 0, end = 0] = matrices.read(partOf(run, 'indptr'), 'f64', latent, latent + 2)
      return {
        genes: matrices.read(partOf(run, 'genes'), 'u32', start, end),
        pearson: matrices.read(partOf(run, 'pearson'), 'f32', start, end),
        spearman: matrices.read(partOf(run, 'spearman'), 'f32', start, end),
        auroc: matrices.read(partOf(run, 'auroc'), 'f32', start, end),
      }
    },
    geneMapFacts: (): GeneMapFacts | null => {
      const row = map?.get()
      return row ? (JSON.parse(row.facts) as GeneMapFacts) : null
    },
    geneMap: (): GeneMap | null => {
      const row = map?.get()
      if (!row) return null
      return {
        ...(JSON.parse(row.facts) as GeneMapFacts),
        weights: matrices.read('data/gene-map/weights', 'f32'),
        r2: matrices.has('data/gene-map/r2') ? matrices.read('data/gene-map/r2', 'f32') : null,
      }
    },
    /** Stores lists and map together; what was there before is replaced. */
    write: (
      run: number,
      {
        lists,
        facts,
        map: fitted,
        appVersion,
      }: { lists: AssociationLists; facts: AssociationFacts; map: GeneMap | null; appVersion: string },
      now: Date,
    ): void => {
      db.transaction(() => {
        matrices.remove(`run/${run}/association`)
        for (const [part, values] of Object.entries(lists)) matrices.write(partOf(run, part), values as Float32Array)
        db.prepare(
          'INSERT OR REPLACE INTO association (run_id, genes, cells, kept, app_version, created_at) VALUES (?, ?, ?, ?, ?, ?)',
        ).run(run, facts.genes, facts.cells, facts.kept, appVersion, now.toISOString())
        if (!fitted) return
        const { weights, r2, ...mapFacts } = fitted
        matrices.remove('data/gene-map')
        matrices.write('data/gene-map/weights', weights)
        if (r2) matrices.write('data/gene-map/r2', r2)
        db.prepare('INSERT OR REPLACE INTO gene_map (id, source, facts, app_version, created_at) VALUES (1, ?, ?, ?, ?)').run(
          fitted.source,
          JSON.stringify(mapFacts),
          appVersion,
          now.toISOString(),
        )
      }).immediate()
    },
  }
}
