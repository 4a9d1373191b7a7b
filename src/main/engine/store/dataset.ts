// The imported data: cells, representation, expression, cell columns and genes. Written once, in one transaction.
import { createHash } from 'node:crypto'
import type Database from 'better-sqlite3'
import type { ColumnInfo, ImportReport, Role, Verdict } from '@contract'
import type { Csr } from '../../base/sparse'
import { transpose } from '../../base/sparse'
import type { ImportedData } from '../import'
import type { Matrices } from './matrices'

export interface Dataset {
  readonly rows: number
  readonly dims: number
  readonly representation: string
  readonly fingerprint: string
  readonly sourceName: string
  readonly expression: string | null
  readonly verdict: Verdict | null
  /** What the stored values are, in words. */
  readonly scale: string | null
  /** False for z-scores, where differences of means say nothing in log2. */
  readonly logScale: boolean
  readonly mapName: string | null
  readonly report: ImportReport
}

export interface StoredColumn extends ColumnInfo {
  readonly id: number
}

export interface StoredGene {
  readonly position: number
  readonly name: string
  readonly symbol: string | null
  readonly ontologyGene: number | null
  readonly method: string
  readonly detectedCells: number
}

interface DatasetRow {
  row_count: number
  dims: number
  representation: string
  fingerprint: string
  source_name: string
  expression: string | null
  verdict: Verdict | null
  scale: string | null
  log_scale: number
  map_name: string | null
  report: string
}

interface ColumnRow {
  id: number
  name: string
  kind: 'category' | 'number' | 'text'
  role: Role | null
  levels: string
  colours: string | null
}

/** Consecutive genes with their stored values; `indptr` counts in the whole matrix. */
export interface GeneBlock {
  readonly from: number
  readonly to: number
  /** All genes there are. */
  readonly genes: number
  readonly indptr: Float64Array
  readonly indices: Uint32Array
  readonly values: Float32Array
}

/** Stored values of a block of genes: 32 MB. */
const blockValues = 4_000_000

export type DatasetStore = ReturnType<typeof openDatasetStore>

export function openDatasetStore(db: Database.Database, matrices: Matrices) {
  const find = db.prepare<[], DatasetRow>('SELECT * FROM dataset')
  const allColumns = db.prepare<[], ColumnRow>('SELECT * FROM cell_column ORDER BY id')
  const geneColumns = 'position, name, symbol, ontology_gene AS ontologyGene, method, detected_cells AS detectedCells'
  const allGenes = db.prepare<[], StoredGene>(`SELECT ${geneColumns} FROM gene ORDER BY position`)
  const geneByName = db.prepare<[string, string], StoredGene>(
    `SELECT ${geneColumns} FROM gene WHERE name = ? COLLATE NOCASE OR symbol = ? COLLATE NOCASE ORDER BY detected_cells DESC LIMIT 1`,
  )
  const geneByOntology = db.prepare<[number], StoredGene>(
    `SELECT ${geneColumns} FROM gene WHERE ontology_gene = ? ORDER BY detected_cells DESC LIMIT 1`,
  )
  const genesLike = db.prepare<[{ start: string; limit: number }], StoredGene>(
    `SELECT ${geneColumns} FROM gene WHERE name LIKE @start || '%' OR symbol LIKE @start || '%' ORDER BY length(name), name LIMIT @limit`,
  )

  const insertColumns = (imported: ImportedData): void => {
    const insert = db.prepare('INSERT INTO cell_column (name, kind, role, levels, colours) VALUES (?, ?, ?, ?, ?)')
    for (const column of imported.columns) {
      const colours = column.colours === null ? null : JSON.stringify(column.colours)
      const id = insert.run(column.name, column.kind, column.role, JSON.stringify(column.levels), colours).lastInsertRowid
      if (column.codes) matrices.write(`data/column/${id}`, column.codes)
      else if (column.numbers) matrices.write(`data/column/${id}`, column.numbers)
      else if (column.texts) matrices.writeText(`data/column/${id}`, column.texts)
    }
  }

  const insertExpression = (expression: NonNullable<ImportedData['expression']>): void => {
    const insert = db.prepare(
      'INSERT INTO gene (position, name, symbol, ontology_gene, method, detected_cells) VALUES (?, ?, ?, ?, ?, ?)',
    )
    expression.genes.forEach((gene, position) =>
      insert.run(position, gene.name, gene.symbol, gene.gene, gene.method, gene.detectedCells),
    )
    matrices.writeCsr('data/expression', expression.matrix)
    matrices.writeCsr('data/expression-by-gene', transpose(expression.matrix))
  }

  return {
    get: (): Dataset | null => {
      const row = find.get()
      if (!row) return null
      return {
        rows: row.row_count,
        dims: row.dims,
        representation: row.representation,
        fingerprint: row.fingerprint,
        sourceName: row.source_name,
        expression: row.expression,
        verdict: row.verdict,
        scale: row.scale,
        logScale: row.log_scale === 1,
        mapName: row.map_name,
        report: JSON.parse(row.report) as ImportReport,
      }
    },
    /** Stores a whole import in one transaction: all of it or nothing. */
    write: (imported: ImportedData, now: Date): void => {
      const { representation, expression, map } = imported
      db.transaction(() => {
        db.prepare(
          `INSERT INTO dataset (id, source_name, source_bytes, source_sha256, imported_at, row_count, dims, representation, fingerprint,
             expression, verdict, scale, log_scale, map_name, report) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ).run(
          imported.sourceName,
          imported.sourceBytes,
          imported.sourceSha256,
          now.toISOString(),
          imported.cellIds.length,
          representation.dims,
          representation.key,
          fingerprintOf(imported),
          expression?.key ?? null,
          expression?.verdict ?? null,
          expression?.scale ?? null,
          expression?.logScale === true ? 1 : 0,
          map?.name ?? null,
          JSON.stringify(imported.report),
        )
        matrices.writeText('data/cells', imported.cellIds)
        matrices.write('data/representation', representation.values)
        if (map) matrices.write('data/map', map.xy)
        insertColumns(imported)
        if (expression) insertExpression(expression)
      }).immediate()
    },
    columns: (): StoredColumn[] =>
      allColumns.all().map((row) => ({
        id: row.id,
        name: row.name,
        kind: row.kind,
        role: row.role,
        levels: JSON.parse(row.levels) as string[],
        colours: row.colours === null ? null : (JSON.parse(row.colours) as string[]),
      })),
    codes: (column: StoredColumn): Int32Array => matrices.read(`data/column/${column.id}`, 'i32'),
    numbers: (column: StoredColumn): Float32Array => matrices.read(`data/column/${column.id}`, 'f32'),
    cellNames: (): string[] => matrices.readText('data/cells'),
    representation: (): Float32Array => matrices.read('data/representation', 'f32'),
    /** Numbers `from` to `to` of the representation (rows × dims, row-major). */
    representationPart: (from: number, to: number): Float32Array => matrices.read('data/representation', 'f32', from, to),
    map: (): Float32Array => matrices.read('data/map', 'f32'),
    genes: (): StoredGene[] => allGenes.all(),
    findGene: (name: string): StoredGene | null => geneByName.get(name, name) ?? null,
    findOntologyGene: (gene: number): StoredGene | null => geneByOntology.get(gene) ?? null,
    genesStartingWith: (start: string, limit: number): StoredGene[] =>
      genesLike.all({ start: start.replace(/[%_]/g, ''), limit }),
    expression: (): Csr => matrices.readCsr('data/expression'),
    /** Stored values of each cell, which are its genes above 0; null without expression or where 0 is not "not found". */
    detectedGenes: (): Float64Array | null => {
      const row = find.get()
      if (!row || row.expression === null || row.log_scale !== 1) return null
      const indptr = matrices.read('data/expression/indptr', 'f64')
      return Float64Array.from({ length: row.row_count }, (_, cell) => (indptr[cell + 1] as number) - (indptr[cell] as number))
    },
    /** The expression gene by gene, in blocks that fit into little memory. */
    geneBlocks: function* (): Generator<GeneBlock> {
      const name = 'data/expression-by-gene'
      const indptr = matrices.read(`${name}/indptr`, 'f64')
      const genes = indptr.length - 1
      for (let from = 0; from < genes;) {
        let to = from + 1
        while (to < genes && (indptr[to + 1] as number) - (indptr[from] as number) <= blockValues) to++
        const [start, end] = [indptr[from] as number, indptr[to] as number]
        const indices = matrices.read(`${name}/indices`, 'u32', start, end)
        const values = matrices.read(`${name}/values`, 'f32', start, end)
        yield { from, to, genes, indptr: indptr.subarray(from, to + 1), indices, values }
        from = to
      }
    },
    geneValues: (position: number): { indices: Uint32Array; values: Float32Array } =>
      matrices.readCsrRow('data/expression-by-gene', position),
  }
}

/** SHA-256 over cell names and representation: two projects with equal fingerprints train on equal input. */
function fingerprintOf(imported: ImportedData): string {
  const { values } = imported.representation
  return createHash('sha256')
    .update(imported.cellIds.join('\n'))
    .update(Buffer.from(values.buffer, values.byteOffset, values.byteLength))
    .digest('hex')
}
