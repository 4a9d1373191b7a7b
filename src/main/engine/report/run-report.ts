// The report of one run as one file: how good the model is beside its controls, what the links found beside what chance finds, the
// best supported latents with their evidence, and how it was done.
import { extname } from 'node:path'
import type { Aspect, LatentCard, LatentRow, Run } from '@contract'
import { refuse } from '../../base/refusal'
import { judge } from '../analysis/judge'
import { reportOf } from '../analysis/linking'
import { inRowWords } from '../analysis/row-words'
import type { Engine } from '../engine'
import { writeFileWhole, type WrittenFile } from '../export/atomic-write'
import { readCard } from '../handlers/latent-card'
import { listLatents } from '../handlers/latent-list'
import { isOutdated } from '../handlers/linking-choices'
import type { StoredLinking } from '../store/linkings'
import { asHtml, asMarkdown, type Block } from './document'
import { writeMethods } from './methods'
import * as words from './words'

const latentsShown = 25
const genesShown = 8
const termsShown = 3

/** Markdown where the name says so, else HTML. @throws Refusal FOLDER_NOT_FOUND, FILE_EXISTS */
export function writeReport(engine: Engine, run: number, path: string): WrittenFile {
  const found = engine.project.runs.get(run) ?? refuse('RUN_NOT_FOUND', { run })
  const title = `${engine.project.name}: run ${run}`
  const blocks: Block[] = [
    { kind: 'title', text: title },
    {
      kind: 'note',
      text: `${words.count(engine.dataset.rows)} ${inRowWords(engine, 'cells')}, ${engine.dataset.representation}, ${words.architectures[found.settings.arch]} with ${words.count(found.settings.latents)} features (latents), trained on ${words.startedAt(found)}. Written by Latiscope ${engine.appVersion}.`,
    },
    ...modelBlocks(engine, found),
    ...linkBlocks(engine, run),
    ...latentBlocks(engine, run),
    ...methodBlocks(engine, run),
  ]
  const isMarkdown = ['.md', '.markdown'].includes(extname(path).toLowerCase())
  return writeFileWhole(path, [Buffer.from(isMarkdown ? asMarkdown(blocks) : asHtml(title, blocks), 'utf8')])
}

function modelBlocks(engine: Engine, { id, metrics, controls, settings, input }: Run): Block[] {
  if (!metrics?.explainedVariance || !controls?.pca) return []
  const explained = metrics.explainedVariance
  const { untrained, pca, ica, nmf } = controls
  const points = (control: { train: number; heldOut: number | null }): string => {
    const both = explained.heldOut !== null && control.heldOut !== null
    const gain = both ? (explained.heldOut ?? 0) - (control.heldOut ?? 0) : explained.train - control.train
    return `${words.fixed(gain * 100, 1)} points`
  }
  const row = (name: string, { train, heldOut }: { train: number; heldOut: number | null }): string[] => [
    name,
    words.percent(train),
    heldOut === null ? '–' : words.percent(heldOut),
  ]
  return [
    { kind: 'heading', text: 'How good the model is' },
    { kind: 'list', items: judge(engine, id).map(({ message, remedy }) => `${message} ${remedy}`.trim()) },
    {
      kind: 'table',
      head: [
        'Explained variance',
        inRowWords(engine, 'Training cells'),
        inRowWords(engine, 'Held-out cells'),
        'Model is ahead by',
      ],
      rows: [
        [...row('This model', explained), ''],
        [...row('Control: untrained copy', untrained.explainedVariance), points(untrained.explainedVariance)],
        [...row(`Control: PCA, ${pca.axes} axes`, pca.explainedVariance), points(pca.explainedVariance)],
        ...(ica ? [[...row('Control: independent components', ica.explainedVariance), points(ica.explainedVariance)]] : []),
        ...(nmf ? [[...row('Control: non-negative parts', nmf.explainedVariance), points(nmf.explainedVariance)]] : []),
      ],
    },
    {
      kind: 'text',
      text: inRowWords(
        engine,
        `${words.fixed(metrics.l0.heldOut ?? metrics.l0.train, 1)} features are on per cell; ${metrics.dead} of ${settings.latents} are never on, ${metrics.dense} in more than half of the cells.`,
      ),
    },
    ...(input && input.warnings.length > 0 ? [{ kind: 'list', items: input.warnings } as const] : []),
  ]
}

function linkBlocks(engine: Engine, run: number): Block[] {
  const shown = engine.project.linkings.shown(run)
  if (shown.length === 0)
    return [
      { kind: 'heading', text: 'Links to genes and terms' },
      { kind: 'text', text: 'The run is not linked yet.' },
    ]
  return [{ kind: 'heading', text: 'Links to genes and terms' }, ...shown.flatMap((linking) => linkingBlocks(engine, linking))]
}

function linkingBlocks(engine: Engine, linking: StoredLinking): Block[] {
  const report = reportOf(linking)
  const source = engine.project.linkingSources.of(linking.id)
  const outdated = isOutdated(engine, linking)
    ? [`Made with release ${linking.ontologyRelease} of the ontology; ${engine.ontology.info.release} is installed now.`]
    : []
  const notes = [...report.warnings, ...outdated]
  return [
    {
      kind: 'text',
      text: `${words.sentenceCase(words.aspects[linking.aspect])} (${source ? `${source.name}; ` : ''}preset ${report.preset}, method ${report.method}, background ${linking.backgroundKind} with ${words.count(linking.backgroundSize)} genes): ${words.plural(report.significant.pairs, 'significant link', 'significant links')} in ${words.count(report.significant.latents)} of ${words.count(report.tested.latents)} tested features. ${report.sentence}`,
    },
    ...(report.chance.length > 0 && report.shuffled.copies > 0
      ? [
          {
            kind: 'table',
            head: ['q in the feature up to', 'Terms found', 'Expected by chance', 'Estimated false share'],
            rows: report.chance.map(({ q, found, expected, rate }) => [
              String(q),
              words.count(found),
              words.fixed(expected, 1),
              rate === null ? '–' : expected === 0 ? 'none seen' : words.percent(rate),
            ]),
          } as const,
        ]
      : []),
    ...(notes.length > 0 ? [{ kind: 'list', items: notes } as const] : []),
  ]
}

const gradeOrder = { strong: 0, moderate: 1, weak: 2 } as const

function latentBlocks(engine: Engine, run: number): Block[] {
  const linking = engine.project.linkings.shown(run)[0] ?? null
  const aspect: Aspect = linking?.aspect ?? 'BP'
  const rows = listLatents(engine, run, aspect).filter((row) => row.activeCells > 0)
  const place = (row: LatentRow): number => (row.proposal ? gradeOrder[row.proposal.grade] : 3)
  const best = rows
    .toSorted(
      (a, b) =>
        place(a) - place(b) ||
        (a.topTerm?.qOverall ?? 2) - (b.topTerm?.qOverall ?? 2) ||
        (b.topGroup?.auroc ?? 0) - (a.topGroup?.auroc ?? 0) ||
        a.id - b.id,
    )
    .slice(0, latentsShown)
  const chance = linking ? reportOf(linking) : null
  return [
    { kind: 'heading', text: `The ${best.length} best supported features of ${words.count(rows.length)}` },
    {
      kind: 'table',
      head: [
        'Feature',
        'Label',
        'On in',
        'Cells: AUROC',
        'Genes: AUROC',
        'Terms: q in feature, q overall',
        'What chance does',
        'Flags',
      ],
      rows: best.map((row) => {
        const found = engine.project.runs.latent(run, row.id) ?? refuse('LATENT_NOT_FOUND', { run, latent: row.id, last: 0 })
        return latentLine(
          row,
          readCard(engine, { run, aspect, linking: linking?.id ?? null }, found),
          chance,
          inRowWords(engine, 'cells'),
        )
      }),
    },
    {
      kind: 'note',
      text: `${engine.dataset.rowKind === 'cells' ? 'Cells were chosen by the features themselves: AUROC ranks, it does not prove a difference. ' : ''}Labels without a person’s decision are proposals from the evidence by a fixed rule.`,
    },
  ]
}

function latentLine(row: LatentRow, card: LatentCard, report: ReturnType<typeof reportOf> | null, rows: string): string[] {
  const label = row.label ?? (row.proposal ? `${row.proposal.text} (proposed, ${row.proposal.grade})` : '–')
  // One term for each group that speaks of the same genes.
  const terms = card.terms.filter(
    ({ qLatent, qOverall, overlap, ubiquitous, group, id }) =>
      qLatent <= 0.05 && qOverall <= 0.05 && overlap >= 3 && !ubiquitous && (group === null || group === id),
  )
  const shown = terms.slice(0, termsShown)
  return [
    `F${row.id}`,
    label,
    `${words.count(row.activeCells)} ${rows} (${words.percent(row.density)})`,
    row.topGroup ? `${row.topGroup.value}: ${words.fixed(row.topGroup.auroc)}` : '–',
    card.topGenes
      .slice(0, genesShown)
      .map((gene) => `${gene.gene} ${words.fixed(gene.auroc)}`)
      .join(', ') || '–',
    shown.map((term) => `${term.name} (${term.id}; ${words.small(term.qLatent)}, ${words.small(term.qOverall)})`).join('; ') ||
      '–',
    shown[0] && report ? controlOf(shown[0].qLatent, report) : '–',
    row.flags.join(', '),
  ]
}

/** What shuffled copies give at the threshold a term passes. */
function controlOf(q: number, report: ReturnType<typeof reportOf>): string {
  if (report.shuffled.copies === 0) return 'not known: no shuffled copies'
  const copies = `${report.shuffled.withTerm} of ${report.shuffled.copies} shuffled copies reach a term`
  const level = report.chance.find((one) => q <= one.q)
  if (!level || level.rate === null) return copies
  return level.expected === 0
    ? `${copies}; none has a term with q up to ${level.q}`
    : `${copies}; of terms with q up to ${level.q} an estimated ${words.percent(level.rate)} are chance`
}

function methodBlocks(engine: Engine, run: number): Block[] {
  const { sections, citations } = writeMethods(engine, run, null)
  return [
    { kind: 'heading', text: 'Methods' },
    ...sections.map(({ title, text }) => ({ kind: 'text', text: `${title}. ${text}` }) as const),
    { kind: 'heading', text: 'References' },
    { kind: 'list', items: citations.map((work, at) => `[${at + 1}] ${work}`) },
  ]
}
