// Words of the import review and of the Data page.
import type { AdditionKind, PerRow, Problem, Role, RowKind, SourceFile, Verdict } from '@contract'
import { count, fixed, percent, plural } from './format'

const verdicts: Readonly<Record<Verdict, readonly [label: string, level: 'good' | 'info' | 'warn', why: string]>> = {
  counts: ['raw counts', 'good', 'Whole numbers as counted. They are scaled to 10,000 per cell and logged for the statistics.'],
  log1p: ['log values', 'good', 'Already scaled and logged. They are used as they are.'],
  log2: ['log2 values', 'good', 'Already logged to base 2. They are used as they are.'],
  normalised: ['not logged', 'info', 'Scaled per cell but not logged. They are logged for the statistics.'],
  scaled: ['scaled', 'warn', 'z-scores: log2 differences need counts or log values.'],
  unknown: ['unknown', 'warn', 'The kind of values could not be told. Check that this is the right matrix.'],
}

/** A mean: whole from 10 on, else with a decimal. */
const brief = (value: number): string => (value >= 10 ? count(value) : fixed(value, 1))

export const dataText = {
  page: 'Data',
  looking: (name: string) => `Looking into ${name}…`,
  steps: ['File', 'Check', 'Train', 'Explore'],
  stepsLabel: 'Steps of a new project',
  header: {
    rows: (rows: number, columns: number, kind: RowKind) =>
      columns > 0 ? `${count(rows)} ${kind} × ${count(columns)} genes` : `${count(rows)} ${kind}`,
    why: 'Rows and columns of the data.',
  },
  representation: {
    title: 'Which representation should be explained?',
    note: (kind: RowKind) => `one row per ${kind.slice(0, -1)}`,
    dims: (dims: number) => `${count(dims)} dims`,
    dimsWhy: 'Number of columns of the representation.',
    suggested: 'suggested',
    none: 'No representation in this file.',
  },
  expression: {
    title: 'Expression for genes and terms',
    matrix: 'Matrix',
    none: 'No expression in this file. Features can be trained, but not linked to genes and terms. Add it below, under “Other files”.',
    notNeeded: (kind: RowKind) => `Not needed: the rows are ${kind}, so features are linked to genes and terms directly.`,
    histogram: 'How the values are spread',
    bar: (label: string, share: number) => `${percent(share)} of the sampled values: ${label}`,
  },
  verdicts,
  match: {
    title: 'Do all parts belong together?',
    rows: 'Rows',
    rowsAll: (rows: number, kind: RowKind, isChosen: boolean) => ({
      number: count(rows),
      words: isChosen && kind === 'cells' ? ' cells, all with a row in the representation' : ` ${kind}`,
    }),
    rowsJoined: (rows: number, kind: RowKind, byPosition: boolean) => ({
      number: count(rows),
      words: byPosition ? ` ${kind}, joined by position as you confirmed` : ` ${kind}, joined by name`,
    }),
    rowsSome: (rows: number, of: number) => ({ number: `${count(rows)} of ${count(of)}`, words: ' cells have a row' }),
    further: (features: number, verdict: string) => ({
      number: count(features),
      words: ` features${verdict === 'counts' ? ', raw counts' : ''}; kept beside the genes`,
    }),
    furtherWhy: (examples: readonly string[]) =>
      `For example ${examples.join(', ')}. Totals and detection are kept for each cell; peaks are named after their nearest gene when gene positions are given.`,
    maps: '2-D map',
    noMaps: 'none in the file: one is computed',
    known: 'Known genes',
    mappedWhy: (mapped: number, of: number) =>
      `${percent(of === 0 ? 0 : mapped / of)} of the gene names are known to the gene table of their species.`,
  },
  columns: {
    title: 'What do the cell columns mean?',
    note: 'used by the statistics',
    head: ['Column', 'Kind', 'Levels', 'Role'],
    none: 'none',
    keptAsText: 'none (kept as text)',
    identifier: 'left out: an identifier',
    identifierWhy: 'Nearly every row has its own value, so it groups nothing. It is kept as text and can be searched.',
    byName: 'suggested',
    suggestedWhy: (levels: number) =>
      `Suggested because of its name and because its ${count(levels)} values each stand for several rows. Change it if it means something else.`,
    coloursWhy: 'Colours of the file; they are used in all pictures.',
    numbers: 'none (numbers)',
    role: (column: string) => `Role of ${column}`,
    levelsWhy: (examples: readonly string[]) => `For example: ${examples.join(', ')}`,
    roles: { 'cell-type': 'Cell type', donor: 'Donor', batch: 'Batch', condition: 'Condition' } satisfies Record<Role, string>,
    kinds: { category: 'category', number: 'number', text: 'text' },
    empty: 'No columns in this file. Features can still be linked to genes.',
  },
  preview: {
    title: 'Preview',
    note: (shown: number, rows: number, kind: RowKind) => `${count(shown)} of ${count(rows)} ${kind}`,
    rows: 'rows are cells',
  },
  beside: {
    title: 'Other files of the same cells',
    note: 'joined by cell name',
    more: 'More cells',
    moreWhy: 'Files of further cells, for example one per sample. Their rows are put under those of the first file.',
    kinds: { metadata: 'Cell columns', ids: 'Cell names', expression: 'Expression' },
    why: {
      metadata: 'A table with one row per cell: cell type, donor, batch and other columns.',
      ids: 'A list of cell names, one for each row, for a file that has none.',
      expression: 'A file with the genes of the same cells: .h5ad, 10x, Loom or a table.',
    },
    positions: 'Gene positions',
    positionsWhy:
      'For peaks (ATAC): where genes lie in the genome, as GTF, GFF3, BED or a table. Each peak is then named after its nearest gene.',
    genesOf: 'Genes of these files:',
    genesOptions: { shared: 'those in all files', all: 'all genes; missing counts as not seen' },
    addFolder: (kind: string) => `Add a folder: ${kind}`,
    add: 'Add…',
    addLabel: (kind: string) => `Add a file: ${kind}`,
    remove: (name: string) => `Take ${name} away`,
    none: 'none',
    byPosition: 'Row 1 is the same cell in all these files, and so on',
    byPositionWhy: 'Only when the files are in the same order. Nothing can check that; a wrong order gives wrong results.',
    looking: 'Comparing the cell names…',
  },
  cells: {
    title: 'Which cells?',
    note: 'all, unless you say otherwise',
    all: 'All cells of the file.',
    column: 'Column',
    relation: 'Condition',
    is: 'is',
    isNot: 'is not',
    value: 'Value',
    add: 'Add condition',
    remove: (filter: string) => `Remove the condition ${filter}`,
    rowKinds: { cells: 'cells', genes: 'genes', proteins: 'proteins' } satisfies Record<RowKind, string>,
    rowKind: 'What one row is',
    rowKindNote: 'rows are',
    swap: 'swap rows and columns',
    swapWhy: 'For tables in which cells are the columns.',
    map: 'Map of the cells',
    mapOf: (key: string) => `from the file: ${key}`,
    maps: { umap: 'compute a UMAP', pca: 'compute: first two principal components', none: 'no map' },
    asFound: 'as found',
    geneColumnOwn: 'the names in the file',
    header: { yes: 'It names the columns', no: 'It is the first cell' },
    verdict: 'What the values are',
    verdictAuto: (found: string) => `${found} (found)`,
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
  notRead: 'This file cannot be read as it is',
  nothingStored: 'Nothing was stored and the file is not changed.',
  back: 'Back',
  import: (rows: number, kind: RowKind) => `Import ${plural(rows, kind.slice(0, -1), kind)}`,
  fix: (n: number) => `Fix ${plural(n, 'problem', 'problems')} first`,
  importing: 'Importing…',
  importJob: 'Import',
  cancel: 'Cancel',
  chooseAnother: 'Choose another file…',
  chooseFolder: 'Choose a folder…',
  chooseFolderWhy: 'For data that are a folder: of 10x Genomics (matrix, barcodes, features), or AnnData as Zarr.',
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
  additions: {
    title: 'Files of this project',
    files: 'Files',
    parts: {
      rows: 'cells',
      metadata: 'cell columns',
      expression: 'expression',
      representation: 'representation',
      names: 'names',
      genes: 'gene names and places',
    } satisfies Record<SourceFile['part'], string>,
    explain: 'Explained',
    explainWhy: 'The representation the next run learns from. Runs made before keep theirs.',
    block: (features: number, linked: number) =>
      linked > 0 ? `${count(features)} features, ${count(linked)} linked to their nearest gene` : `${count(features)} features`,
    perRow: ({ total, detected }: PerRow, isCounts: boolean) =>
      `per cell on average ${isCounts ? `${brief(total)} counts, ` : ''}${brief(detected)} detected`,
    lookUp: (type: string) => `Find one of ${type}`,
    lookUpExample: 'chr1:1000-1500',
    find: 'Find',
    nearest: (feature: string, gene: { readonly symbol: string; readonly distance: number } | null, detected: number) => {
      const where =
        gene === null
          ? 'no gene near it'
          : gene.distance === 0
            ? `inside ${gene.symbol}`
            : `nearest gene ${gene.symbol}, ${count(gene.distance)} base pairs away`
      return `${feature}: ${where}; seen in ${plural(detected, 'cell', 'cells')}.`
    },
    addFolder: 'Add a folder…',
    kind: 'What the file adds',
    kinds: {
      auto: 'decided by its content',
      metadata: 'cell columns',
      representation: 'a representation',
      expression: 'expression',
      rows: 'more cells',
    } satisfies Record<AdditionKind | 'auto', string>,
    add: 'Add a file…',
    again: 'Try again',
    umap: 'Compute UMAP',
    pca: 'Map by PCA',
  },
  stored: {
    source: (name: string) => `Imported from ${name}`,
    representation: 'Representation',
    expression: 'Expression',
    noExpression: 'none, so features cannot be linked to genes and terms',
    notNeeded: 'not needed: the rows are linked to genes directly',
    asSaid: 'as you said',
    depth: 'Counts from',
    rowKinds: { cells: 'Cells', genes: 'Genes', proteins: 'Proteins' } satisfies Record<RowKind, string>,
    rowsMapped: (rows: number) => `, ${count(rows)} of them known genes`,
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
    readOnly: 'What was read stays as it is: the runs of this project rest on it. For other choices start a new project.',
  },
} as const

/** The review as text, for a mail to whoever made the file. */
export function reviewReport(file: string, description: string, problems: readonly Problem[]): string {
  const lines = problems.map(
    (problem) => `${dataText.problems.levels[problem.level]} (${problem.code}): ${problem.message} ${problem.remedy}`,
  )
  return [file, description, ...(lines.length > 0 ? lines : [dataText.problems.none])].join('\n')
}
