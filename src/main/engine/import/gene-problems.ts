// What the user is told about gene names: lost or damaged ones, an unclear or mixed species, few known genes.
import type { GeneChoice, GeneReport, Problem } from '@contract'
import { dateCandidates, isExcelDate } from './gene-dates'
import { looksNumbered } from './gene-names'
import { leastMixed, type SpeciesGuess } from './gene-species'
import { counted, examples, info, plural, warning } from './problems'

interface NamedColumn {
  readonly column: string
  readonly names: readonly string[]
  readonly repeated: readonly string[]
  readonly guess: SpeciesGuess
  readonly report: GeneReport
  readonly choice: GeneChoice
}

export function geneProblems(found: NamedColumn): Problem[] {
  const { column, names, repeated } = found
  const problems: Problem[] = []
  if (column !== 'index')
    problems.push(info('GENE_COLUMN', `Gene names are taken from the column ${column}.`, 'Nothing needs to be done.'))
  const lost = looksNumbered(names)
  if (lost)
    problems.push(
      warning(
        'GENE_NAMES_LOST',
        'Gene names are only numbers, so they cannot be linked to terms.',
        'Say which column holds the names (--gene-column COLUMN), or write the file again with gene names in var.',
      ),
    )
  else problems.push(...numberProblems(found), ...speciesProblems(found), ...coverageProblems(found))
  problems.push(...kindProblems(found))
  if (repeated.length > 0)
    problems.push(
      warning(
        'GENES_REPEATED',
        `Gene names that occur more than once: ${examples(repeated)}. All are kept, with a number added.`,
        'Nothing needs to be done; a gene counts once in enrichment.',
      ),
    )
  if (!lost) problems.push(...dateProblems(found))
  return problems
}

const countOf = (report: GeneReport, kind: string): number => report.kinds.find((each) => each.kind === kind)?.count ?? 0

/** Numbers that are no lost index may be Entrez ids, but also anything else. */
function numberProblems({ report, choice, names }: NamedColumn): Problem[] {
  const numbers = countOf(report, 'number')
  if (numbers * 2 < names.length || choice.geneIds === 'entrez') return []
  return [
    warning(
      'GENE_NUMBERS',
      `${counted(numbers)} of ${counted(names.length)} gene names are bare numbers (${examples(names.slice(0, 3))}). They are not taken for Entrez ids unless you say so.`,
      'If they are Entrez ids, say so (--gene-ids entrez); otherwise write the file again with gene names.',
    ),
  ]
}

const percent = (share: number): string => `${Math.round(share * 100)} %`

function speciesProblems({ guess, report, choice }: NamedColumn): Problem[] {
  const [most, other] = guess.marked
  const total = guess.marked.reduce((sum, { count }) => sum + count, 0)
  if (most && other && other.count >= leastMixed * total) {
    const parts = guess.marked.map(({ species, count }) => `${counted(count)} of ${species}`).join(', ')
    return [
      warning(
        'SPECIES_MIXED',
        `The file holds genes of more than one species: ${parts}. Those of ${report.species} are used; the others stay in the data without a known gene.`,
        choice.species ? 'Nothing needs to be done.' : 'To use the other species, choose it (--species NAME).',
      ),
    ]
  }
  const [best] = report.speciesShares
  const ours = report.speciesShares.find(({ species }) => species === report.species)
  if (choice.species && best && ours && best.share > 0.5 && best.share > 2 * ours.share)
    return [
      warning(
        'SPECIES_DOUBTFUL',
        `You chose ${ours.species}, whose table knows ${percent(ours.share)} of the names in this spelling; that of ${best.species} knows ${percent(best.share)}.`,
        `If the data are of ${best.species}, choose it (--species ${best.species}).`,
      ),
    ]
  if (report.speciesSure || report.of === 0) return []
  const shares = report.speciesShares.map(({ species, share }) => `${percent(share)} are known ${species} genes`).join(', ')
  return [
    warning(
      'SPECIES_UNCLEAR',
      `It is not clear of which species the genes are: ${shares || 'no table knows them'}.`,
      'Choose the species (--species human, --species mouse, or your own gene table with --gene-table FILE).',
    ),
  ]
}

function coverageProblems({ report, guess, names }: NamedColumn): Problem[] {
  if (names.length === 0 || report.mapped * 2 >= names.length) return []
  const known = `Only ${counted(report.mapped)} of ${counted(names.length)} gene names are known ${guess.table ? report.species.replace('unknown', 'human') : 'human'} genes.`
  const noTable = guess.table ? '' : ` They look like ${report.species} genes, for which there is no gene table here.`
  const clones =
    report.cloneNames > 0
      ? ` ${plural(report.cloneNames, 'of the others looks', 'of the others look')} like non-coding or clone names, on which ontologies have almost no data.`
      : ''
  return [
    warning(
      'FEW_GENES_KNOWN',
      `${known}${noTable}${clones}`,
      guess.table
        ? 'Check the species and the kind of names; terms will cover only the known genes.'
        : 'Give a table of their genes (--gene-table FILE), and annotations of this species to link them to terms.',
    ),
  ]
}

function kindProblems({ report, names }: NamedColumn): Problem[] {
  const problems: Problem[] = []
  const transcripts = countOf(report, 'transcript or protein of Ensembl')
  if (transcripts * 20 > names.length)
    problems.push(
      warning(
        'TRANSCRIPT_IDS',
        `${counted(transcripts)} names are transcripts or proteins of Ensembl (ENST…, ENSP…), not genes; they are not mapped.`,
        'Add up the values per gene before importing, with gene ids as names.',
      ),
    )
  const proteins = countOf(report, 'UniProt accession')
  const mapped = report.methods.find(({ method }) => method === 'uniprot')?.count ?? 0
  if (proteins * 2 > names.length && mapped * 2 < proteins)
    problems.push(
      warning(
        'PROTEINS_UNKNOWN',
        `${counted(proteins)} names are UniProt accessions, of which ${mapped === 0 ? 'none is' : `${counted(mapped)} are`} known: the program brings no list of proteins.`,
        'Install an annotation file keyed by UniProt for this species (goa_human.gaf.gz for human), which names the gene of every protein (latiscope ontology --install FILE), then look into this file again.',
      ),
    )
  if (report.ambiguous.length > 0)
    problems.push(
      info(
        'GENES_AMBIGUOUS',
        `Names that several genes share are not mapped: ${examples(report.ambiguous, 5)}.`,
        'Use Ensembl ids to tell these genes apart.',
      ),
    )
  return problems
}

function dateProblems({ names, report }: NamedColumn): Problem[] {
  if (countOf(report, 'number') * 2 > names.length) return []
  const dates = names.filter(isExcelDate)
  if (dates.length === 0) return []
  const repairs = dates.slice(0, 5).flatMap((date) => {
    const candidates = dateCandidates(date)
    return candidates.length > 0 ? [`${date} may be ${candidates.join(' or ')}`] : []
  })
  return [
    warning(
      'GENE_DATES',
      `${counted(dates.length)} gene names look like dates changed by a spreadsheet (${examples(dates)}).${repairs.length > 0 ? ` ${repairs.join('; ')}.` : ''}`,
      'They cannot be repaired with certainty; write the file without a spreadsheet.',
    ),
  ]
}
