// From a request to everything a linking rests on: defaults filled in, the user's background read, strata chosen, and a fingerprint
// under which the result is stored and found again.
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { LinkMethod, LinkRequest, Preset } from '@contract'
import { refuse } from '../../base/refusal'
import { presetRules } from '../../science/enrichment-presets'
import type { Engine } from '../engine'
import { parseGeneList } from '../ontology/read-gene-sets'
import { readTextFile } from '../ontology/text-lines'
import type { Project } from '../project/project'
import type { StoredColumn } from '../store/dataset'
import type { LinkingSettings } from '../store/linkings'
import { usualRelations } from './enrich'
import { projectGenes, rowsAreGenes } from './project-genes'
import type { TermRequest, TermSource } from './term-source'

const linkingSeed = 0

export interface ResolvedLinking {
  readonly settings: LinkingSettings
  /** What it is tested against. */
  readonly terms: TermRequest
  /** 1 per gene of the data (a column of the expression, or a row that is a gene) on the user's list; null without a list. */
  readonly listed: Uint8Array | null
}

/** Fills in defaults. @throws Refusal USAGE for options that exclude each other, NO_GENES, NO_CELL_TYPES */
export function resolveLinking(engine: Engine, project: Project, request: LinkRequest): ResolvedLinking {
  const preset = request.preset ?? 'latiscope'
  const method = request.method ?? 'ora'
  const nullKind = request.null ?? 'donor'
  if (method !== 'ora' && preset !== 'latiscope')
    refuse('USAGE', { what: `The preset ${preset} tests a list of genes; the method ${method} tests all genes by their rank.` })
  const geneRows = rowsAreGenes(project)
  if (geneRows && (method !== 'ora' || preset !== 'latiscope'))
    refuse('USAGE', {
      what: 'Where rows are genes or proteins there are no cells to rank genes by: only the usual list test applies.',
    })
  if (!geneRows && nullKind === 'type' && !columnOfRole(project, 'cell-type')) refuse('NO_CELL_TYPES')
  checkSizes(request, { preset, method, geneRows })
  const listed = request.background === 'file' ? readBackground(engine, project, request.backgroundFile ?? null) : null
  const relations = request.relations ?? usualRelations[preset]
  const settings: LinkingSettings = {
    aspect: request.aspect,
    preset,
    method,
    // A tool that leaves genes without terms out has that background, whatever is asked for.
    background:
      presetRules[preset].annotatedOnly && method === 'ora' && request.background === 'detected'
        ? 'annotated'
        : request.background,
    backgroundFile: listed && { name: listed.name, sha256: listed.sha256 },
    evidence: request.evidence,
    relations,
    shuffles: request.shuffles,
    null: nullKind,
    seed: linkingSeed,
    ...(request.studySize === undefined ? {} : { studySize: request.studySize }),
    ...(request.termSize === undefined ? {} : { termSize: request.termSize }),
  }
  const { aspect, evidence, ontology = null, files = null, orthologs = false } = request
  return { settings, terms: { aspect, evidence, ontology, files, orthologs, relations }, listed: listed?.genes ?? null }
}

/** Sizes are the user's only where no other tool and no other test fixes them. */
function checkSizes(
  { studySize, termSize }: LinkRequest,
  { preset, method, geneRows }: { readonly preset: Preset; readonly method: LinkMethod; readonly geneRows: boolean },
): void {
  if (preset !== 'latiscope' && (studySize !== undefined || termSize !== undefined))
    refuse('USAGE', { what: `The rules of ${preset} fix how long the list of genes is and which terms are tested.` })
  if (studySize !== undefined && method !== 'ora')
    refuse('USAGE', {
      what: `The method ${method} tests all genes by their rank, so there is no list to make longer or shorter.`,
    })
  if (studySize !== undefined && geneRows)
    refuse('USAGE', { what: 'Where rows are genes or proteins the list of a feature is those it is on in.' })
}

/** Under what a result is stored and found again. */
export const hashOf = (engine: Engine, { settings }: ResolvedLinking, { key }: TermSource): string =>
  createHash('sha256')
    .update(JSON.stringify([settings, key, engine.appVersion]))
    .digest('hex')

/** The user's list as a mark for each gene of the sets. */
export function listedOf(listed: Uint8Array, { geneOf, sets }: TermSource): Uint8Array {
  const genes = new Uint8Array(sets.geneCount)
  geneOf.forEach((gene, unit) => {
    if (gene >= 0 && listed[unit] === 1) genes[gene] = 1
  })
  return genes
}

interface ListedGenes {
  readonly name: string
  readonly sha256: string
  readonly genes: Uint8Array
}

/** Genes of the data on the list. Names are those of the data or any that their gene table knows. */
function readBackground(engine: Engine, project: Project, token: string | null): ListedGenes {
  if (token === null) refuse('USAGE', { what: 'A background from a file needs the file.' })
  const path = engine.path(token, 'data')
  const { names } = parseGeneList(readTextFile(path, 'a list of genes'))
  const table = engine.projectTable
  const named = new Set(names)
  const known = new Set(names.flatMap((name) => table.find(name) ?? []))
  const { genes } = projectGenes(project, engine.ontology)
  const listed = Uint8Array.from(genes, ({ name, original, ontologyGene }) =>
    Number(named.has(name) || (original !== null && named.has(original)) || (ontologyGene !== null && known.has(ontologyGene))),
  )
  if (!listed.includes(1))
    refuse('NO_GENES', { what: `None of the ${names.length} genes of ${basename(path)} is among the genes of this project` })
  const kept = genes.flatMap(({ name }, column) => (listed[column] === 1 ? [name] : []))
  return { name: basename(path), sha256: createHash('sha256').update(kept.sort().join('\n')).digest('hex'), genes: listed }
}

export function columnOfRole(project: Project, role: 'cell-type' | 'donor' | 'batch'): StoredColumn | null {
  return project.dataset.columns().find((column) => column.role === role && column.kind === 'category') ?? null
}

export interface LinkStrata {
  /** Donors, else batches: reference cells are matched to them and copies shuffled within them. */
  readonly strata: Int32Array | null
  readonly donors: { readonly names: readonly string[]; readonly codes: Int32Array } | null
  /** Cell types within these strata, for the strict control. */
  readonly nullStrata: Int32Array | null
  /** What the copies are shuffled within, in words. */
  readonly within: string
}

/** Strata of the cells by the roles of their columns. */
export function strataOf(project: Project, nullKind: LinkingSettings['null']): LinkStrata {
  const donor = columnOfRole(project, 'donor')
  const chosen = donor ?? columnOfRole(project, 'batch')
  const strata = chosen && project.dataset.codes(chosen)
  const type = nullKind === 'type' ? columnOfRole(project, 'cell-type') : null
  const words = chosen ? `each value of ${chosen.name}` : 'all cells'
  return {
    strata,
    donors: donor && { names: donor.levels, codes: project.dataset.codes(donor) },
    nullStrata: type && crossed(project.dataset.codes(type), strata),
    within: type ? `each value of ${type.name}${chosen ? ` and ${chosen.name}` : ''}` : words,
  }
}

/** One code per pair of codes; missing values form groups of their own. */
function crossed(first: Int32Array, second: Int32Array | null): Int32Array {
  if (!second) return first
  const width = second.reduce((most, code) => Math.max(most, code), 0) + 2
  return first.map((code, cell) => (code + 1) * width + (second[cell] as number) + 1)
}
