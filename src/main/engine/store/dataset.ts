// The imported data: cells, representation, expression, cell columns and genes. Written once, in one transaction.
import type Database from 'better-sqlite3'
import type { ColumnInfo, ImportReport, Role, Verdict } from '@contract'
import { asStream, type Csr, type RowStream } from '../../base/sparse'
import { changeColumns, changeRows, type ScaleChange } from '../../science/normalise'
import type { ImportedData, ImportedSource } from '../import'
import { Scratch, type NumberFile, type TextFile } from '../scratch/folder'
import { pagesOf } from '../scratch/paged'
import type { Matrices } from './matrices'
import { hasTable } from './present-columns'
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
  /** Not there in a file of an earlier layout that cannot be written. */
  change?: ScaleChange
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

export function openDatasetStore(db: Database.Database, matrices: Matrices, sparse: SparseMatrices) {
  const hasSources = hasTable(db, 'source_file')
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

  const insertDataset = (imported: ImportedData, now: Date): void => {
    const { representation, expression, map, sources, report } = imported
    const [first] = sources
    const insertSource = db.prepare('INSERT INTO source_file (position, name, bytes, sha256) VALUES (?, ?, ?, ?)')
    sources.forEach(({ name, bytes, sha256 }, position) => insertSource.run(position, name, bytes, sha256))
    db.prepare(
      `INSERT INTO dataset (id, source_name, source_bytes, source_sha256, imported_at, row_count, dims, representation, fingerprint,
         expression, verdict, scale, log_scale, map_name, report, change) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      first?.name ?? '',
      first?.bytes ?? 0,
      first?.sha256 ?? '',
      now.toISOString(),
      imported.cellIds.ends.length,
      representation.dims,
      representation.key,
      imported.fingerprint,
      expression?.key ?? null,
      expression?.verdict ?? null,
      expression?.scale ?? null,
      expression?.logScale === true ? 1 : 0,
      map?.name ?? null,
      JSON.stringify(report),
      expression?.change ?? 'none',
    )
  }

  /** Every step is a stretch of bytes written, so that the caller can report, let other work run, or stop. */
  function* insertAll(imported: ImportedData, now: Date): Generator<number> {
    const scratch = new Scratch(imported.folder)
    const { representation, expression, map } = imported
    const numbers = (name: string, list: NumberFile): Generator<number> =>
      matrices.writeSteps(name, list.dtype, list.length, scratch.pieces(list))
    function* texts(name: string, { text, ends }: TextFile): Generator<number> {
      yield* numbers(`${name}/text`, text)
      yield* numbers(`${name}/ends`, ends)
    }
    yield* texts('data/cells', imported.cellIds)
    yield* numbers('data/representation', representation.values)
    if (map) yield* numbers('data/map', map.xy)
    const insertColumn = db.prepare('INSERT INTO cell_column (name, kind, role, levels, colours) VALUES (?, ?, ?, ?, ?)')
    for (const { name, kind, role, levels, colours, values } of imported.columns) {
      const id = insertColumn.run(name, kind, role, JSON.stringify(levels), colours && JSON.stringify(colours)).lastInsertRowid
      if ('text' in values) yield* texts(`data/column/${id}`, values)
      else yield* numbers(`data/column/${id}`, values)
    }
    if (expression) {
      const insertGene = db.prepare(
        'INSERT INTO gene (position, name, symbol, ontology_gene, method, detected_cells) VALUES (?, ?, ?, ?, ?, ?)',
      )
      expression.genes.forEach((gene, position) =>
        insertGene.run(position, gene.name, gene.symbol, gene.gene, gene.method, gene.detectedCells),
      )
      yield* numbers('data/expression/detected', expression.detected)
      if (expression.factors) yield* numbers('data/expression/factors', expression.factors)
      for (const [name, file] of [
        [byCell, expression.byCell],
        [byGene, expression.byGene],
      ] as const) {
        const id = sparse.create(name, file)
        for (const page of pagesOf(scratch, file)) {
          sparse.addPage(id, page)
          yield page.bytes.length
        }
      }
    }
    // Last, so that the data exist for nobody before they are complete.
    insertDataset(imported, now)
  }

  const changeOf = (): ScaleChange => find.get()?.change ?? 'none'
  const factors = (): Float64Array | null =>
    matrices.has('data/expression/factors') ? matrices.read('data/expression/factors', 'f64') : null

  function* pagedGenes(): Generator<GeneBlock> {
    const { rows: genes } = sparse.info(byGene)
    const [change, all] = [changeOf(), factors()]
    let stored = 0
    for (const { start: from, matrix } of sparse.blocks(byGene)) {
      const { rows, indices, values } = matrix
      changeColumns(values, indices, change, all)
      yield { from, to: from + rows, genes, indptr: matrix.indptr.map((end) => end + stored), indices, values }
      stored += indices.length
    }
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
    /**
     * Stores a whole import in one transaction: all of it or nothing. `step` hears the bytes written, lets other work run, and stops
     * everything by throwing.
     */
    write: async (imported: ImportedData, now: Date, step: (bytes: number) => Promise<void>): Promise<void> => {
      db.exec('BEGIN IMMEDIATE')
      try {
        for (const bytes of insertAll(imported, now)) await step(bytes)
        db.exec('COMMIT')
      } catch (thrown) {
        // A project that was closed meanwhile has rolled back by itself.
        if (db.open && db.inTransaction) db.exec('ROLLBACK')
        throw thrown
      }
    },
    /** The files the data came from. */
    sources: (): ImportedSource[] =>
      hasSources ? db.prepare<[], ImportedSource>('SELECT name, bytes, sha256 FROM source_file ORDER BY position').all() : [],
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
    cellNames: (): string[] => matrices.readTexts('data/cells'),
    /** Names of some cells, '' for those that are not there. */
    namesOfCells: (cells: readonly number[]): string[] => {
      const some = matrices.readSomeTexts('data/cells', cells)
      if (some) return some
      const names = matrices.readTexts('data/cells')
      return cells.map((cell) => names[cell] ?? '')
    },
    representation: (): Float32Array => matrices.read('data/representation', 'f32'),
    /** Numbers `from` to `to` of the representation (rows × dims, row-major). */
    representationPart: (from: number, to: number): Float32Array => matrices.read('data/representation', 'f32', from, to),
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
    /** The same in blocks of cells, for what is larger than memory; for data imported before pages existed one block. */
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
        yield* pagedGenes()
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

const byCell = 'data/expression/by-cell'
const byGene = 'data/expression/by-gene'
