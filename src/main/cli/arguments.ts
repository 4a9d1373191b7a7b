// The verbs and options of the command line: one table, from which parsing and --help follow.
import { parseArgs } from 'node:util'
import { refuse } from '../base/refusal'

interface OptionSpec {
  readonly value: string | null
  readonly repeatable?: true
  readonly about: string
}

interface VerbSpec {
  readonly about: string
  /** Names of the words after the verb, all required. */
  readonly words: readonly string[]
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
} as const satisfies Record<string, OptionSpec>

export const verbs = {
  doctor: { about: 'what this installation can do', words: [], options: {} },
  new: { about: 'make an empty project', words: ['PROJECT'], options: {} },
  inspect: {
    about: 'look into a file without storing anything',
    words: ['FILE'],
    options: { ...filesBeside, ...geneOptions },
  },
  import: {
    about: 'bring cells, their representation and their expression into a project',
    words: ['PROJECT', 'FILE'],
    options: {
      representation: { value: 'KEY', about: 'which representation to explain, for example obsm/X_pca' },
      expression: { value: 'KEY', about: 'which expression matrix to use, for example raw/X' },
      role: { value: 'COLUMN=ROLE', repeatable: true, about: 'what a column means: cell-type, donor, batch or condition' },
      'drop-missing': { value: null, about: 'leave out cells with missing numbers' },
      'rename-duplicates': { value: null, about: 'number cell names that occur more than once' },
      ...filesBeside,
      ...geneOptions,
    },
    later: ['rows', 'cells', 'append'],
  },
  train: {
    about: 'train a sparse autoencoder',
    words: ['PROJECT'],
    options: {
      arch: { value: 'topk|batchtopk|matryoshka', about: 'architecture (default: batchtopk from 2,000 cells on, topk below)' },
      latents: { value: 'N', about: 'number of latents' },
      k: { value: 'K', about: 'latents on per cell' },
      steps: { value: 'S', about: 'training steps' },
      seed: { value: 'X', about: 'seed of all random draws (default 0)' },
      'held-out': { value: 'F', about: 'share of cells never trained on, 0 to 0.9' },
    },
    later: ['resume', 'estimate'],
  },
  link: {
    about: 'link latents to genes and gene-ontology terms',
    words: ['PROJECT'],
    options: {
      run,
      aspect,
      background: { value: 'detected|annotated', about: 'genes tested against (default: detected)' },
      ...termOptions,
      relations: { value: 'none|is_a|is_a,part_of|all', about: 'how annotations are carried up (default: is_a,part_of)' },
      shuffles: { value: 'N', about: 'shuffled copies for the chance check (default 20)' },
      preset: { value: 'latiscope', about: 'rules of the test' },
    },
  },
  latents: {
    about: 'list the latents of a run',
    words: ['PROJECT'],
    options: {
      run,
      aspect,
      sort: { value: 'id|density|auroc|q', about: 'order (default id)' },
      limit: { value: 'N', about: 'how many to list (default all)' },
    },
  },
  latent: {
    about: 'everything about one latent',
    words: ['PROJECT'],
    options: { run, aspect, id: { value: 'I', about: 'latent number, from 0' } },
  },
  find: {
    about: 'latents that carry a term, a gene or a cell group',
    words: ['PROJECT'],
    options: {
      run,
      term: { value: 'GO:…', about: 'gene-ontology term' },
      gene: { value: 'SYMBOL', about: 'gene, by any of its names' },
      group: { value: 'COLUMN=VALUE', about: 'group of cells' },
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
    about: 'write a table of results, or the model for other tools',
    words: ['PROJECT'],
    options: {
      run,
      what: {
        value: 'KIND',
        about: 'a table (CSV): activations, latents, genes or terms; or the model: safetensors (a file) or sae-lens (a folder)',
      },
      out: { value: 'PATH', about: 'file to write; for sae-lens a new folder' },
    },
  },
} as const satisfies Record<string, VerbSpec>

export type Verb = keyof typeof verbs
const laterVerbs = ['simulate', 'seeds', 'find-k', 'apply', 'import-model', 'gather']

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
    if (parsed.positionals.length !== spec.words.length) {
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

const usageOf = (verb: Verb): string =>
  `Use: latiscope ${verb} ${verbs[verb].words.join(' ')} [options]; "latiscope ${verb} --help" lists them.`

/** The help text of all verbs, or of one. */
export function helpText(verb: string | undefined): string {
  if (verb !== undefined && Object.hasOwn(verbs, verb)) {
    const spec: VerbSpec = verbs[verb as Verb]
    const lines = Object.entries(spec.options).map(
      ([name, { value, about }]) => `  ${`--${name}${value === null ? '' : ` ${value}`}`.padEnd(42)} ${about}`,
    )
    return [
      `latiscope ${verb} ${spec.words.join(' ')}`.trim(),
      `  ${spec.about}`,
      ...lines,
      `  ${'--json'.padEnd(42)} one JSON document on standard output`,
    ].join('\n')
  }
  const lines = Object.entries(verbs).map(([name, { about, words }]) => `  ${`${name} ${words.join(' ')}`.padEnd(24)} ${about}`)
  return ['latiscope VERB … [--json]', ...lines, '"latiscope VERB --help" lists the options of a verb.'].join('\n')
}
