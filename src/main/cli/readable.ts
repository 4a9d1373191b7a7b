// The answers of the command line for a person: short sentences and aligned tables.
import type { AppError, Enrichment, LatentCard, LatentRow, Match } from '@contract'
import type { Verb } from './arguments'

type Row = readonly (string | number | null)[]

/** An aligned table; numbers to the right, absent values as a dash. */
export function table(head: readonly string[], rows: readonly Row[]): string {
  const cells = [
    head,
    ...rows.map((row) => row.map((cell) => (cell === null ? '–' : typeof cell === 'number' ? shortNumber(cell) : cell))),
  ]
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)))
  const isNumber = head.map(
    (_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number' || row[column] === null),
  )
  return cells
    .map((row) =>
      row
        .map((cell, column) => (isNumber[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function shortNumber(value: number): string {
  if (Number.isInteger(value)) return String(value)
  return Math.abs(value) < 0.001 ? value.toExponential(1) : value.toFixed(3)
}

/** Readable form of a verb's answer. */
export const readable = (verb: Verb, answer: Readonly<Record<string, unknown>>): string => shown(written(verb, answer))

/** Names come from files of others; a terminal would obey control characters in them. Line ends and tabs stay. */
const shown = (text: string): string => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd')

function written(verb: Verb, answer: Readonly<Record<string, unknown>>): string {
  const source = sourceLine(answer['ontology'] as OntologyNote | undefined)
  if (verb === 'latents') return `${latentTable(answer['latents'] as LatentRow[], answer['total'] as number)}\n${source}`
  if (verb === 'latent') return `${latentPage(answer as unknown as LatentCard)}\n\n${source}`
  if (verb === 'find') return matchTable(answer['matches'] as Match[])
  if (verb === 'enrich') return enrichmentTable(answer as unknown as Enrichment)
  return lines(answer, '')
}

interface OntologyNote {
  readonly release: string
  readonly annotations: string
  readonly outdated: boolean
}

function sourceLine(ontology: OntologyNote | undefined): string {
  if (!ontology) return ''
  const age = ontology.outdated ? '; older than two years, so newer links are missing' : ''
  return `Gene Ontology ${ontology.release}, annotations of ${ontology.annotations}${age}.`
}

export function readableError(error: AppError): string {
  return shown(`${error.message}\n${error.remedy} (${error.code})`)
}

function latentTable(rows: readonly LatentRow[], total: number): string {
  const body = rows.map((row): Row => [
    `F${row.id}`,
    row.activeCells,
    row.topGroup?.value ?? null,
    row.topGroup?.auroc ?? null,
    row.topGenes.join(' '),
    row.topTerm?.name ?? null,
    row.topTerm?.qLatent ?? null,
    row.topTerm?.qOverall ?? null,
    row.flags.join(' '),
  ])
  return `${table(['id', 'on in', 'top group', 'AUROC', 'genes', 'top term', 'q here', 'q overall', 'flags'], body)}\n${rows.length} of ${total} latents. An association, not a proven function.`
}

function latentPage(card: LatentCard): string {
  const genes = card.topGenes
    .slice(0, 15)
    .map((gene): Row => [gene.gene, gene.auroc, gene.log2Difference, gene.detectedActive, gene.detectedReference])
  const terms = card.terms
    .slice(0, 15)
    .map((term): Row => [
      term.id,
      term.name,
      `${term.overlap}/${term.termSize}`,
      term.qLatent,
      term.qOverall,
      term.genes.join(' '),
    ])
  const groups = card.groups
    .slice(0, 8)
    .map((group): Row => [group.column, group.value, group.auroc, group.precision, group.recall, group.f1])
  return [
    `F${card.id}${card.label === null ? '' : ` ${card.label}`}: on in ${card.activeCells} rows (${(card.density * 100).toFixed(1)} % of all). An association, not a proven function.`,
    table(['gene', 'AUROC', 'log2 difference', 'in active', 'in reference'], genes),
    table(['term', 'name', 'overlap', 'q here', 'q overall', 'genes'], terms),
    table(['column', 'group', 'AUROC', 'precision', 'recall', 'F1'], groups),
  ].join('\n\n')
}

const shownTerms = 30

function enrichmentTable({ preset, terms, study, background, sets, warnings, problems }: Enrichment): string {
  const body = terms
    .slice(0, shownTerms)
    .map((term): Row => [
      term.id,
      term.name,
      `${term.overlap}/${term.termSize}`,
      term.pValue,
      term.qValue,
      term.oddsRatio,
      term.genes.slice(0, 10).join(' '),
    ])
  return [
    `Preset ${preset}: ${study.counted} of ${study.given} genes against ${background.counted} of ${background.given}; ${sets.source}${sets.release === null ? '' : `, release ${sets.release}`}.`,
    table(['term', 'name', 'overlap', 'p', 'q', 'odds ratio', 'genes'], body),
    `${Math.min(shownTerms, terms.length)} of ${terms.length} tested terms; --json gives all.`,
    ...[...warnings, ...problems.map((problem) => `${problem.message} ${problem.remedy}`)].map((line) => `Note: ${line}`),
  ].join('\n')
}

function matchTable(matches: readonly Match[]): string {
  if (matches.length === 0) return 'No latent matches.'
  const keys = ['overlap', 'qLatent', 'qOverall', 'auroc', 'rank', 'precision', 'recall', 'f1'] as const
  const used = keys.filter((key) => matches.some((match) => match[key] !== undefined))
  return table(
    ['id', 'label', ...used],
    matches.map((match): Row => [`F${match.id}`, match.label, ...used.map((key) => match[key] ?? null)]),
  )
}

function lines(value: unknown, indent: string): string {
  if (Array.isArray(value))
    return value
      .map((item) => (isPlain(item) ? `${indent}- ${String(item)}` : `${indent}-\n${lines(item, `${indent}  `)}`))
      .join('\n')
  return Object.entries(value as Record<string, unknown>)
    .map(([key, item]) =>
      isPlain(item)
        ? `${indent}${key}: ${typeof item === 'number' ? shortNumber(item) : String(item ?? '–')}`
        : `${indent}${key}:\n${lines(item, `${indent}  `)}`,
    )
    .join('\n')
}

const isPlain = (value: unknown): boolean => value === null || typeof value !== 'object'
