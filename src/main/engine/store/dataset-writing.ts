// Writes imported data into the project, from scratch files, in steps that say how many bytes were written.
// Invariant: everything happens inside the caller's transaction; nothing is ever in memory as a whole.
import type Database from 'better-sqlite3'
import type { ExpressionPages, FiledColumn, ImportedData, ImportedExpression } from '../import'
import { Scratch, type NumberFile, type TextFile } from '../scratch/folder'
import { pagesOf, type PagedFile } from '../scratch/paged'
import type { DatasetParts } from './dataset-parts'
import type { Matrices } from './matrices'
import type { SparseMatrices } from './sparse-matrices'

export const byCell = 'data/expression/by-cell'
export const byGene = 'data/expression/by-gene'
export const byFeature = (block: number | bigint): string => `data/block/${block}/by-feature`

type Steps = Generator<number>

/** The steps of writing what lies in one folder of scratch files. */
export class DatasetWriter {
  private readonly scratch: Scratch
  /** Matrices of which there are pages already, with the rows in them. */
  private readonly begun = new Map<string, { readonly id: number; rows: number }>()

  constructor(
    private readonly db: Database.Database,
    private readonly matrices: Matrices,
    private readonly sparse: SparseMatrices,
    private readonly parts: DatasetParts,
    folder: string,
  ) {
    this.scratch = new Scratch(folder)
  }

  /** A whole import; the row of the data set last, so that the data exist for nobody before they are complete. */
  *all(imported: ImportedData, now: Date): Steps {
    yield* this.texts('data/cells', imported.cellIds)
    yield* this.numbers('data/representation', imported.representation.values)
    const { loadings } = imported.representation
    if (loadings) {
      yield* this.numbers('data/representation/loadings', loadings.values)
      yield* this.texts('data/representation/loadings-from', loadings.from)
    }
    if (imported.map) yield* this.numbers('data/map', imported.map.xy)
    yield* this.columns(imported.columns)
    if (imported.expression) yield* this.expression(imported.expression)
    if (imported.depth) yield* this.depth(imported.depth)
    yield* this.blocks(imported.blocks)
    this.insertDataset(imported, now)
    this.parts.write(imported, now)
  }

  *columns(columns: readonly FiledColumn[]): Steps {
    const insert = this.db.prepare('INSERT INTO cell_column (name, kind, role, levels, colours) VALUES (?, ?, ?, ?, ?)')
    for (const { name, kind, role, levels, colours, values } of columns) {
      const id = insert.run(name, kind, role, JSON.stringify(levels), colours && JSON.stringify(colours)).lastInsertRowid
      if ('text' in values) yield* this.texts(`data/column/${id}`, values)
      else yield* this.numbers(`data/column/${id}`, values)
    }
  }

  *expression(expression: ImportedExpression): Steps {
    const insert = this.db.prepare(
      `INSERT INTO gene (position, name, symbol, ontology_gene, method, detected_cells, original, gene_id, entrez, biotype)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    expression.genes.forEach((gene, position) => {
      const { name, symbol, method, detectedCells, original = null, id = null, entrez = null, biotype = null } = gene
      insert.run(position, name, symbol, gene.gene, method, detectedCells, original, id, entrez, biotype)
    })
    yield* this.numbers('data/expression/detected', expression.detected)
    if (expression.factors) yield* this.numbers('data/expression/factors', expression.factors)
    yield* this.pages(byCell, expression.byCell)
    yield* this.pages(byGene, expression.byGene)
  }

  *depth({ total, detected }: NonNullable<ImportedData['depth']>): Steps {
    this.matrices.remove('data/depth')
    yield* this.numbers('data/depth/total', total)
    yield* this.numbers('data/depth/detected', detected)
  }

  *blocks(blocks: ImportedData['blocks']): Steps {
    for (const block of blocks) {
      const id = this.parts.insertBlock(block)
      yield* this.pages(byFeature(id), block.byFeature)
      yield* this.numbers(`data/block/${id}/total`, block.depth.total)
      yield* this.numbers(`data/block/${id}/detected`, block.depth.detected)
    }
  }

  numbers(name: string, list: NumberFile): Steps {
    return this.matrices.writeSteps(name, list.dtype, list.length, this.scratch.pieces(list))
  }

  private *texts(name: string, { text, ends }: TextFile): Steps {
    yield* this.numbers(`${name}/text`, text)
    yield* this.numbers(`${name}/ends`, ends)
  }

  /** Pages of the expression that follow those written before; `all` then writes what is missing. */
  morePages({ by, pages }: ExpressionPages): Steps {
    return this.pages(by === 'cell' ? byCell : byGene, pages)
  }

  private *pages(name: string, file: PagedFile): Steps {
    const matrix = this.begun.get(name) ?? { id: this.sparse.create(name), rows: 0 }
    this.begun.set(name, matrix)
    for (const page of pagesOf(this.scratch, file, (firstRow) => firstRow >= matrix.rows)) {
      this.sparse.addPage(matrix.id, page)
      matrix.rows = page.firstRow + page.rows
      yield page.bytes.length
    }
    this.sparse.describe(matrix.id, file)
  }

  private insertDataset(imported: ImportedData, now: Date): void {
    const { representation, expression, map, report } = imported
    const [first] = imported.sources
    this.db
      .prepare(
        `INSERT INTO dataset (id, source_name, source_bytes, source_sha256, imported_at, row_count, dims, representation, fingerprint,
         expression, verdict, scale, log_scale, map_name, report, change, species, gene_table)
         VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
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
        (expression ?? imported.rowNames)?.species ?? null,
        (expression ?? imported.rowNames)?.geneTable ?? null,
      )
  }
}
