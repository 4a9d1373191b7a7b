// Parts of the imported data beside cells, columns and genes: what the rows stand for, the files they came from, representations,
// further kinds of features, depth. Invariant: written inside the caller's transaction; projects of older layouts answer with none.
import type Database from 'better-sqlite3'
import type { FeatureBlock, PerRow, SourceFile, StoredRepresentation } from '@contract'
import type { ImportedBlock, ImportedData } from '../import'
import { byFeature } from './dataset-writing'
import type { Matrices } from './matrices'
import type { SparseMatrices } from './sparse-matrices'

/** The gene a row stands for. */
export interface StoredRowGene {
  readonly row: number
  readonly symbol: string | null
  readonly ontologyGene: number | null
  readonly method: string
}

export interface StoredFeature {
  readonly block: number
  readonly position: number
  readonly name: string
  readonly detectedCells: number
  /** Nearest gene in the genome, where it is known. */
  readonly geneSymbol: string | null
  readonly geneDistance: number | null
}

function mean(numbers: Float32Array | Uint32Array): number {
  let sum = 0
  for (const number of numbers) sum += number
  return numbers.length === 0 ? 0 : sum / numbers.length
}

export type DatasetParts = ReturnType<typeof openDatasetParts>

export function openDatasetParts(db: Database.Database, matrices: Matrices, sparse: SparseMatrices) {
  // A file of an older layout that cannot be written keeps that layout.
  const current = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'row_gene'").get() !== undefined
  const all = <T>(sql: string, ...values: (string | number)[]): T[] => (current ? (db.prepare(sql).all(...values) as T[]) : [])
  const representationMatrix = (key: string): string =>
    all<{ matrix: string }>('SELECT matrix FROM representation WHERE key = ?', key)[0]?.matrix ?? 'data/representation'

  const writeSources = (files: readonly SourceFile[], now: Date): void => {
    const insert = db.prepare('INSERT INTO source_file (name, bytes, sha256, part, added_at) VALUES (?, ?, ?, ?, ?)')
    for (const file of files) insert.run(file.name, file.bytes, file.sha256, file.part, now.toISOString())
  }

  /** Answers the number of the block, whose matrix the caller writes. */
  const insertBlock = ({ key, type, verdict, features }: ImportedBlock): number => {
    const id = Number(
      db.prepare('INSERT INTO feature_block (key, type, verdict) VALUES (?, ?, ?)').run(key, type, verdict).lastInsertRowid,
    )
    const insert = db.prepare(
      'INSERT INTO feature (block_id, position, name, detected_cells, gene_symbol, gene_distance) VALUES (?, ?, ?, ?, ?, ?)',
    )
    features.forEach(({ name, detectedCells, nearest }, position) =>
      insert.run(id, position, name, detectedCells, nearest?.symbol ?? null, nearest?.distance ?? null),
    )
    return id
  }

  const perRow = (name: string): PerRow | null =>
    matrices.has(`${name}/total`)
      ? { total: mean(matrices.read(`${name}/total`, 'f32')), detected: mean(matrices.read(`${name}/detected`, 'u32')) }
      : null

  return {
    /** What of an import is not in the dataset's own row, which is there already; blocks and depth are written by the caller. */
    write: ({ representation, expression, depth, rowGenes, fingerprint, sources, report }: ImportedData, now: Date): void => {
      db.prepare('UPDATE dataset SET row_kind = ?, verdict_said = ?, counts_from = ?').run(
        report.rowKind,
        expression?.verdictSaid === true ? 1 : 0,
        depth?.from ?? null,
      )
      db.prepare("INSERT INTO representation (key, dims, fingerprint, matrix) VALUES (?, ?, ?, 'data/representation')").run(
        representation.key,
        representation.dims,
        fingerprint,
      )
      const insertRow = db.prepare('INSERT INTO row_gene (row, symbol, ontology_gene, method) VALUES (?, ?, ?, ?)')
      rowGenes?.forEach((row, at) => insertRow.run(at, row.symbol, row.gene, row.method))
      writeSources(sources, now)
    },
    /** Forgets all of it, for data that are written anew. */
    clear: (): void => {
      db.exec('DELETE FROM row_gene; DELETE FROM source_file; DELETE FROM representation; DELETE FROM feature_block;')
    },
    writeSources,
    insertBlock,
    rowGenes: (): StoredRowGene[] => all('SELECT row, symbol, ontology_gene AS ontologyGene, method FROM row_gene ORDER BY row'),
    mappedRows: (): number =>
      all<{ count: number }>('SELECT count(*) AS count FROM row_gene WHERE ontology_gene IS NOT NULL')[0]?.count ?? 0,
    sources: (): SourceFile[] => all('SELECT name, bytes, sha256, part FROM source_file ORDER BY id'),
    representations: (active: string): StoredRepresentation[] =>
      all<{ key: string; dims: number }>('SELECT key, dims FROM representation ORDER BY id').map((each) => ({
        ...each,
        active: each.key === active,
      })),
    /** Row-major values of a stored representation, or of some of its rows. */
    representation: (key: string, start = 0, end?: number): Float32Array =>
      matrices.read(representationMatrix(key), 'f32', start, end),
    /** What the axes of a stored representation are in genes (axes × genes, NaN where not known), and where that is from. */
    loadings: (key: string): { readonly from: string; readonly values: Float32Array } | null => {
      const name = `${representationMatrix(key)}/loadings`
      return matrices.has(name) ? { from: matrices.readTexts(`${name}-from`)[0] ?? '', values: matrices.read(name, 'f32') } : null
    },
    /** Answers the name under which the caller writes its values. */
    insertRepresentation: ({ key, dims, fingerprint }: { key: string; dims: number; fingerprint: string }): string => {
      const found = db.prepare<[], { next: number }>('SELECT coalesce(max(id), 0) + 1 AS next FROM representation').get()
      const matrix = `data/representation-${found?.next ?? 1}`
      db.prepare('INSERT INTO representation (key, dims, fingerprint, matrix) VALUES (?, ?, ?, ?)').run(
        key,
        dims,
        fingerprint,
        matrix,
      )
      return matrix
    },
    /** Makes a stored representation the one that is trained on; false when there is none of that name. */
    activate: (key: string): boolean => {
      const changed = db
        .prepare(
          `UPDATE dataset SET (representation, dims, fingerprint) = (SELECT key, dims, fingerprint FROM representation WHERE key = @key)
           WHERE representation <> @key AND EXISTS (SELECT 1 FROM representation WHERE key = @key)`,
        )
        .run({ key }).changes
      if (changed > 0) {
        // The map to genes is of the representation that was explained before.
        matrices.remove('data/gene-map')
        db.exec('DELETE FROM gene_map')
      }
      return changed > 0 || all('SELECT 1 FROM representation WHERE key = ?', key).length > 0
    },
    blocks: (): FeatureBlock[] =>
      all<Omit<FeatureBlock, 'perRow'> & { id: number }>(
        `SELECT feature_block.id AS id, key, type, verdict, count(feature.position) AS features, count(gene_symbol) AS linked
         FROM feature_block JOIN feature ON feature.block_id = feature_block.id GROUP BY feature_block.id ORDER BY feature_block.id`,
      ).map(({ id, ...block }) => ({ ...block, perRow: perRow(`data/block/${id}`) })),
    /** Of the genes; null where the data came without counts. */
    perRow: (): PerRow | null => perRow('data/depth'),
    findFeature: (block: string, name: string): StoredFeature | null =>
      all<StoredFeature>(
        `SELECT block_id AS block, position, name, detected_cells AS detectedCells, gene_symbol AS geneSymbol, gene_distance AS geneDistance
         FROM feature JOIN feature_block ON feature_block.id = block_id WHERE key = ? AND name = ?`,
        block,
        name,
      )[0] ?? null,
    featureValues: ({ block, position }: StoredFeature): { indices: Uint32Array; values: Float32Array } =>
      sparse.row(byFeature(block), position),
    /** Total counts and detected genes per row; null where the data came without counts. */
    depth: (): { readonly total: Float32Array; readonly detected: Uint32Array } | null =>
      matrices.has('data/depth/total')
        ? { total: matrices.read('data/depth/total', 'f32'), detected: matrices.read('data/depth/detected', 'u32') }
        : null,
  }
}
