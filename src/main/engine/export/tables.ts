// Result tables as CSV (RFC 4180, UTF-8): a temporary file in the same folder, renamed when complete.
// Text that a spreadsheet would run as a formula is given a leading apostrophe.
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { TableExportKind } from '@contract'
import { refuse } from '../../base/refusal'
import type { Engine } from '../engine'
import { listLatents } from '../handlers/latent-handlers'
import { anyLinking } from '../handlers/run-choice'

type Cell = string | number | null

/** Writes one table of a run; answers the path and its size. Throws FOLDER_NOT_FOUND, NOT_LINKED. */
export async function writeTable(
  engine: Engine,
  run: number,
  what: TableExportKind,
  path: string,
): Promise<{ path: string; bytes: number }> {
  if (!existsSync(dirname(path))) refuse('FOLDER_NOT_FOUND', { file: basename(path) })
  const temporary = `${path}.${process.pid}.part`
  const handle = openSync(temporary, 'w')
  try {
    let lines = 0
    for (const row of rowsOf[what](engine, run)) {
      writeSync(handle, `${row.map(csvCell).join(',')}\n`)
      if (++lines % 5_000 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    fsyncSync(handle)
  } catch (thrown) {
    closeSync(handle)
    rmSync(temporary, { force: true })
    throw thrown
  }
  closeSync(handle)
  renameSync(temporary, path)
  return { path, bytes: statSync(path).size }
}

const rowsOf: Record<TableExportKind, (engine: Engine, run: number) => Iterable<Cell[]>> = {
  activations: activationRows,
  latents: latentRows,
  genes: geneRows,
  terms: termRows,
}

/** One line per cell and active latent. */
function* activationRows(engine: Engine, run: number): Generator<Cell[]> {
  yield ['cell', 'latent', 'activation']
  const names = engine.project.dataset.cellNames()
  const { rows, indptr, indices, values } = engine.project.runs.activations(run)
  for (let cell = 0; cell < rows; cell++) {
    for (let at = indptr[cell] as number; at < (indptr[cell + 1] as number); at++) {
      yield [names[cell] ?? '', indices[at] as number, values[at] as number]
    }
  }
}

function* latentRows(engine: Engine, run: number): Generator<Cell[]> {
  yield [
    'latent',
    'label',
    'density',
    'active_cells',
    'group_column',
    'group',
    'group_auroc',
    'term',
    'term_name',
    'q_latent',
    'q_overall',
    'top_genes',
    'flags',
  ]
  for (const row of listLatents(engine, run, 'BP')) {
    const { topGroup: group, topTerm: term } = row
    yield [
      row.id,
      row.label,
      row.density,
      row.activeCells,
      group?.column ?? null,
      group?.value ?? null,
      group?.auroc ?? null,
      term?.id ?? null,
      term?.name ?? null,
      term?.qLatent ?? null,
      term?.qOverall ?? null,
      row.topGenes.join(' '),
      row.flags.join(' '),
    ]
  }
}

function* geneRows(engine: Engine, run: number): Generator<Cell[]> {
  yield ['latent', 'rank', 'gene', 'auroc', 'log2_difference', 'detected_active', 'detected_reference']
  const linking = anyLinking(engine, run) ?? refuse('NOT_LINKED', { run })
  for (const g of engine.project.linkings.allGenes(linking.id)) {
    yield [g.latent, g.rank + 1, g.name, g.auroc, g.log2Difference, g.detectedActive, g.detectedReference]
  }
}

function* termRows(engine: Engine, run: number): Generator<Cell[]> {
  yield [
    'latent',
    'aspect',
    'term',
    'name',
    'overlap',
    'term_size',
    'background_size',
    'p_value',
    'log10_p',
    'q_latent',
    'q_overall',
    'genes',
  ]
  const latest = new Map(engine.project.linkings.all(run).map((linking) => [linking.aspect, linking]))
  if (latest.size === 0) refuse('NOT_LINKED', { run })
  for (const linking of latest.values()) {
    for (const t of engine.project.linkings.allTerms(linking.id)) {
      const name = engine.ontology.term(t.termId)?.name ?? engine.project.linkingSources.termName(t.termId) ?? ''
      yield [
        t.latent,
        linking.aspect,
        t.termId,
        name,
        t.overlap,
        t.termSize,
        linking.backgroundSize,
        t.pValue,
        t.log10P,
        t.qLatent,
        t.qOverall,
        t.genes.join(' '),
      ]
    }
  }
}

/** A CSV field: quoted where needed, formulas disarmed, absent values empty. */
export function csvCell(value: Cell): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
