// From a request to everything a linking rests on: defaults filled in, the user's background read, strata chosen, and a fingerprint
// under which the result is stored and found again.
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { LinkRequest } from '@contract'
import { refuse } from '../../base/refusal'
import { presetRules } from '../../science/enrichment-presets'
import type { Engine } from '../engine'
import { parseGeneList } from '../ontology/read-gene-sets'
import { readTextFile } from '../ontology/text-lines'
import type { RelationChoice } from '../ontology'
import type { Project } from '../project/project'
import type { StoredColumn } from '../store/dataset'
import type { LinkingSettings } from '../store/linkings'
import { usualRelations } from './enrich'

const linkingSeed = 0

export interface ResolvedLinking {
  readonly settings: LinkingSettings
  readonly relations: RelationChoice
  /** 1 per ontology gene of the user's list; null without a list. */
  readonly listedGenes: Uint8Array | null
  readonly hash: string
}

/** Fills in defaults. @throws Refusal USAGE for options that exclude each other, NO_GENES, NO_CELL_TYPES */
export function resolveLinking(engine: Engine, project: Project, request: LinkRequest): ResolvedLinking {
  const preset = request.preset ?? 'latiscope'
  const method = request.method ?? 'ora'
  const nullKind = request.null ?? 'donor'
  if (method !== 'ora' && preset !== 'latiscope')
    refuse('USAGE', { what: `The preset ${preset} tests a list of genes; the method ${method} tests all genes by their rank.` })
  if (nullKind === 'type' && !columnOfRole(project, 'cell-type')) refuse('NO_CELL_TYPES')
  const listed = request.background === 'file' ? readBackground(engine, project, request.backgroundFile ?? null) : null
  const relations = usualRelations[preset] as RelationChoice
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
  }
  const { release, annotations } = engine.ontology.info
  const hash = createHash('sha256')
    .update(JSON.stringify([settings, release, annotations, engine.appVersion]))
    .digest('hex')
  return { settings, relations, listedGenes: listed?.genes ?? null, hash }
}

interface ListedGenes {
  readonly name: string
  readonly sha256: string
  readonly genes: Uint8Array
}

/** Genes of the list, as the ontology numbers them. Names are those of the data or any the ontology knows. */
function readBackground(engine: Engine, project: Project, token: string | null): ListedGenes {
  if (token === null) refuse('USAGE', { what: 'A background from a file needs the file.' })
  const path = engine.path(token, 'data')
  const { names } = parseGeneList(readTextFile(path, 'a list of genes'))
  const ofData = new Map(project.dataset.genes().map((gene) => [gene.name, gene.ontologyGene]))
  const numbers = names.flatMap((name) => ofData.get(name) ?? engine.ontology.genes.resolve(name).gene ?? [])
  const inData = new Set(ofData.values())
  if (!numbers.some((gene) => inData.has(gene)))
    refuse('NO_GENES', { what: `None of the ${names.length} genes of ${basename(path)} is among the genes of this project` })
  const known = [...new Set(numbers)].sort((a, b) => a - b)
  const genes = new Uint8Array(engine.ontology.annotations('BP', 'all').geneCount)
  for (const gene of known) genes[gene] = 1
  return { name: basename(path), sha256: createHash('sha256').update(known.join(' ')).digest('hex'), genes }
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
