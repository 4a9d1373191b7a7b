// The verbs and options of the command line: one table, from which parsing and --help follow.
import { parseArgs } from 'node:util'
import { refuse } from '../base/refusal'
import { associateVerb, linking, linkOptions } from './verbs/link'
import { exchangeVerbs } from './verbs/exchange-options'
import { stabilityVerbs } from './verbs/stability-options'
import { trainOptions } from './verbs/train-options'

export interface OptionSpec {
  readonly value: string | null
  readonly repeatable?: true
  readonly about: string
}

export interface VerbSpec {
  readonly about: string
  /** Names of the words after the verb, all required. */
  readonly words: readonly string[]
  /** What further words are, where there may be some. */
  readonly more?: string
  readonly options: Readonly<Record<string, OptionSpec>>
  /** Options that a later version will bring. */
  readonly later?: readonly string[]
}

const run: OptionSpec = { value: 'R', about: 'run number (default: the latest finished run)' }
const aspect: OptionSpec = { value: 'BP|MF|CC', about: 'part of the gene ontology (default BP, biological process)' }
const filesBeside: Readonly<Record<string, OptionSpec>> = {
  'expression-file': { value: 'FILE', about: 'take the expression from this file, matched by cell name' },
  metadata: { value: 'FILE', about: 'add the columns of this file, matched by cell name' },
  ids: { value: 'FILE', about: 'list of cell names, one per row of a file that has none' },
  'by-position': { value: null, about: 'match these files by position: row 1 is the same cell in all of them' },
}

/** What the user knows about a file that does not say it itself. */
const answers: Readonly<Record<string, OptionSpec>> = {
  rows: { value: 'cells|genes|proteins', about: 'what one row is (default: as the names of the rows suggest)' },
  header: { value: 'yes|no', about: 'whether the first line of a text table names the columns' },
  transposed: { value: 'yes|no', about: 'whether the rows of a text table are genes (or dimensions) and its columns cells' },
  cells: { value: 'COLUMN=VALUE', repeatable: true, about: 'take only these cells; also COLUMN!=VALUE' },
  verdict: { value: 'counts|log1p|log2|normalised|scaled|unknown', about: 'what the numbers are, against what they look like' },
  'gene-column': { value: 'COLUMN', about: 'the column that names the genes' },
  genes: {
    value: 'shared|all',
    about: 'of several files: genes in all of them (default), or in any (missing counts as not seen)',
  },
  map: { value: 'umap|pca|none|KEY', about: 'the 2-D map: computed, none, or this part of the file' },
}

const termOptions = {
  ontology: { value: 'NAME', about: 'an installed ontology (verb ontology lists them)' },
  obo: { value: 'FILE', about: 'an ontology of your own (OBO), with --associations' },
  associations: { value: 'FILE', about: 'annotations: GAF, gene2go, or a table of genes and terms' },
  gmt: { value: 'FILE', about: 'gene sets of your own (GMT)' },
  evidence: { value: 'all|no-iea|experimental', about: 'which annotations count (default: all)' },
  orthologs: { value: null, about: 'mouse genes against human annotations, through one-to-one orthologs' },
} as const satisfies Record<string, OptionSpec>
const geneOptions = {
  species: { value: 'NAME', about: 'human, mouse, or the species of your own gene table (default: found out from the names)' },
  'gene-table': { value: 'FILE', about: 'your own table of genes (CSV, TSV, GTF or GFF3), for other species' },
  'gene-ids': { value: 'entrez', about: 'gene names that are bare numbers are Entrez ids' },
  'gene-positions': {
    value: 'FILE',
    about: 'where genes lie (GTF, GFF3, or a table of chromosome, start, end, gene), to name the gene nearest to each peak',
  },
} as const satisfies Record<string, OptionSpec>

export const verbs = {
  doctor: { about: 'what this installation can do', words: [], options: {} },
  new: { about: 'make an empty project', words: ['PROJECT'], options: {} },
  inspect: {
    about: 'look into a file without storing anything',
    words: ['FILE'],
    more: 'FILE',
    options: { ...answers, ...filesBeside, ...geneOptions },
  },
  import: {
    about: 'bring cells, their representation and their expression into a project',
    words: ['PROJECT', 'FILE'],
    more: 'FILE',
    options: {
      representation: { value: 'KEY', about: 'which representation to explain, for example obsm/X_pca' },
      expression: { value: 'KEY', about: 'which expression matrix to use, for example raw/X' },
      role: { value: 'COLUMN=ROLE', repeatable: true, about: 'what a column means: cell-type, donor, batch or condition' },
      'drop-missing': { value: null, about: 'leave out cells with missing numbers' },
      'rename-duplicates': { value: null, about: 'number cell names that occur more than once' },
      ...answers,
      ...filesBeside,
      ...geneOptions,
      append: { value: null, about: 'add to a project that has data: cells, metadata, a representation or expression' },
      as: { value: 'rows|metadata|representation|expression', about: 'what --append adds, where the file leaves it open' },
    },
  },
  train: {
    about: 'train a sparse autoencoder',
    words: ['PROJECT'],
    options: {
      ...trainOptions,
      resume: { value: 'RUN', about: 'go on with a run that was paused, cancelled or interrupted; takes no other option' },
      estimate: { value: null, about: 'only try, for about 2 seconds, what it would take: time, memory, disk' },
    },
  },
  link: {
    about: 'link latents to genes and gene-ontology terms',
    words: ['PROJECT'],
    options: {
      run,
      aspect,
      ...linkOptions,
      ...termOptions,
      relations: { value: 'none|is_a|is_a,part_of|all', about: 'how annotations are carried up (default: as the preset has it)' },
    },
  },
  associate: associateVerb,
  latents: {
    about: 'list the latents of a run',
    words: ['PROJECT'],
    options: {
      run,
      aspect,
      sort: { value: 'id|density|auroc|q', about: 'order (default id)' },
      linking,
      limit: { value: 'N', about: 'how many to list (default all)' },
    },
  },
  latent: {
    about: 'everything about one latent',
    words: ['PROJECT'],
    options: {
      run,
      aspect,
      linking,
      id: { value: 'I', about: 'latent number, from 0' },
      batch: {
        value: 'COLUMN',
        about: 'correlations within the values of this column (default: the column with the role batch)',
      },
    },
  },
  find: {
    about: 'latents that carry a term, a gene, a cell group or cells of a list, or rise along groups',
    words: ['PROJECT'],
    options: {
      run,
      term: { value: 'GO:…', about: 'gene-ontology term' },
      gene: { value: 'SYMBOL', about: 'gene, by any of its names' },
      group: { value: 'COLUMN=VALUE', about: 'group of cells' },
      cells: { value: 'FILE', about: 'cells of a list, one name per line' },
      order: {
        value: 'COLUMN=VALUE',
        repeatable: true,
        about: 'groups in their order, first to last: who rises or falls along them',
      },
      linking,
    },
  },
  enrich: {
    about: 'test a gene list against terms; needs no project',
    words: [],
    options: {
      genes: { value: 'FILE', about: 'the list, one gene per line' },
      background: { value: 'FILE', about: 'every gene that could have been on the list' },
      ...termOptions,
      aspect: { value: 'BP|MF|CC', about: 'part of the gene ontology (built in: BP; of a file: all)' },
      relations: { value: 'none|is_a|is_a,part_of|all', about: 'how annotations are carried up (default: as the preset does)' },
      preset: { value: 'NAME', about: 'latiscope (default), goatools, gseapy, clusterprofiler or scfeaturelens' },
    },
  },
  ontology: {
    about: 'list ontologies; install one from files, or remove one',
    words: [],
    options: {
      install: { value: null, about: 'keep what the files say, for all projects' },
      obo: { value: 'FILE', about: 'terms (OBO); without it, annotations are read with the built-in GO terms' },
      associations: { value: 'FILE', about: 'annotations: GAF, gene2go, or a table of genes and terms' },
      gmt: { value: 'FILE', about: 'gene sets (GMT)' },
      name: { value: 'NAME', about: 'what to call it (default: the name of the file)' },
      species: { value: 'NAME', about: 'species of the genes, where the file does not say' },
      taxon: { value: 'N', about: 'only this NCBI taxon, for files of many species (10090 is mouse)' },
      licence: { value: 'TEXT', about: 'licence or terms of use to keep with it' },
      remove: { value: 'ID', about: 'remove an installed ontology' },
    },
  },
  export: {
    about: 'write a table of results, the model for other tools, or a report',
    words: ['PROJECT'],
    options: {
      run,
      what: {
        value: 'KIND',
        about:
          'a table (CSV): activations, latents, genes, terms, pseudobulk or mapping (what each gene name was taken for); the model: safetensors (a file), sae-lens, dictionary-learning or sparsify (a folder); or report (HTML, or Markdown where the name ends in .md)',
      },
      out: { value: 'PATH', about: 'file to write; for sae-lens, dictionary-learning and sparsify a new folder' },
      linking,
      id: { value: 'I', about: 'pseudobulk only: sum the cells in which this latent is on and off apart' },
    },
  },
  ...stabilityVerbs,
  ...exchangeVerbs,
} as const satisfies Record<string, VerbSpec>

export type Verb = keyof typeof verbs
const laterVerbs = ['simulate', 'gather']

export interface Command {
  readonly verb: Verb
  readonly words: readonly string[]
  readonly options: Readonly<Record<string, string | true | readonly string[]>>
}

/** Reads the words of a command. Refuses with USAGE or NOT_AVAILABLE. */
export function parseCommand(words: readonly string[]): Command {
  const [name, ...rest] = words
  if (name === undefined) refuse('USAGE', { what: 'No verb was given.' })
  if (laterVerbs.includes(name)) refuse('NOT_AVAILABLE', { what: `The verb ${name}` })
  if (!Object.hasOwn(verbs, name)) refuse('USAGE', { what: `There is no verb ${name}.` })
  const verb = name as Verb
  const spec: VerbSpec = verbs[verb]
  const later = rest.find((word) => spec.later?.some((option) => word === `--${option}` || word.startsWith(`--${option}=`)))
  if (later !== undefined) refuse('NOT_AVAILABLE', { what: `The option ${later}` })
  const options = Object.fromEntries(
    Object.entries(spec.options).map(([option, { value, repeatable }]) => [
      option,
      { type: value === null ? ('boolean' as const) : ('string' as const), multiple: repeatable === true },
    ]),
  )
  try {
    const parsed = parseArgs({ args: rest, options, allowPositionals: true, strict: true })
    const { length } = parsed.positionals
    if (length < spec.words.length || (length > spec.words.length && spec.more === undefined)) {
      refuse('USAGE', {
        what: `${verb} needs ${spec.words.length === 0 ? 'no file' : spec.words.join(' and ')}.`,
        next: usageOf(verb),
      })
    }
    return { verb, words: parsed.positionals, options: parsed.values as Command['options'] }
  } catch (thrown) {
    if (thrown instanceof TypeError) refuse('USAGE', { what: `${thrown.message.split('. ')[0]}.`, next: usageOf(verb) })
    throw thrown
  }
}

const wordsOf = ({ words, more }: VerbSpec): string => [...words, ...(more === undefined ? [] : [`[${more} …]`])].join(' ')

const usageOf = (verb: Verb): string =>
  `Use: latiscope ${verb} ${wordsOf(verbs[verb])} [options]; "latiscope ${verb} --help" lists them.`

/** The help text of all verbs, or of one. */
export function helpText(verb: string | undefined): string {
  if (verb !== undefined && Object.hasOwn(verbs, verb)) {
    const spec: VerbSpec = verbs[verb as Verb]
    const lines = Object.entries(spec.options).map(
      ([name, { value, about }]) => `  ${`--${name}${value === null ? '' : ` ${value}`}`.padEnd(42)} ${about}`,
    )
    return [
      `latiscope ${verb} ${wordsOf(spec)}`.trim(),
      `  ${spec.about}`,
      ...lines,
      `  ${'--json'.padEnd(42)} one JSON document on standard output`,
    ].join('\n')
  }
  const lines = Object.entries(verbs).map(([name, { about, words }]) => `  ${`${name} ${words.join(' ')}`.padEnd(24)} ${about}`)
  return ['latiscope VERB … [--json]', ...lines, '"latiscope VERB --help" lists the options of a verb.'].join('\n')
}
