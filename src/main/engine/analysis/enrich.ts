// One gene list from a file against terms, by a preset's rules: reads the files, maps names, tests, and says what it left out.
import type { Aspect, Enrichment, Preset, Problem, Relations } from '@contract'
import { refuse } from '../../base/refusal'
import { runPreset } from '../../science/enrichment-presets'
import type { Ontology } from '../ontology'
import { examples, warning } from '../ontology/file-problems'
import { parseGeneList, type GeneList } from '../ontology/read-gene-sets'
import { setsFromBundle, setsFromFiles, setsFromGmt, type SetCollection } from '../ontology/set-collections'
import { readTextFile } from '../ontology/text-lines'

/** Paths where the request holds tokens. */
export interface EnrichJob {
  readonly preset: Preset
  readonly genes: string
  readonly background: string
  readonly sets:
    | { readonly kind: 'bundled'; readonly aspect: Aspect; readonly relations: Relations | null; readonly ontology: Ontology }
    | {
        readonly kind: 'ontology'
        readonly obo: string
        readonly associations: string
        readonly aspect: Aspect | null
        readonly relations: Relations | null
      }
    | { readonly kind: 'gmt'; readonly gmt: string }
}

/** What each tool does unless told otherwise. */
export const usualRelations: Readonly<Record<Preset, Relations>> = {
  latiscope: 'is_a,part_of',
  goatools: 'is_a',
  gseapy: 'is_a,part_of',
  clusterprofiler: 'is_a,part_of',
  scfeaturelens: 'none',
}

/** @throws Refusal with the name of the file that cannot be used, or NO_GENES when the lists share nothing */
export function enrichList(job: EnrichJob): Enrichment {
  const study = readGenes(job.genes)
  const background = readGenes(job.background)
  const collection = collect(job, background)
  const problems: Problem[] = [...study.problems, ...background.problems, ...collection.problems]
  const known = numbered(background.names, collection)
  const listed = numbered(study.names, collection)
  const outside = [...listed].filter(([gene]) => !known.has(gene)).map(([, name]) => name)
  if (listed.size === outside.length)
    refuse('NO_GENES', { what: `None of the ${study.names.length} genes of the list is in the background` })
  problems.push(...nameProblems(background, known, collection, outside))
  const result = runPreset(job.preset, { sets: collection.sets, study: [...listed.keys()], background: [...known.keys()] })
  const { source, release, relations, sets } = collection
  return {
    preset: job.preset,
    terms: result.terms.map((term) => ({ ...term, genes: term.genes.map((gene) => listed.get(gene) ?? '') })),
    study: { given: study.names.length, counted: result.studySize },
    background: { given: background.names.length, counted: result.backgroundSize },
    sets: { source, release, relations, count: sets.length },
    warnings: [...result.warnings],
    problems,
  }
}

function readGenes(path: string): GeneList {
  return parseGeneList(readTextFile(path, 'a list of genes'))
}

function collect({ preset, sets }: EnrichJob, background: GeneList): SetCollection {
  if (sets.kind === 'gmt') return setsFromGmt(sets.gmt)
  const relations = sets.relations ?? usualRelations[preset]
  return sets.kind === 'bundled'
    ? setsFromBundle(sets.ontology, sets.aspect, relations)
    : setsFromFiles({ ...sets, relations }, background.names)
}

/** Genes that names mean, with the first name of each. */
function numbered(names: readonly string[], { geneOf }: SetCollection): Map<number, string> {
  const genes = new Map<number, string>()
  for (const name of names) {
    const gene = geneOf(name)
    if (gene !== null && !genes.has(gene)) genes.set(gene, name)
  }
  return genes
}

const fewAnnotated = 0.1

function nameProblems(
  background: GeneList,
  known: ReadonlyMap<number, string>,
  { sets, geneOf }: SetCollection,
  outside: readonly string[],
): Problem[] {
  const problems: Problem[] = []
  const unknown = background.names.filter((name) => geneOf(name) === null)
  if (unknown.length > 0)
    problems.push(
      warning(
        'GENES_UNKNOWN',
        `${unknown.length} of ${background.names.length} background names are no known human genes (${examples(unknown)}); they do not count.`,
        'Check the species and the kind of names.',
      ),
    )
  if (outside.length > 0)
    problems.push(
      warning(
        'GENES_OUTSIDE_BACKGROUND',
        `${outside.length} genes of the list are not in the background (${examples(outside)}); they do not count.`,
        'The background should hold every gene that could have been on the list.',
      ),
    )
  const annotated = new Set<number>()
  for (const set of sets) for (let at = 0; at < set.genes.length; at++) annotated.add(set.genes[at] as number)
  const met = [...known.keys()].filter((gene) => annotated.has(gene)).length
  if (met === 0) refuse('NO_GENES', { what: `None of the ${known.size} genes of the background is in any set` })
  if (met < fewAnnotated * known.size)
    problems.push(
      warning(
        'FEW_GENES_ANNOTATED',
        `Only ${met} of ${known.size} background genes are in any set.`,
        'Check that the lists and the sets use the same kind of gene name and the same species.',
      ),
    )
  return problems
}
