// Words of the evidence in a feature's card beyond genes and terms: numbers, names, associations.

export const evidenceText = {
  numbers: {
    title: 'Numbers of the cells',
    columns: { column: 'Column', auroc: 'AUROC', spearman: 'all cells', active: 'on cells' },
    hints: {
      auroc: 'Chance that a cell with the feature on has the higher number; 0.5 = none.',
      spearman: 'Rank correlation of activation and number over all cells.',
      active: 'The same among the cells in which the feature is on.',
    },
    breadth: { local: 'Local:', regional: 'Regional:', global: 'Global:' },
    breadthWhy: 'Over how many groups of cells the feature spreads, by effect size.',
    spread: (marked: readonly string[], effective: string, column: string) =>
      marked.length > 0
        ? `clearly stronger in ${marked.join(', ')}; spread over about ${effective} groups of ${column}.`
        : `no group of ${column} stands out; spread over about ${effective}.`,
  },

  proposal: {
    proposed: 'Proposed:',
    rejected: 'Turned down:',
    grades: { strong: 'strong', moderate: 'moderate', weak: 'weak' },
    gradeWhy: 'How well the evidence supports this name, by a fixed rule.',
    accept: 'Take this name',
    reject: 'Not this name',
    history: 'History of the name',
    noHistory: 'No decision yet.',
    actions: { edited: 'named', cleared: 'name removed', accepted: 'taken', rejected: 'turned down' },
  },

  association: {
    title: 'Genes over all cells',
    action: 'Compare with all genes',
    why: 'Correlates every feature with every gene over all cells, in the background.',
    columns: { gene: 'Gene', spearman: 'Spearman', pearson: 'Pearson', auroc: 'AUROC', partial: 'Given counts' },
    hints: {
      spearman: 'Rank correlation of activation and expression over all cells.',
      pearson: 'Linear correlation of activation and expression over all cells.',
      auroc: 'Chance that a cell with the feature on shows more of the gene than one without; 0.5 = none.',
      partial: 'Spearman with the depth of the cells (counts per cell) taken out.',
    },
    within: 'In batches',
    withinHint: (column: string) => `Spearman with the differences between the values of ${column} taken out.`,
    decoder: 'What the model adds where it is on:',
  },
} as const
