// Every word of the Concepts page.
import type { Aspect, ConceptKind } from '@contract'
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
  columns: {
    name: { term: 'Term', gene: 'Gene', group: 'Group' } satisfies Record<ConceptKind, string>,
    size: { term: 'Genes', gene: '', group: '' } satisfies Record<ConceptKind, string>,
    latents: 'Features',
    q: 'Best q overall',
    auroc: { term: 'Cell type', gene: 'Best AUROC', group: 'Best AUROC' } satisfies Record<ConceptKind, string>,
    f1: 'F1',
    best: 'Best feature',
  },
  hints: {
    latents: {
      term: 'Features in which the term passes both q at 0.05 on three or more genes.',
      gene: 'Features that have the gene among their stored best ones.',
      group: 'Features with AUROC of at least 0.8 for the group.',
    } satisfies Record<ConceptKind, string>,
    q: 'Share of false finds expected over all features and terms, in the best feature.',
    auroc: {
      term: 'AUROC of the best feature for its top cell type; 0.5 = tells nothing apart.',
      gene: 'Chance that a cell with the best feature on shows more of the gene; 0.5 = none.',
      group: 'Chance that a cell of the group has the higher activation; 0.5 = none.',
    } satisfies Record<ConceptKind, string>,
    f1: 'Balance of precision and recall of the best feature.',
    size: 'Genes of the term in the background.',
  },
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
  noneAtQ: (q: string) => `No feature carries this term at q ≤ 0.05. The best has q overall ${q}.`,
  openLatent: (latent: number) => `Open F${latent}`,
  listAll: (features: number) => `Show ${plural(features, 'feature', 'features')} in the list`,
  nothing: (words: string) => `Nothing here has “${words}” in its name.`,
  nothingCarried: 'No feature goes with any of these.',
  showAll: 'Show all',
  genesOfTerm: 'genes in the background',
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
