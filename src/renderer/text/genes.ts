// Words about the names of genes: species, gene table, how each name was understood.
import type { GeneMethod, GeneReport, RowKind } from '@contract'
import { count, percent, plural } from './format'

type Example = { readonly name: string; readonly symbol: string | null }

export const geneText = {
  title: 'Gene names',
  note: {
    cells: 'what links features to terms',
    genes: 'of the rows: each is a gene',
    proteins: 'of the rows: each is a protein',
  } satisfies Record<RowKind, string>,
  species: 'Species',
  found: (species: string) => `${species} (found)`,
  unknown: 'not clear: please choose',
  evidence: (shares: GeneReport['speciesShares']) =>
    shares.map(({ species, share }) => `${percent(share, 0)} of the names are ${species} genes as spelled`).join(', '),
  inTable: (shares: GeneReport['speciesShares']) =>
    `${percent(Math.max(0, ...shares.map(({ share }) => share)), 0)} of the names stand in your table as spelled`,
  table: 'Gene table',
  bundled: (table: string) => `${table}, part of the program`,
  noTable: 'none for this species',
  useTable: 'Use my own table…',
  useTableWhy: 'For other species: a table (CSV, TSV), GTF or GFF3 with the ids and names of the genes.',
  removeTable: (name: string) => `Take the gene table ${name} away`,
  tableSpecies: 'Which species? (zebrafish …)',
  known: 'Known genes',
  of: (mapped: number, of: number) => ({
    number: `${count(mapped)} of ${count(of)}`,
    words: ` names (${percent(of === 0 ? 0 : mapped / of, of > 0 && mapped < of ? 1 : 0)})`,
  }),
  levels: { good: 'enough', warn: 'few', bad: 'too few' },
  how: 'How they were understood',
  head: ['Found by', 'Names', 'For example'],
  methods: {
    symbol: 'official symbol',
    ensembl: 'Ensembl id',
    alias: 'alias or earlier symbol',
    case: 'symbol in other case',
    uniprot: 'UniProt accession',
    entrez: 'Entrez id',
    ambiguous: 'shared by several genes',
    unmapped: 'not known',
  } satisfies Record<GeneMethod, string>,
  methodWhy: {
    symbol: 'The name is the official symbol of one gene.',
    ensembl: 'The id of the gene; a version at its end (.14) and _PAR_Y are taken off.',
    alias: 'An earlier or other name that belongs to one gene only.',
    case: 'The official symbol, but in other capitals.',
    uniprot: 'The protein of one gene.',
    entrez: 'The number of the gene at NCBI, as you said.',
    ambiguous: 'Several genes have this name, so it is not given to any.',
    unmapped: 'The gene table does not have this name. Such genes stay in the data but are not linked to terms.',
  } satisfies Record<GeneMethod, string>,
  example: ({ name, symbol }: Example) => (symbol === null || symbol === name ? name : `${name} → ${symbol}`),
  clones: (n: number, of: number) => {
    const which =
      n < of ? `${count(n)} of the ${count(of)} unknown names` : n === 1 ? 'The unknown name' : `All ${count(n)} unknown names`
    return `${which} ${n === 1 ? 'looks' : 'look'} like a clone or a gene without a name; ontologies say almost nothing about these.`
  },
  repeated: (n: number) => `${plural(n, 'name means', 'names mean')} a gene that another one means too; it counts once.`,
  foreign: (n: number, species: string) =>
    `${plural(n, 'name is', 'names are')} marked as genes of another species than ${species}; they stay without a gene.`,
  kinds: 'Written as',
  kindPlurals: {
    symbol: 'symbols',
    number: 'numbers',
    'Ensembl id': 'Ensembl ids',
    'symbol with Ensembl id': 'symbols with Ensembl id',
    'UniProt accession': 'UniProt accessions',
    'MGI id': 'MGI ids',
    'transcript or protein of Ensembl': 'transcripts or proteins of Ensembl',
  } as Readonly<Record<string, string>>,
  kind: (words: string, n: number) => `${words} ${count(n)}`,
  biotype: (biotype: string) => biotype.replaceAll('_', '-'),
  biotypes: 'Of these',
  other: (n: number) => `other ${count(n)}`,
  numbers: 'Bare numbers are',
  numbersAre: { names: 'not names of genes', entrez: 'Entrez ids' },
  column: 'Names from',
} as const

/** 80 % of the names are the rule; below half, terms say little. */
export function knownLevel(mapped: number, of: number): 'good' | 'warn' | 'bad' {
  const share = of === 0 ? 0 : mapped / of
  if (share >= 0.8) return 'good'
  return share >= 0.5 ? 'warn' : 'bad'
}
