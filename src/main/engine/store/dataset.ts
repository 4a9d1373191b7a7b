// The imported data: cells, representation, expression, cell columns and genes. Each import or addition is one transaction.
import type Database from 'better-sqlite3'
import type { ColumnInfo, ImportReport, Role, RowKind, Verdict } from '@contract'
import { asStream, type Csr, type RowStream } from '../../base/sparse'
import { changeColumns, changeRows, type ScaleChange } from '../../science/normalise'
import type { AddedBeside, ImportedData } from '../import'
import { openDatasetParts } from './dataset-parts'
import { byCell, byGene, DatasetWriter } from './dataset-writing'
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

/** Consecutive genes with their values on the scale of the statistics; `indptr` counts from anywhere. */
export interface GeneBlock {
  readonly from: number
  readonly to: number
  /** All genes there are. */
  readonly genes: number
  readonly indptr: Float64Array
  readonly indices: Uint32Array
  readonly values: Float32Array
}

/** Stored values of a block of genes of data imported before pages existed: 32 MB. */
const blockValues = 4_000_000

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

  const changeOf = (): ScaleChange => find.get()?.change ?? 'none'
  const factors = (): Float64Array | null =>
    matrices.has('data/expression/factors') ? matrices.read('data/expression/factors', 'f64') : null

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
    /** Cells × genes on the scale of the statistics, in memory. */
    expression: (): Csr => {
      if (!sparse.has(byCell)) return matrices.readCsr('data/expression')
      const matrix = sparse.read(byCell)
      changeRows(matrix, changeOf(), factors())
      return matrix
    },
    /** Cells × genes in blocks as they are stored, with what brings them to the scale of the statistics. */
    storedExpression: (): RowStream & { readonly change: ScaleChange; readonly factors: Float64Array | null } => {
      if (!sparse.has(byCell)) return { ...asStream(matrices.readCsr('data/expression')), change: 'none', factors: null }
      return {
        ...sparse.info(byCell),
        change: changeOf(),
        factors: factors(),
        *blocks() {
          for (const { matrix } of sparse.blocks(byCell)) yield matrix
        },
      }
    },
    /** The same on the scale of the statistics, for what is larger than memory; for data imported before pages existed one block. */
    expressionStream: (): RowStream => {
      if (!sparse.has(byCell)) return asStream(matrices.readCsr('data/expression'))
      const [change, all] = [changeOf(), factors()]
      return {
        ...sparse.info(byCell),
        *blocks() {
          for (const { start, matrix } of sparse.blocks(byCell)) {
            changeRows(matrix, change, all && all.subarray(start, start + matrix.rows))
            yield matrix
          }
        },
      }
    },
    /** Genes × cells, in memory. */
    expressionByGene: (): Csr => {
      if (!sparse.has(byGene)) return matrices.readCsr('data/expression-by-gene')
      const matrix = sparse.read(byGene)
      changeColumns(matrix.values, matrix.indices, changeOf(), factors())
      return matrix
    },
    /** Stored values of each cell, which are its genes above 0; null without expression or where 0 is not "not found". */
    detectedGenes: (): Float64Array | null => {
      const row = find.get()
      if (!row || row.expression === null || row.log_scale !== 1) return null
      if (sparse.has(byCell)) return Float64Array.from(matrices.read('data/expression/detected', 'u32'))
      const indptr = matrices.read('data/expression/indptr', 'f64')
      return Float64Array.from({ length: row.row_count }, (_, cell) => (indptr[cell + 1] as number) - (indptr[cell] as number))
    },
    /** The expression gene by gene, in blocks that fit into little memory. */
    geneBlocks: function* (): Generator<GeneBlock> {
      if (sparse.has(byGene)) {
        const genes = sparse.info(byGene).rows
        const [change, all] = [changeOf(), factors()]
        for (const { start, matrix } of sparse.blocks(byGene)) {
          const { rows, indptr, indices, values } = matrix
          changeColumns(values, indices, change, all)
          yield { from: start, to: start + rows, genes, indptr, indices, values }
        }
        return
      }
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
    geneValues: (position: number): { indices: Uint32Array; values: Float32Array } => {
      if (!sparse.has(byGene)) return matrices.readCsrRow('data/expression-by-gene', position)
      const row = sparse.row(byGene, position)
      changeColumns(row.values, row.indices, changeOf(), factors())
      return row
    },
  }
}
