// The imported data: cells, representation, expression, cell columns and genes. Each import or addition is one transaction.
import type Database from 'better-sqlite3'
import type { ColumnInfo, ImportReport, Role, RowKind, Verdict } from '@contract'
import type { ScaleChange } from '../../science/normalise'
import type { AddedBeside, ImportedData } from '../import'
import { openDatasetParts } from './dataset-parts'
import { DatasetWriter } from './dataset-writing'
import { openExpression } from './expression'
import { IncomingData, type WriteStep } from './incoming-data'
import type { Matrices } from './matrices'
import type { SparseMatrices } from './sparse-matrices'

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
  readonly rowKind: RowKind
  /** True when the user said what the values are. */
  readonly verdictSaid: boolean
  /** Key of the counts that totals per cell come from. */
  readonly countsFrom: string | null
  readonly report: ImportReport
  /** Species of the genes; null for data imported before species were told apart, which are human. */
  readonly species: string | null
  /** Checksum of the gene table the genes' numbers belong to. */
  readonly geneTable: string | null
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
  readonly original: string | null
  readonly id: string | null
  readonly entrez: string | null
  readonly biotype: string | null
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
  /** Not there in a file of an earlier layout that cannot be written, like those below. */
  change?: ScaleChange
  row_kind?: RowKind
  verdict_said?: number
  counts_from?: string | null
  /** Absent in projects of an older layout that cannot be written. */
  species?: string | null
  gene_table?: string | null
}

interface ColumnRow {
  id: number
  name: string
  kind: 'category' | 'number' | 'text'
  role: Role | null
  levels: string
  colours: string | null
}

type ReportChange = (before: ImportReport) => ImportReport

export type DatasetStore = ReturnType<typeof openDatasetStore>

export function openDatasetStore(db: Database.Database, matrices: Matrices, sparse: SparseMatrices) {
  const parts = openDatasetParts(db, matrices, sparse)
  const find = db.prepare<[], DatasetRow>('SELECT * FROM dataset')
  const allColumns = db.prepare<[], ColumnRow>('SELECT * FROM cell_column ORDER BY id')
  // A project of an older layout that cannot be written is read as it is.
  const hasIdentity = db.prepare("SELECT 1 FROM pragma_table_info('gene') WHERE name = 'gene_id'").get() !== undefined
  const identity = hasIdentity
    ? 'original, gene_id AS id, entrez, biotype'
    : 'NULL AS original, NULL AS id, NULL AS entrez, NULL AS biotype'
  const geneColumns = `position, name, symbol, ontology_gene AS ontologyGene, method, detected_cells AS detectedCells, ${identity}`
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

  /** All steps in one transaction: everything or nothing. `step` hears the bytes written and may stop it by throwing. */
  const inTransaction = async (steps: Iterable<number>, step: WriteStep): Promise<void> => {
    db.exec('BEGIN IMMEDIATE')
    try {
      for (const bytes of steps) await step(bytes)
      db.exec('COMMIT')
    } catch (thrown) {
      // A project that was closed meanwhile has rolled back by itself.
      if (db.open && db.inTransaction) db.exec('ROLLBACK')
      throw thrown
    }
  }

  const writerOf = (folder: string): DatasetWriter => new DatasetWriter(db, matrices, sparse, parts, folder)

  const clear = (): void => {
    if (!find.get()) return
    matrices.remove('data')
    sparse.remove('data')
    db.exec('DELETE FROM cell_column; DELETE FROM gene; DELETE FROM gene_map; DELETE FROM dataset;')
    parts.clear()
  }

  const incoming = (folder: string): IncomingData => new IncomingData(db, writerOf(folder), clear)

  function* added(
    { folder, columns, representation, expression, depth, blocks, sources }: AddedBeside,
    now: Date,
    report: ReportChange,
  ) {
    const writer = writerOf(folder)
    yield* writer.columns(columns)
    if (representation) {
      yield* writer.numbers(parts.insertRepresentation(representation), representation.values)
      parts.activate(representation.key)
    }
    if (expression) {
      yield* writer.expression(expression)
      const { key, verdict, scale, logScale, verdictSaid, change, species = null, geneTable = null } = expression
      db.prepare(
        `UPDATE dataset SET expression = ?, verdict = ?, scale = ?, log_scale = ?, verdict_said = ?, change = ?, species = ?,
         gene_table = ?`,
      ).run(key, verdict, scale, logScale ? 1 : 0, verdictSaid ? 1 : 0, change, species, geneTable)
    }
    if (depth) {
      yield* writer.depth(depth)
      db.prepare('UPDATE dataset SET counts_from = ?').run(depth.from)
    }
    yield* writer.blocks(blocks)
    parts.writeSources(sources, now)
    const row = find.get()
    if (row) db.prepare('UPDATE dataset SET report = ?').run(JSON.stringify(report(JSON.parse(row.report) as ImportReport)))
  }

  const expression = openExpression(matrices, sparse, () => find.get()?.change ?? 'none')

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
        rowKind: row.row_kind ?? 'cells',
        verdictSaid: row.verdict_said === 1,
        countsFrom: row.counts_from ?? null,
        report: JSON.parse(row.report) as ImportReport,
        species: row.species ?? null,
        geneTable: row.gene_table ?? null,
      }
    },
    parts,
    /** An import that is stored while it is read into the scratch folder, in place of what was there: all of it or nothing. */
    incoming,
    /** Stores a whole import in the same way. */
    write: (imported: ImportedData, now: Date, step: WriteStep): Promise<void> =>
      incoming(imported.folder).finish(imported, now, step),
    /** Adds to the data that are there, in the same way; what is null stays as it is. */
    add: (addition: AddedBeside, now: Date, report: ReportChange, step: WriteStep): Promise<void> =>
      inTransaction(added(addition, now, report), step),
    /** Replaces the map. */
    writeMap: (name: string, xy: Float32Array): void => {
      db.transaction(() => {
        matrices.remove('data/map')
        matrices.write('data/map', xy)
        db.prepare('UPDATE dataset SET map_name = ?').run(name)
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
    texts: (column: StoredColumn): string[] => matrices.readTexts(`data/column/${column.id}`),
    cellNames: (): string[] => matrices.readTexts('data/cells'),
    /** Names of some cells, '' for those that are not there. */
    namesOfCells: (cells: readonly number[]): string[] => {
      const some = matrices.readSomeTexts('data/cells', cells)
      if (some) return some
      const names = matrices.readTexts('data/cells')
      return cells.map((cell) => names[cell] ?? '')
    },
    /** The representation that is trained on. */
    representation: (): Float32Array => parts.representation(find.get()?.representation ?? ''),
    /** Numbers `from` to `to` of it (rows × dims, row-major). */
    representationPart: (from: number, to: number): Float32Array =>
      parts.representation(find.get()?.representation ?? '', from, to),
    map: (): Float32Array => matrices.read('data/map', 'f32'),
    genes: (): StoredGene[] => allGenes.all(),
    findGene: (name: string): StoredGene | null => geneByName.get(name, name) ?? null,
    findOntologyGene: (gene: number): StoredGene | null => geneByOntology.get(gene) ?? null,
    genesStartingWith: (start: string, limit: number): StoredGene[] =>
      genesLike.all({ start: start.replace(/[%_]/g, ''), limit }),
    ...expression,
    /** Stored values of each cell, which are its genes above 0; null without expression or where 0 is not "not found". */
    detectedGenes: (): Float64Array | null => {
      const row = find.get()
      return !row || row.expression === null || row.log_scale !== 1 ? null : expression.storedPerCell(row.row_count)
    },
  }
}
