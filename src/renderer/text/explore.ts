// Every word of the Features page. Sentences are lists of parts, so that the page can weigh words without markup in texts.
// Rule of words: a feature "goes with" genes and terms; it never causes anything and is never a proven function.
import type { Aspect } from '@contract'
import { count, plural } from './format'
import { evidenceText } from './evidence'
import { flagFindings, flagHints, flags, type FlagEvidence } from './flags'

export interface Part {
  readonly text: string
  /** The one thing to read in the sentence. */
  readonly strong?: boolean
  /** A gene symbol, set in italics. */
  readonly gene?: boolean
}

export const part = (text: string): Part => ({ text })
export const strong = (text: string): Part => ({ text, strong: true })
export const gene = (text: string): Part => ({ text, gene: true })

/** a · a and b · a, b and c. */
export function joined(parts: readonly Part[]): Part[] {
  return parts.flatMap((each, at) => {
    if (at === 0) return [each]
    return [part(at === parts.length - 1 ? ' and ' : ', '), each]
  })
}

const aspects: Record<Aspect, string> = { BP: 'Process', MF: 'Function', CC: 'Component' }
const aspectWords: Record<Aspect, string> = { BP: 'biological processes', MF: 'molecular functions', CC: 'cell components' }
export const exploreText = {
  ...evidenceText,
  id: (latent: number): string => `F${latent}`,
  unnamed: 'unnamed',
  page: 'Features',
  panes: { list: 'Feature list', map: 'Map', card: 'Feature card', groups: 'Cell types' },
  tabs: { label: 'What to show', card: 'Card', map: 'Map', groups: 'Cell types' },
  aspects,
  flag: (word: string): string => flags[word] ?? word,
  /** What a flag means and, where it is known, what it rests on here. */
  flagHint: (word: string, evidence: readonly FlagEvidence[] = []): string => {
    const found = evidence.find(({ flag }) => flag === word)
    return [flagHints[word], found && flagFindings[word]?.(found)].filter(Boolean).join(' ')
  },

  empty: {
    noProject: 'Open a project to see its features.',
    noData: { title: 'No data yet', body: 'Features are learned from a representation of your cells.', action: 'Import data' },
    noRun: { title: 'No features yet', body: 'Train a model first: it learns the features of this data.', action: 'Go to Train' },
    training: (run: number) => ({
      title: `Run ${run} is still training`,
      body: 'Its features appear here when it is done.',
      action: 'Watch it train',
    }),
    unfinished: (run: number) => ({
      title: `Run ${run} has no finished model`,
      body: 'It was stopped or interrupted. Train again to get features.',
      action: 'Go to Train',
    }),
  },

  list: {
    search: 'Find a feature by name, gene or term',
    searchKey: '/',
    counter: (shown: number, all: number): Part[] => [strong(count(shown)), part(` of ${count(all)}`)],
    counterSpoken: (shown: number, all: number) => `${count(shown)} of ${count(all)} features shown`,
    hideSilent: 'Dead, rare hidden',
    showHide: 'Hide dead and rare features',
    removeFilter: (name: string) => `Remove the filter “${name}”`,
    match: {
      term: (title: string) => `Term: ${title}`,
      gene: (title: string) => `Gene: ${title}`,
      group: (title: string) => `Cells: ${title}`,
      cells: (title: string) => `Selected: ${title}`,
      order: (title: string) => title,
    },
    columns: {
      feature: 'Feature and top GO term',
      group: 'Top cell type',
      density: 'On in',
      q: 'q overall',
      stability: 'Stability',
      rank: 'Match',
    },
    columnHints: {
      feature: 'Sort by feature number. Hold Shift to add it as second key.',
      group: 'Sort by how well the feature tells its best cell type apart (AUROC). Hold Shift to add it as second key.',
      density: 'Sort by the share of cells in which it is on. Hold Shift to add it as second key.',
      q: 'Sort by the best term: share of false finds expected over all features and terms. Hold Shift to add it as second key.',
      stability: 'Sort by how well the feature returns in other seeds. Hold Shift to add it as second key.',
      rank: 'Sort by the match.',
    },
    noTerm: 'no term at q ≤ 0.05',
    notTested: 'not tested',
    notLinked: 'not linked yet',
    noGroup: 'no single type',
    auroc: (score: string) => `AUROC ${score}`,
    cells: (cells: string) => `on in ${cells} cells`,
    neverOn: 'never on',
    keys: [
      { key: '↑', after: '' },
      { key: '↓', after: 'next' },
      { key: '/', after: 'find' },
      { key: 'Enter', after: 'card' },
    ],
    copyRows: 'Copy these rows',
    copied: (rows: number) => `${plural(rows, 'row', 'rows')} copied.`,
    emptySearch: (text: string) => `No feature here has “${text}” in its name, best term, cell type or first genes.`,
    emptyFilter: (hidden: number) => `All ${count(hidden)} features are hidden by “Dead, rare hidden”.`,
    searchAll: (text: string) => `Search all genes and terms for “${text}”`,
    clearSearch: 'Clear the search',
    noMatch: (title: string) => `No feature goes with ${title}.`,
    matchTerm: (overlap: number, q: string) => `${plural(overlap, 'gene', 'genes')}, q ${q}`,
    matchGene: (rank: number, score: string) => `gene ${count(rank)}, AUROC ${score}`,
    matchOrder: (trend: string, steady: boolean) => `trend ${trend}${steady ? ', at every step' : ''}`,
    matchGroup: (score: string, f1: string) => `AUROC ${score}, F1 ${f1}`,
    tsvHead: [
      'feature',
      'name',
      'best_term_id',
      'best_term',
      'q_in_feature',
      'q_overall',
      'top_column',
      'top_cell_type',
      'auroc',
      'cells_on',
      'share_on',
      'flags',
    ],
  },

  map: {
    none: {
      title: 'This file brought no map of the cells',
      body: 'A two-dimensional map such as X_umap was not found. Lists, cards and cell types work without it.',
    },
    mapName: (name: string) => `Map ${name}`,
    colour: 'Colour',
    colourBy: 'Colour the map by',
    byLatent: (latent: number) => `Feature F${latent}`,
    byGene: (symbol: string) => `Gene ${symbol}`,
    latentGroup: 'Feature',
    geneGroup: 'Gene',
    columnGroup: 'Columns of the file',
    otherGene: 'Gene…',
    geneField: 'Gene symbol',
    geneShow: 'Show',
    off: 'off',
    notDetected: 'not found',
    missing: 'missing',
    other: 'other',
    atLeast: (end: string) => `≥ ${end}`,
    titleLatent: (latent: number) => `How strongly F${latent} is on`,
    titleGene: (symbol: string) => `Expression of ${symbol}`,
    readLatent: (latent: number, cells: string, share: string) =>
      `Map of cells, coloured by how strongly F${latent} is on. It is on in ${cells} cells (${share}).`,
    readGene: (symbol: string, cells: string) =>
      `Map of cells, coloured by the expression of ${symbol}, found in ${cells} cells.`,
    readColumn: (column: string) => `Map of cells, coloured by ${column}.`,
    zoomIn: 'Zoom in',
    zoomOut: 'Zoom out',
    fit: 'Show all cells',
    labels: 'Names of groups',
    activation: (value: string) => `activation ${value}`,
    offHere: 'off',
    tableGroup: 'Class',
    tableCells: 'Cells',
    showGroups: 'Show cell types and histogram',
  },

  groups: {
    title: 'By',
    choose: 'Group cells by',
    note: 'box: cells that are on',
    axis: 'activation',
    on: (share: string) => `${share} on`,
    tooltip: (group: { name: string; cells: string; on: string; median: string }) =>
      `${group.name}\n${group.cells} cells\non in ${group.on}\nmedian when on ${group.median}`,
    read: (latent: number, column: string, best: string) => `Activation of F${latent} by ${column}. On most often in ${best}.`,
    readNone: (latent: number, column: string) => `Activation of F${latent} by ${column}.`,
    none: 'This file has no groups of cells.',
    neverOn: (latent: number) => `F${latent} is off in every cell.`,
    more: (hidden: number) => `${plural(hidden, 'more group', 'more groups')} in the table`,
    histogram: 'Histogram',
    histogramAxis: 'activation when on',
    histogramRead: (latent: number) => `How the activations of F${latent} are spread where it is on.`,
    bar: (bar: { from: string; to: string; cells: string }) => `${bar.from} to ${bar.to}\n${bar.cells} cells`,
    offIn: (cells: string, share: string) => `off in ${cells} cells (${share})`,
    columns: { group: 'Group', cells: 'Cells', on: 'On', share: 'On in', median: 'Median when on', from: 'From', to: 'To' },
  },

  card: {
    rename: 'Rename',
    name: 'Name of this feature',
    namePlaceholder: 'Empty: the automatic name',
    save: 'Save',
    cancel: 'Cancel',
    automatic: 'automatic name',
    edited: 'named by you',
    previous: 'Previous feature',
    next: 'Next feature',
    choose: 'Choose a feature in the list.',
    loading: 'The card is being read.',
    neverOn: (latent: number): Part[] => [
      strong(`F${latent} is off in every cell.`),
      part(' It is counted as dead and not tested.'),
    ],
    onIn: (cells: string, share: string): Part[] => [part('On in '), strong(`${cells} cells (${share})`)],
    onInGenes: (genes: string, share: string): Part[] => [part('On in '), strong(`${genes} genes (${share})`)],
    genesAre: 'Its genes are largely those of ',
    heldOut: (f1: string) => ` (F1 ${f1} on genes held out). This is an association, not a proven function.`,
    noConcept: 'No term fits its genes well on genes held out.',
    tooFewGenes: (genes: number) => `On in ${plural(genes, 'gene', 'genes')}. Too few for a test against terms; here they are.`,
    almostAll: 'almost all',
    mostly: 'mostly',
    inPart: 'in part',
    ofGroup: (how: string, group: string): Part[] => [part(`, ${how} `), strong(group)],
    mixed: ', of no single cell type',
    genesWithTerms: 'The genes that go with it share ',
    annotatedTo: (terms: number) => (terms === 1 ? 'the annotation ' : 'the annotations '),
    noTerm: 'No term passes; the top genes are ',
    noGene: 'No gene is clearly higher where it is on.',
    association: 'This is an association, not a proven function.',
    dense: 'It is on in over half of the cells, so high is compared with low.',
    tooFew: (cells: number) => `On in ${plural(cells, 'cell', 'cells')}. Too few for gene statistics; here are the cells.`,
    cell: 'Cell',
    activation: 'Activation',
    cellsCaption: 'Cells in which it is on',
    trust: {
      label: 'How far this can be trusted',
      cells: 'On in',
      genesNote: (share: string) => `genes, ${share}`,
      cellsNote: (share: string) => `cells, ${share}`,
      f1: (score: string) => `F1 ${score}`,
      shuffled: 'Shuffled copies',
      shuffledValue: (withTerm: string, copies: string) => `${withTerm} of ${copies}`,
      shuffledNote: 'reached a term',
    },
  },

  genes: {
    title: 'Genes higher where it is on',
    lowerTitle: 'Genes lower where it is on',
    count: (all: number, shown: number) => (all > shown ? `${count(all)} ranked · top ${count(shown)}` : `${count(all)} ranked`),
    columns: {
      gene: 'Gene',
      auroc: 'AUROC',
      difference: 'log₂ diff.',
      cohen: 'd',
      active: 'on',
      reference: 'off',
      donors: 'donors',
    },
    wilcoxon: (score: string, q: string) => `Wilcoxon z ${score}, q ${q}`,
    welch: (t: string, q: string) => `Welch t ${t}, q ${q}`,
    agree: (agreeing: number, of: number) => `${agreeing}/${of}`,
    hints: {
      auroc: 'Chance that a cell with the feature on shows more of the gene than a cell without; 0.5 = none.',
      difference:
        'Difference of means on the log₂ scale between cells with the feature on and matched cells without. A dash: the values are scaled, so there is no such difference.',
      cohen: 'Cohen’s d: difference of means in standard deviations; 0.8 is called large.',
      donors: 'Donors in whom the gene differs in the same direction, of all with enough cells.',
      active: 'Share of cells with the feature on in which the gene was found.',
      reference: 'Share of matched cells without the feature in which the gene was found.',
    },
    colourBy: (symbol: string) => `Colour the map by ${symbol}`,
    copy: 'Copy the gene table',
    copied: 'Gene table copied.',
    showAll: (all: number) => `Show all ${count(all)}`,
    showFewer: 'Show fewer',
    none: 'No gene passes the effect floor.',
    noExpression:
      'This project has no gene expression, so features cannot be linked to genes. Start a new project from a file that holds expression too.',
    tsvHead: [
      'gene',
      'auroc',
      'log2_difference',
      'detected_active',
      'detected_reference',
      'cohens_d',
      'wilcoxon_z',
      'wilcoxon_q',
      'welch_t',
      'welch_q',
      'donors_agreeing',
    ],
  },

  link: {
    title: 'Not linked yet',
    body: (aspect: Aspect) =>
      `Linking ranks the genes of every feature and tests them against the ${aspectWords[aspect]} of the Gene Ontology.`,
    action: 'Link to genes and terms',
    actionAspect: (aspect: Aspect) => `Link to ${aspectWords[aspect]}`,
    running: (phase: string) => (phase === '' ? 'Linking features to genes and terms' : phase),
    withThese: 'Link with these',
    progress: (step: number, of: number) => (of > 0 ? `${Math.floor((100 * step) / of)}%` : ''),
    cancel: 'Cancel',
  },

  terms: {
    title: 'Gene Ontology terms',
    aspect: 'Part of the Gene Ontology',
    shown: (significant: number) =>
      significant === 0 ? 'none passes both q' : `${plural(significant, 'term passes', 'terms pass')} both q`,
    columns: { term: 'Term', overlap: 'overlap', fold: 'fold', qLatent: 'q here', qOverall: 'q overall', genes: 'genes' },
    hints: {
      overlap: 'Genes of the list that belong to the term, of all background genes of the term.',
      fold: 'How many times more genes of the term than expected.',
      qLatent: 'q in this feature: share of false finds expected among results at least this good in this feature.',
      qOverall: 'q overall: the same over all features and terms. Bold when both are at most 0.05.',
    },
    expand: (name: string) => `Show the genes of ${name}`,
    collapse: (name: string) => `Hide the genes of ${name}`,
    inBoth: (overlap: number) => `${plural(overlap, 'gene', 'genes')} of the list in this term:`,
    qMeaning: (q: string, inThousand: string) => `q ${q}: ${inThousand} in 1,000 such finds are expected to be false.`,
    about: (number: string) => `about ${number}`,
    fewerThanOne: 'fewer than 1',
    more: (hidden: number) => `+${hidden}`,
    showAll: (all: number) => `Show all ${count(all)} tested best`,
    showFewer: 'Show fewer',
    none: 'No term has three or more genes of this list.',
    nothing: 'No term was found for this list of genes.',
    copy: 'Copy the term table',
    copied: 'Term table copied.',
    chance: 'Chance check:',
    chanceBody: (withTerm: string, copies: string, background: string, kind: string) =>
      ` ${withTerm} of ${copies} shuffled copies reached any term. Background ${background} ${kind} genes.`,
    noChance: (background: string, kind: string) => ` not run. Background ${background} ${kind} genes.`,
    family: (study: string, terms: string, latents: string) =>
      `${study} genes tested against ${terms} terms, over ${latents} features.`,
    smallList: (background: string) =>
      `Terms are tested relative to the ${background} genes measured here. With so few, broad programmes can be missed or look weaker than they are.`,
    olderRelease: (ontology: string, annotations: string) =>
      `These links rest on another release than the one installed now (ontology ${ontology}, annotations ${annotations}). Link again to renew them; these stay.`,
    rules: (preset: string, method: string) => `By the rules of ${preset}, ${method}.`,
    otherBackground: (kind: string, significant: number) =>
      `With ${kind === 'annotated' ? 'only those genes that have a term' : `${kind} genes`} as background ${plural(significant, 'term passes', 'terms pass')}.`,
    ubiquitous: 'common',
    ubiquitousWhy: 'Passes in more than a fifth of the features: it says little about this one.',
    followersWhy: 'Further terms that speak of the same genes.',
    release: (date: string) => `Gene Ontology ${date}`,
    outdated: (date: string) => `Gene Ontology ${date} is older than two years; newer links are missing.`,
    notTested: (why: string) => `Not tested: ${why}`,
    tsvHead: [
      'term',
      'name',
      'overlap',
      'term_size',
      'study_size',
      'background_size',
      'fold',
      'p',
      'q_in_feature',
      'q_overall',
      'genes',
    ],
  },

  cellGroups: {
    title: 'Cell groups',
    columns: { value: 'Group', auroc: 'AUROC', precision: 'precision', recall: 'recall', f1: 'F1', fold: 'fold', q: 'q' },
    small: (group: string, cells: number) => `${group}: only ${plural(cells, 'cell', 'cells')}, too few to rely on.`,
    information: (bits: string) => `Mutual information ${bits} bits.`,
    hints: {
      auroc: 'Chance that a cell of the group has a higher activation than a cell outside; 0.5 = none.',
      precision: 'Share of the cells in which the feature is on that belong to the group.',
      recall: 'Share of the cells of the group in which the feature is on.',
      f1: 'Balance of precision and recall.',
      fold: 'Precision, divided by the share of all cells in the group.',
      q: 'Share of false finds expected among groups at least this over-represented, over all features. Cells are not replicates: read the effect first.',
    },
    none: 'This file has no groups of cells.',
  },

  similar: {
    title: 'Similar features',
    hint: 'Cosine of the decoder rows: 1 = same direction.',
    none: 'No feature points in a similar direction.',
    open: (latent: number) => `Open F${latent}`,
  },

  export: {
    label: 'Export a table',
    latents: 'Features, one row each',
    genes: 'Genes of all features',
    terms: 'GO terms of all features',
    activations: 'Activations of all cells',
    file: (what: string, run: number) => `run-${run}-${what}.csv`,
    done: (files: number) => `${plural(files, 'file', 'files')} written.`,
    show: 'Show in folder',
  },
} as const
