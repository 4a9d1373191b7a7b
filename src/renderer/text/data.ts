// Words of the import review and of the Data page.
import type { Problem, Role, Verdict } from '@contract'
import { count, percent, plural } from './format'

const verdicts: Readonly<Record<Verdict, readonly [label: string, level: 'good' | 'info' | 'warn', why: string]>> = {
  counts: ['raw counts', 'good', 'Whole numbers as counted. They are scaled to 10,000 per cell and logged for the statistics.'],
  log1p: ['log values', 'good', 'Already scaled and logged. They are used as they are.'],
  log2: ['log2 values', 'good', 'Already logged to base 2. They are used as they are.'],
  normalised: ['not logged', 'info', 'Scaled per cell but not logged. They are logged for the statistics.'],
  scaled: ['scaled', 'warn', 'z-scores: log2 differences need counts or log values.'],
  unknown: ['unknown', 'warn', 'The kind of values could not be told. Check that this is the right matrix.'],
}

export const dataText = {
  page: 'Data',
  looking: (name: string) => `Looking into ${name}…`,
  steps: ['File', 'Check', 'Train', 'Explore'],
  stepsLabel: 'Steps of a new project',
  header: {
    cellsGenes: (rows: number, columns: number) => `${count(rows)} cells × ${count(columns)} genes`,
    why: 'Rows and columns of the file. Rows are cells.',
  },
  representation: {
    title: 'Which representation should be explained?',
    note: 'one row per cell',
    dims: (dims: number) => `${count(dims)} dims`,
    dimsWhy: 'Number of columns of the representation.',
    suggested: 'suggested',
    none: 'No representation in this file.',
  },
  expression: {
    title: 'Expression for genes and terms',
    matrix: 'Matrix',
    none: 'No expression in this file. Features can be trained, but not linked to genes and terms.',
    histogram: 'How the values are spread',
    bar: (label: string, share: number) => `${percent(share)} of the sampled values: ${label}`,
  },
  verdicts,
  match: {
    title: 'Do cells and genes match?',
    cells: 'Cells',
    cellsAll: (rows: number) => ({ number: `${count(rows)} of ${count(rows)}`, words: ' rows match, joined by cell name' }),
    cellsSome: (rows: number, of: number) => ({ number: `${count(rows)} of ${count(of)}`, words: ' rows match' }),
    genes: 'Genes',
    genesIn: (genes: number) => ({ number: count(genes), words: ' in the matrix' }),
    organism: 'Organism',
    known: 'Known genes',
    mapped: (mapped: number, byAlias: number) => ({
      number: count(mapped),
      words: byAlias > 0 ? ` known, ${count(byAlias)} by an older name` : ' known',
    }),
    mappedWhy: (mapped: number, of: number) =>
      `${percent(of === 0 ? 0 : mapped / of)} of the gene names are known to the gene list of this version.`,
    unmapped: (n: number) => `${plural(n, 'name', 'names')} not known`,
    unmappedList: (names: readonly string[], total: number) =>
      total > names.length ? `${names.join(', ')} and ${count(total - names.length)} more` : names.join(', '),
    maps: 'Maps',
    noMaps: 'none; cells are drawn by the first two dimensions',
  },
  columns: {
    title: 'What do the cell columns mean?',
    note: 'used by the statistics',
    head: ['Column', 'Kind', 'Levels', 'Role'],
    none: 'none',
    keptAsText: 'none (kept as text)',
    numbers: 'none (numbers)',
    role: (column: string) => `Role of ${column}`,
    levelsWhy: (examples: readonly string[]) => `For example: ${examples.join(', ')}`,
    roles: { 'cell-type': 'Cell type', donor: 'Donor', batch: 'Batch', condition: 'Condition' } satisfies Record<Role, string>,
    kinds: { category: 'category', number: 'number', text: 'text' },
    empty: 'No columns in this file. Features can still be linked to genes.',
  },
  preview: {
    title: 'Preview',
    note: (shown: number, rows: number) => `${count(shown)} of ${count(rows)} cells, read by name`,
    rows: 'rows are cells',
  },
  beside: {
    title: 'Other files of the same cells',
    note: 'joined by cell name',
    kinds: { metadata: 'Cell columns', ids: 'Cell names', expression: 'Expression' },
    why: {
      metadata: 'A table with one row per cell: cell type, donor, batch and other columns.',
      ids: 'A list of cell names, one for each row, for a file that has none.',
      expression: 'A file with the genes of the same cells: .h5ad, 10x, Loom or a table.',
    },
    add: 'Add a file…',
    addLabel: (kind: string) => `Add a file: ${kind}`,
    remove: (name: string) => `Take ${name} away`,
    none: 'none',
    byPosition: 'Row 1 is the same cell in all these files, and so on',
    byPositionWhy: 'Only when the files are in the same order. Nothing can check that; a wrong order gives wrong results.',
    looking: 'Comparing the cell names…',
  },
  problems: {
    title: 'What to know before you go on',
    titleAfter: 'What was found at import',
    none: 'Nothing to report.',
    levels: { stop: 'Stop', warning: 'Warning', info: 'To know' } satisfies Record<Problem['level'], string>,
    dropMissing: 'Leave these cells out',
    renameDuplicates: 'Add a number to repeated names',
    passed: (n: number) => `${plural(n, 'check', 'checks')} passed`,
    checks: {
      readable: 'The file is complete and readable',
      rows: 'every cell has a row in the representation',
      names: 'cell names are unique',
      numbers: 'no missing numbers in the representation',
      genes: 'most gene names are known',
    },
  },
  foot: 'The file is not changed. A copy of what is needed goes into the project.',
  back: 'Back',
  import: (rows: number) => `Import ${plural(rows, 'cell', 'cells')}`,
  fix: (n: number) => `Fix ${plural(n, 'problem', 'problems')} first`,
  importing: 'Importing…',
  importJob: 'Import',
  cancel: 'Cancel',
  chooseAnother: 'Choose another file…',
  copy: 'Copy report',
  copied: 'Copied',
  empty: {
    title: 'No data yet',
    reason:
      'Import a file with cells, a representation and, if possible, their expression. Nothing is stored before you have seen what is in it.',
    choose: 'Choose a file…',
    running: 'Importing the data',
    runningReason: 'The page fills as soon as the data are stored.',
  },
  stored: {
    source: (name: string) => `Imported from ${name}`,
    representation: 'Representation',
    expression: 'Expression',
    noExpression: 'none, so features cannot be linked to genes and terms',
    cells: 'Cells',
    genes: 'Genes',
    detected: (genes: number) => ({ number: count(genes), words: ' known genes seen in enough cells' }),
    detectedWhy: 'Genes seen in enough cells and known to the gene ontology: what terms are tested against.',
    mapped: (genes: number) => ({ number: count(genes), words: ' known to the gene ontology’s gene list' }),
    map: 'Map',
    noMap: 'none',
    background: 'Background',
    facts: 'What this project explains',
    train: 'Go to Train',
    features: 'Open features',
    readOnly: 'These facts are read-only: the runs of this project rest on them. For other choices start a new project.',
  },
} as const

/** The review as text, for a mail to whoever made the file. */
export function reviewReport(file: string, description: string, problems: readonly Problem[]): string {
  const lines = problems.map(
    (problem) => `${dataText.problems.levels[problem.level]} (${problem.code}): ${problem.message} ${problem.remedy}`,
  )
  return [file, description, ...(lines.length > 0 ? lines : [dataText.problems.none])].join('\n')
}
