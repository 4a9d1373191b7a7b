// Every word of the Concepts page.
import type { Aspect, ConceptKind, ConceptOrder } from '@contract'
import { count, plural } from './format'

export const conceptsText = {
  page: 'Concepts',
  kinds: { term: 'Terms', gene: 'Genes', group: 'Cell types' } satisfies Record<ConceptKind, string>,
  kindsLabel: 'What to list',
  aspects: { BP: 'Process', MF: 'Function', CC: 'Component' } satisfies Record<Aspect, string>,
  aspectLabel: 'Part of the Gene Ontology',
  search: {
    term: 'Find a term by name or id',
    gene: 'Find a gene',
    group: 'Find a cell type or group',
  } satisfies Record<ConceptKind, string>,
  carriedOnly: 'Only those a feature goes with',
  counter: (shown: number, all: number) => `${count(shown)} of ${count(all)}`,
  /** Right end of a line of the list. */
  note: (size: number | null, features: number) =>
    `${size === null ? '' : `${plural(size, 'gene', 'genes')} · `}${plural(features, 'feature', 'features')}`,
  /** What a line means, on hover. */
  line: (name: string, best: number, q: string | null, auroc: string) =>
    `${name}: best in F${best}, ${q === null ? `AUROC ${auroc}` : `q overall ${q}`}`,
  hints: {
    latents: {
      term: 'Genes of the term in the background; features in which it passes both q at 0.05 on three or more genes.',
      gene: 'Features that have the gene among their stored best ones.',
      group: 'Features with AUROC of at least 0.8 for the group.',
    } satisfies Record<ConceptKind, string>,
  },
  filters: {
    title: 'Filters',
    reset: 'Reset',
    sizes: 'Genes per term',
    sizesWhy: 'Genes of the background in the term. Small terms say little, large ones are vague.',
    least: 'At least this many genes per term',
    most: 'At most this many genes per term',
    q: 'q overall at most',
    qWhy: 'Share of false finds expected among results at least this good, over all features and terms.',
    ubiquitous: 'Hide terms found in over 20% of features',
    ubiquitousWhy: 'A term that passes in more than a fifth of the tested features says little about one of them.',
  },
  map: {
    title: {
      term: 'Terms and features',
      gene: 'Genes and features',
      group: 'Cell types and features',
    } satisfies Record<ConceptKind, string>,
    caption: (kind: ConceptKind, shown: number, all: number, features: number) => {
      const [one, many] = { term: ['term', 'terms'], gene: ['gene', 'genes'], group: ['group', 'groups'] }[kind] as [
        string,
        string,
      ]
      const best = shown < all ? `${count(shown)} best of ${plural(all, one, many)}` : plural(all, one, many)
      return `${best} × ${plural(features, 'feature', 'features')}`
    },
    order: 'Order of the axes',
    orders: { cluster: 'Similar ones together', ontology: 'By ontology', group: 'By cell type' } satisfies Record<
      ConceptOrder,
      string
    >,
    feature: (id: number, name: string | null) => (name === null ? `F${id}` : `F${id} ${name}`),
    cell: (it: {
      name: string
      feature: string
      q: string
      qHere: string
      genes: string
      fold: string
      names: readonly string[]
      more: number
    }) =>
      [
        it.name,
        it.feature,
        `q overall ${it.q}, q here ${it.qHere}`,
        `${it.genes} genes, ${it.fold} expected`,
        `${it.names.join(', ')}${it.more > 0 ? ` and ${count(it.more)} more` : ''}`,
      ].join('\n'),
    auroc: (name: string, feature: string, auroc: string) => `${name}\n${feature}\nAUROC ${auroc}`,
    noLink: (name: string, feature: string, measure: 'q' | 'auroc') =>
      `${name}\n${feature}\n${measure === 'q' ? 'No link at this q.' : 'Not among the best.'}`,
    keysHint: 'Arrow keys move from cell to cell, Enter chooses, T shows the table.',
    measure: { q: 'q overall', auroc: 'AUROC' },
    legend: { q: 'none … 10⁻²⁰ and below', auroc: 'not among the best … 0.95 and above' },
    keys: {
      q: { title: 'q overall', off: 'not significant', ticks: ['0.05', '10⁻⁵', '10⁻²⁰'] },
      auroc: { title: 'AUROC', off: 'not among the best', ticks: ['0.5', '0.8', '0.95'] },
    },
    carrying: (some: number, all: number) => `${count(some)} of ${count(all)}`,
    carry: 'features carry a term',
    shuffled: '· shuffled:',
    columns: {
      id: 'Id',
      name: { term: 'Term', gene: 'Gene', group: 'Group' } satisfies Record<ConceptKind, string>,
      feature: 'Feature',
      q: 'q overall',
      qHere: 'q here',
      auroc: 'AUROC',
      overlap: 'Shared genes',
      size: 'Genes of the term',
      fold: 'Fold',
    },
    file: { term: 'terms-and-features', gene: 'genes-and-features', group: 'cell-types-and-features' } satisfies Record<
      ConceptKind,
      string
    >,
    empty: {
      title: 'Nothing to draw',
      body: {
        term: 'No term passes with these filters. Allow a greater q or more genes per term.',
        gene: 'No gene is higher where a feature is on.',
        group: 'No feature tells a group of cells at AUROC 0.8.',
      } satisfies Record<ConceptKind, string>,
    },
  },
  path: {
    title: 'Path in the ontology',
    tools: 'Tools of the path',
    noRelations: 'no relations',
    none: 'These sets of genes stand side by side: they have no relations, or their ontology is no longer installed.',
    meaning: ({ id, relation, latents }: { id: string; relation: string | null; latents: number | null }) =>
      [
        id,
        relation === null
          ? 'top of its part of the ontology'
          : `${relation === 'other' ? 'another relation' : relation} to the term above`,
        latents === null ? 'not tested' : `carried by ${plural(latents, 'feature', 'features')}`,
      ].join(' · '),
    figureTitle: (ontology: string) => `Path in ${ontology}`,
    figure: {
      alsoUnder: (name: string) => `also under: ${name}`,
      features: (features: number | null) => (features === null ? '' : plural(features, 'feature', 'features')),
      columns: { place: 'Place', id: 'Id', name: 'Term', relation: 'Relation', features: 'Features' },
      places: { above: 'above', term: 'the term', other: 'also under', below: 'child' },
    },
  },
  genes: {
    title: 'Genes of the term',
    auroc: (latent: number) => `AUROC in F${latent}`,
    aurocWhy: 'Chance that a cell with the feature on shows more of the gene than a cell without; 0.5 = none.',
    inList: (inside: number, outside: number) => `${count(inside)} in list, ${count(outside)} not`,
    tooltip: (gene: string, auroc: string) => `${gene}\nAUROC ${auroc}`,
    read: (term: string, latent: number) => `Genes of ${term} among the best of F${latent}, by AUROC`,
    file: (latent: number) => `genes-of-the-term-F${latent}`,
    columns: { gene: 'Gene', auroc: 'AUROC' },
    none: 'The genes behind this link are not stored with their AUROC.',
    twin: (shared: string, of: string, term: string) =>
      `${shared} of the ${of} genes also drive “${term}”. Read the two terms as one finding.`,
  },
  chips: {
    background: (genes: number) => ({
      words: `${count(genes)} in background`,
      why: 'Genes of the term among those that were tested.',
    }),
    annotated: (genes: number) => ({
      words: `${count(genes)} in all`,
      why: 'Genes annotated to the term in the whole ontology.',
    }),
    absent: (genes: number) => ({ words: `${count(genes)} absent or rare`, why: 'Not in these data, or seen in too few cells.' }),
  },
  common: 'common',
  close: 'Close the card',
  pick: 'Choose a line to see the features that go with it.',
  carry: { term: 'Features that carry it', gene: 'Features it is high in', group: 'Features of these cells' } satisfies Record<
    ConceptKind,
    string
  >,
  overlap: (overlap: number, size: number) => `${count(overlap)}/${count(size)}`,
  matchColumns: {
    feature: 'Feature',
    overlap: 'Genes',
    qLatent: 'q here',
    qOverall: 'q overall',
    rank: 'Rank',
    auroc: 'AUROC',
    precision: 'Precision',
    recall: 'Recall',
    f1: 'F1',
  },
  matchHints: {
    overlap: 'Genes of the feature in the term, of those the term has.',
    qLatent: 'Share of false finds expected among terms at least this good in this feature.',
    qOverall: 'Share of false finds expected over all features and terms.',
    rank: 'Place of the gene among those of the feature.',
    auroc: 'Chance that one of the two cells has the higher value; 0.5 = none.',
    precision: 'Share of cells with the feature on that belong to the group.',
    recall: 'Share of the group in which the feature is on.',
    f1: 'Balance of precision and recall.',
  },
  noneAtQ: (q: string) => `No feature carries this term at q ≤ 0.05. The best has q overall ${q}.`,
  openLatent: (latent: number) => `Open F${latent}`,
  pickLatent: (latent: number, name: string) => `Show the genes of F${latent} ${name}`.trimEnd(),
  listAll: (features: number) => `Show ${plural(features, 'feature', 'features')} in the list`,
  nothing: (words: string) => `Nothing here has “${words}” in its name.`,
  nothingCarried: 'No feature goes with any of these.',
  showAll: 'Show all',
  empty: {
    noProject: 'Open a project to see its concepts.',
    noRun: { title: 'No features yet', body: 'Concepts are found in the features of a trained model.', action: 'Go to Train' },
    notLinked: {
      title: 'Not linked yet',
      body: 'Linking finds which genes and terms go with each feature. Cell types need no linking.',
      action: 'Go to Features',
    },
  },
} as const
