// Words for the flags of a feature: what each means, and what it rests on in the open data.
import type { LatentCard } from '@contract'
import { fixed, percent } from './format'

export const flags: Record<string, string> = {
  dead: 'dead',
  rare: 'rare',
  dense: 'dense',
  donor: 'donor',
  batch: 'batch',
  depth: 'depth',
  ribosomal: 'ribosomal',
  mitochondrial: 'mitochondrial',
  'mito-share': 'mito share',
  doublet: 'doublet-like',
  haemoglobin: 'haemoglobin',
  'cell-cycle': 'cell cycle',
  stress: 'stress',
  hla: 'HLA',
  sex: 'sex',
}
export const flagHints: Record<string, string> = {
  dead: 'Off in every cell. Not tested, but counted.',
  rare: 'On in fewer than 20 cells: too few for gene statistics.',
  dense: 'On in over half of the cells; often sequencing depth or ribosomal genes.',
  depth:
    'It rises or falls with what was sequenced of a cell (counts, genes found), compared within cell types where they are known.',
  'mito-share': 'It rises or falls with the mitochondrial share of a cell.',
  doublet: 'Its cells look like two cells in one: a high doublet score, or the counts of two cells and a mixture of two types.',
  donor: 'Over 80 % of its strength lies in one donor, who gave under 40 % of the cells.',
  batch: 'Over 80 % of its strength lies in one batch, which holds under 40 % of the cells.',
  ribosomal: 'More than half of its 20 best genes code for ribosomal proteins (RPL, RPS).',
  mitochondrial: 'More than half of its 20 best genes lie on the mitochondrial genome (MT-).',
  haemoglobin: 'At least 3 of its 10 best genes are haemoglobins: often free RNA of red cells.',
  'cell-cycle': 'More than half of its 20 best genes belong to the cell cycle.',
  stress: 'At least 5 of its 10 best genes answer stress or handling (FOS, JUN, heat shock).',
  hla: 'At least 5 of its 10 best genes are HLA genes, which differ between people.',
  sex: 'At least 2 of its 5 best genes lie on a sex chromosome (XIST, RPS4Y1): it may tell donors apart.',
}

export type FlagEvidence = LatentCard['flagEvidence'][number]
/** What was found behind a flag, in one sentence. */
export const flagFindings: Record<string, (found: FlagEvidence) => string> = {
  depth: ({ source, value }) => `Here: rank correlation ${fixed(value, 2)} with ${source}.`,
  'mito-share': ({ source, value }) => `Here: rank correlation ${fixed(value, 2)} with ${source}.`,
  doublet: ({ source }) => `Here: ${source}.`,
  donor: ({ source, value }) => `Here: ${percent(value, 0)} in ${source}.`,
  batch: ({ source, value }) => `Here: ${percent(value, 0)} in ${source}.`,
  ribosomal: ({ source, value }) => `Here: ${percent(value, 0)} of the ${source}.`,
  mitochondrial: ({ source, value }) => `Here: ${percent(value, 0)} of the ${source}.`,
  haemoglobin: ({ source, value }) => `Here: ${percent(value, 0)} of the ${source}.`,
  'cell-cycle': ({ source, value }) => `Here: ${percent(value, 0)} of the ${source}.`,
  stress: ({ source, value }) => `Here: ${percent(value, 0)} of the ${source}.`,
  hla: ({ source, value }) => `Here: ${percent(value, 0)} of the ${source}.`,
  sex: ({ source, value }) => `Here: ${percent(value, 0)} of the ${source}.`,
}
