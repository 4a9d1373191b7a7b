// Words of linking: what may be chosen and what each choice means, stored results, the library of ontologies, methods.
import type { Aspect, LinkMethod, LinkRequest, NullKind, Preset, Relations } from '@contract'
import { count, plural } from './format'

type Option = readonly [title: string, meaning: string]

const aspects: Record<Aspect, string> = { BP: 'Process', MF: 'Function', CC: 'Component' }

export const linkingText = {
  title: 'Link to genes and terms',
  intro: (run: number) => `Which terms go with the features of run ${run}, by which rules. Every result is kept.`,
  introGenes: (run: number) =>
    `Which terms the features of run ${run} stand for. Rows are genes here, so the genes in which a feature is on are tested directly.`,
  tabs: {
    label: 'Linking',
    new: 'Link',
    stored: (stored: number) => (stored === 0 ? 'Stored results' : `Stored results (${stored})`),
  },
  open: 'Rules, backgrounds, ontologies…',
  again: 'Link again by other rules…',
  results: 'Stored results…',
  action: (aspect: string) => `Link to ${aspect}`,
  busy: 'Linking is running.',
  reset: 'Reset to recommended',
  recommended: 'Recommended settings',
  aspect: 'Part',
  aspectMeanings: {
    BP: 'What genes do together, such as an immune response.',
    MF: 'What one gene product does, such as binding a receptor.',
    CC: 'Where it does it, such as the ribosome.',
  } satisfies Record<Aspect, string>,
  aspectSets: 'Sets without parts are tested whole; the result is kept under this part.',
  aspects,

  labels: {
    ontology: 'Test against',
    preset: 'Rules of',
    method: 'Test',
    background: 'Background',
    evidence: 'Annotations',
    relations: 'Carried up over',
    studySize: 'Best genes',
    termSize: 'Size of terms',
    null: 'Shuffled within',
    shuffles: 'Shuffled copies',
  },
  builtIn: (release: string) => `Gene Ontology ${release}, human (built in)`,
  ontology: (name: string, release: string, species: string | null) =>
    [name, release, species].filter((each) => each !== null && each !== '').join(' · '),
  fromFiles: 'Files, without installing…',
  ontologyMeanings: {
    builtIn: 'Terms and annotations that come with Latiscope.',
    files: 'Gene sets (GMT) alone, or annotations with an OBO file or with the built-in terms.',
    installed: (terms: number, genes: number) => `${count(terms)} terms, ${count(genes)} genes.`,
    old: 'Older than two years.',
  },
  library: 'Library…',
  presets: {
    latiscope: ['Latiscope', 'Full family of terms, two q values, shuffled copies beside them.'],
    goatools: ['GOATOOLS', 'Fisher’s exact test and Benjamini–Hochberg as GOATOOLS does.'],
    gseapy: ['GSEApy (Enrichr)', 'Hypergeometric test and combined score as gseapy.enrichr.'],
    clusterprofiler: ['clusterProfiler', 'enrichGO: terms of 10 to 500 genes, Benjamini–Hochberg.'],
    scfeaturelens: ['scFeatureLens, as published', 'No correction for the number of terms; to compare with the paper only.'],
  } satisfies Record<Preset, Option>,
  methods: {
    ora: ['List of best genes', 'Are more of the feature’s best genes in the term than expected?'],
    camera: ['Ranks, corrected (camera)', 'Do the genes of the term rank high, allowing for their correlation?'],
    auroc: ['Ranks (AUROC)', 'Do the genes of the term rank high, allowing for how they rise and fall together here?'],
    gsea: ['Running sum (GSEA)', 'Do the genes of the term gather at the top of the ranking?'],
  } satisfies Record<LinkMethod, Option>,
  backgrounds: {
    detected: ['Genes seen in the data', 'Only genes that could have been found. Recommended.'],
    annotated: [
      'Genes seen in the data that have a term',
      'Leaves genes without any term out, as g:Profiler and clusterProfiler do.',
    ],
    file: ['A list of mine…', 'One gene per line, for example those of a panel.'],
  } satisfies Record<LinkRequest['background'], Option>,
  evidences: {
    all: ['All', 'Also those made by computer without a look by a curator (IEA).'],
    'no-iea': ['Without electronic ones', 'Only annotations a curator looked at.'],
    experimental: ['From experiments only', 'Far fewer genes; what is left is safest.'],
  } satisfies Record<LinkRequest['evidence'], Option>,
  noEvidence: 'These annotations carry no evidence codes, so this has no effect.',
  relations: {
    '': ['As usual for the rules', 'is_a and part_of, unless the tool does it otherwise.'],
    'is_a,part_of': ['is_a and part_of', 'A gene of a term also belongs to what the term is part of.'],
    is_a: ['is_a only', 'A gene of a term also belongs to the more general terms.'],
    none: ['None', 'Only annotations made to the very term.'],
    all: ['Every relation', 'Also regulates: genes that regulate a process count as its genes.'],
  } satisfies Record<Relations | '', Option>,
  nulls: {
    donor: ['Donor or batch', 'Copies keep how often a feature is on in each donor.'],
    type: ['Cell type (strict)', 'Copies also keep the cell types: what is left is more than cell type.'],
  } satisfies Record<NullKind, Option>,
  shufflesMeaning: (most: number) =>
    `0 to ${count(most)}. With 20, nothing rarer than one in twenty can be seen; more copies take longer.`,
  studySizes: {
    usual: 'As usual',
    other: (genes: number) => `At most ${count(genes)}`,
    meaning: 'Genes on the list of a feature: usually the 100 best, in a small background the best 4 %.',
    ranksOnly: 'A test by ranks takes all genes.',
  },
  termSizes: {
    other: (least: number, most: number) => `${count(least)} to ${count(most)} genes`,
    meaning:
      'How many genes of the background a term may have. Small terms are precise, large ones general; all of them are tested.',
  },
  sizesFixed: 'The rules of this tool fix it.',
  listTestOnly: 'Only the list test follows the rules of another tool.',
  genesOnly: 'Rows are genes, so there are no cells to rank genes by.',
  orthologs: 'Go through one-to-one human orthologs',
  orthologsMeaning:
    'Your genes are those of the mouse, the annotations human; genes without exactly one human counterpart are left out.',
  files: {
    obo: ['Terms (OBO)', 'Left out: the built-in GO terms.'],
    associations: ['Annotations', 'GAF, gene2go or a table of genes and terms.'],
    gmt: ['Gene sets (GMT)', 'Sets as from MSigDB or Reactome; used alone.'],
    genes: ['Background genes', 'One gene per line.'],
  } satisfies Record<string, Option>,
  choose: 'Choose…',
  chooseLabel: (what: string) => `Choose a file: ${what}`,
  remove: (name: string) => `Leave out ${name}`,
  none: 'none',
  missing: {
    background: 'Choose the list of background genes first.',
    sets: 'Choose annotations or gene sets first.',
  },

  stored: {
    none: 'No result yet. Linking stores the first one.',
    shown: 'shown',
    show: 'Show',
    outdated: 'older release',
    outdatedWhy: 'Made with another release than the one installed now. It stays as it was; link again for a new one.',
    rules: (preset: Preset, method: LinkMethod): string =>
      preset === 'latiscope'
        ? linkingText.methods[method][0]
        : `${linkingText.presets[preset][0]}: ${linkingText.methods[method][0].toLowerCase()}`,
    result: (latents: string, tested: string) => `${latents} of ${tested} features`,
    resultNote: 'carry a term (both q ≤ 0.05)',
    copies: (withTerm: string, copies: string) => `${withTerm} of ${copies} copies`,
    noCopies: 'not run',
    copiesNote: (within: string) => `shuffled within ${within}, reached a term`,
    published: (latents: string) => `${latents} features by the tool’s own rule`,
    concepts: (confirmed: number, chosen: number, least: string) =>
      `${plural(confirmed, 'feature has', 'features have')} a concept above F1 ${least} on genes held out (${count(chosen)} where it was chosen).`,
    conceptsNull: (confirmed: number, chosen: number) => `Shuffled: ${count(confirmed)} (${count(chosen)}).`,
    restsOn: 'Rests on',
    facts: (facts: { terms: string; background: string; kind: string; evidence: string }) =>
      `${facts.terms} terms · background ${facts.background} ${facts.kind} genes · annotations: ${facts.evidence}`,
    orthologs: (pairs: string, release: string) => `through ${pairs} one-to-one orthologs (${release})`,
    backgrounds: 'With another background',
    backgroundColumns: {
      kind: 'background',
      genes: 'genes',
      latents: 'features with a term',
      pairs: 'links',
      gained: 'only here',
      lost: 'lost here',
    },
    chance: 'Found and expected by chance',
    chanceColumns: { q: 'q here at most', found: 'found', expected: 'by chance', rate: 'false share' },
  },
} as const

export const libraryText = {
  title: 'Ontologies',
  intro: 'What features can be linked to. Several releases may stand side by side; results keep the one they were made with.',
  command: 'Ontologies…',
  kinds: { go: 'Gene Ontology', terms: 'terms', sets: 'gene sets' },
  builtIn: 'built in',
  old: 'older than two years',
  species: 'Species',
  unknownSpecies: 'species not said',
  release: (release: string, annotations: string) =>
    [release && `terms ${release}`, annotations && `annotations ${annotations}`].filter(Boolean).join(' · ') ||
    'no release date in its files',
  size: (terms: number, genes: number) => `${plural(terms, 'term', 'terms')} · ${plural(genes, 'gene', 'genes')}`,
  licence: (licence: string) => (licence === '' ? 'Licence not said' : `Licence: ${licence}`),
  noEvidence: 'no evidence codes',
  checksum: (checksum: string) => `SHA-256 ${checksum}`,
  remove: 'Remove',
  removeOf: (name: string) => `Remove ${name}`,
  sure: 'Results made with it stay. Remove it?',
  keep: 'Keep',
  add: 'Install from files',
  name: 'Name',
  namePlaceholder: 'As the file',
  speciesPlaceholder: 'Found out from the genes',
  licencePlaceholder: 'Where the files do not say',
  licenceLabel: 'Licence',
  taxon: 'NCBI taxon',
  taxonPlaceholder: 'For files of many species, e.g. 10090',
  install: 'Install',
  installing: 'Reading the files…',
  needs: 'Choose annotations or gene sets.',
  done: (name: string, terms: number, genes: number) =>
    `${name} is installed: ${plural(terms, 'term', 'terms')}, ${plural(genes, 'gene', 'genes')}.`,
} as const

/** Direct links: rows are genes or proteins. */
export const conceptText = {
  title: 'Concepts',
  columns: {
    term: 'Term',
    threshold: 'on above',
    chosen: 'F1 chosen',
    heldOut: 'F1 held out',
    precision: 'precision',
    recall: 'recall',
  },
  hints: {
    threshold: 'Share of the strongest activation from which on a gene counts as on.',
    chosen:
      'Balance of precision and recall on the half of the genes on which term and threshold were chosen. Too good by nature.',
    heldOut: 'The same on the other half of the genes: this is the number to believe.',
    precision: 'Held out: share of the genes that are on which belong to the term.',
    recall: 'Held out: share of the genes of the term that are on.',
  },
  none: 'No term of the ontology fits these genes.',
  confirmed: (confirmed: number, least: string) => `${plural(confirmed, 'holds', 'hold')} on genes held out (F1 above ${least})`,
  genes: 'Genes in which it is most strongly on',
  geneColumns: { gene: 'Gene', row: 'Row', activation: 'Activation' },
  unknown: 'no known gene',
  showAll: (all: number) => `Show ${count(all)}`,
  showFewer: 'Show fewer',
} as const

export const cellSelectionText = {
  lasso: 'Select cells: draw around them',
  select: 'Select cells by value…',
  title: 'Select cells',
  intro: 'Which features tell these cells from all others?',
  column: 'Column',
  values: 'Values',
  find: 'Find features',
  cells: (cells: number) => plural(cells, 'cell', 'cells'),
  selected: (cells: number) => `${plural(cells, 'cell', 'cells')} selected`,
  selectedOf: (cells: string, of: string) => `${cells} of ${of} cells`,
  on: 'Features on here',
  clear: 'Clear the selection',
  none: 'No cell lies inside.',
  byLasso: (cells: number) => plural(cells, 'cell', 'cells'),
  noColumns: 'This file has no groups of cells.',
  fromFile: 'List of cell names…',
  unknown: (names: number, examples: string) => `${plural(names, 'name is', 'names are')} no cell of this project (${examples}).`,
  hint: 'Without a mouse: “Select cells by value”.',
} as const

/** Features along groups of cells in an order, as stem cell, progenitor, mature cell. */
export const orderText = {
  open: 'Order…',
  title: 'Features along an order of groups',
  intro:
    'Put groups of cells in an order, as from stem cell to mature cell: which features rise or fall along it? Cells are no replicates, and the order is yours: this describes, it proves no development.',
  column: 'Column',
  groups: 'Groups, in any order',
  add: (group: string) => `Add ${group} at the end`,
  order: 'Order',
  none: 'Choose groups one after the other, the first one first.',
  remove: (group: string) => `Take ${group} out of the order`,
  rising: 'Rising',
  falling: 'Falling',
  direction: 'Direction',
  find: 'Find features',
  needs: 'At least two groups.',
  /** The filter of the list that follows. */
  found: (direction: 'rising' | 'falling', groups: readonly string[]) =>
    `${direction === 'rising' ? 'Rising' : 'Falling'}: ${groups.join(' → ')}`,
} as const
