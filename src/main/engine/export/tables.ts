// Result tables of a run: activations, latents, genes, terms.
import type { TableExportKind } from '@contract'
import { refuse } from '../../base/refusal'
import type { Engine } from '../engine'
import { listLatents } from '../handlers/latent-list'
import { anyLinking, chosenLinking, linkingFor } from '../handlers/run-choice'
import { writeRows, type Cell } from './csv'

/** Tables with one shape for every run. */
export type ResultTable = Exclude<TableExportKind, 'pseudobulk'>

export interface TableSource {
  readonly run: number
  /** Of genes and terms: one stored result instead of those that are shown. */
  readonly linking?: number | null | undefined
}

/** Writes one table of a run; answers the path and its size. Throws FOLDER_NOT_FOUND, NOT_LINKED. */
export function writeTable(
  engine: Engine,
  from: TableSource,
  what: ResultTable,
  path: string,
): Promise<{ path: string; bytes: number }> {
  return writeRows(path, rowsOf[what](engine, from.run, from.linking ?? null))
}

const rowsOf: Record<ResultTable, (engine: Engine, run: number, linking: number | null) => Iterable<Cell[]>> = {
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
    'proposal',
    'proposal_grade',
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
      row.proposal?.text ?? null,
      row.proposal?.grade ?? null,
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

function* geneRows(engine: Engine, run: number, asked: number | null): Generator<Cell[]> {
  yield [
    'latent',
    'rank',
    'gene',
    'auroc',
    'log2_difference',
    'detected_active',
    'detected_reference',
    'cohens_d',
    'wilcoxon_score',
    'wilcoxon_log10_p',
    'wilcoxon_q',
    'welch_t',
    'welch_log10_p',
    'welch_q',
    'donors_agreeing',
    'donors_log10_p',
  ]
  const linking =
    (asked === null ? anyLinking(engine, run) : chosenLinking(engine, run, 'BP', asked)) ?? refuse('NOT_LINKED', { run })
  for (const g of engine.project.linkings.allGenes(linking.id)) {
    yield [
      g.latent,
      g.rank + 1,
      g.name,
      g.auroc,
      g.log2Difference,
      g.detectedActive,
      g.detectedReference,
      g.cohensD,
      g.wilcoxonScore,
      g.wilcoxonLog10P,
      g.wilcoxonQ,
      g.welchT,
      g.welchLog10P,
      g.welchQ,
      g.donorsAgreeing,
      g.donorsLog10P,
    ]
  }
}

function* termRows(engine: Engine, run: number, asked: number | null): Generator<Cell[]> {
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
    'score',
    'group',
    'preset',
    'method',
    'background',
    'ontology_release',
  ]
  const shown = asked === null ? engine.project.linkings.shown(run) : [linkingFor(engine, run, 'BP', asked)]
  if (shown.length === 0) refuse('NOT_LINKED', { run })
  for (const linking of shown) {
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
        t.score,
        t.redundancy,
        linking.settings.preset ?? 'latiscope',
        linking.settings.method ?? 'ora',
        linking.backgroundKind,
        linking.ontologyRelease,
      ]
    }
  }
}
