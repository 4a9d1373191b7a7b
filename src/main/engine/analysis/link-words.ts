// What a linking says about itself in sentences: what chance does, what is doubtful, how p values of genes are to be read.
import type { LinkMethod, LinkReport } from '@contract'
import { presetRules } from '../../science/enrichment-presets'
import type { LinkResult } from '../../science/link'
import { studyLimit } from '../../science/study-list'
import type { LinkingSettings } from '../store/linkings'

export const geneNote =
  'These cells were chosen by the feature that is tested, so p and q describe how far the groups differ; they are no evidence that they differ.'

export const rowNote =
  'Rows are genes here: terms were tested on the genes this feature is on in, against all genes among the rows. No expression takes part.'

const methodWarnings: Readonly<Record<LinkMethod, readonly string[]>> = {
  ora: [],
  camera: [
    'camera allows for a correlation of 0.01 between the genes of a term; real terms are more alike, so small p values are too frequent. Compare with the shuffled copies.',
  ],
  auroc: [
    'The variance of the rank test is widened by how far the genes of a term rise and fall together in these cells, so its p values are larger than those of a plain Mann–Whitney test.',
  ],
  gsea: [
    'p comes from random gene sets, which are independent while genes of a term are not: small p values are far too frequent. Compare with the shuffled copies.',
    'p is drawn from 1,000 random sets of nearly the same size; beyond the largest tenth the tail is continued as an exponential.',
  ],
}

const fewGenes = 8000

export function warningsOf(settings: LinkingSettings, result: LinkResult): string[] {
  const warnings = settings.method === 'ora' ? [...presetRules[settings.preset].warnings] : [...methodWarnings[settings.method]]
  if (settings.method === 'ora' && settings.preset === 'scfeaturelens')
    warnings.push(
      'Here q is Benjamini–Hochberg over all terms of a feature and over all features; the tool itself makes no correction. Its own rule (both p below 0.05) is counted apart.',
      'Cells above the 99th percentile of the activation are compared with all cells that are off, whatever their donor; genes need a corrected Welch p below 1e-5 and a fold change of 2, or less where none reaches it.',
    )
  const usual = studyLimit(result.backgroundSize)
  if (settings.studySize !== undefined && settings.studySize > usual)
    warnings.push(
      `Lists may hold ${settings.studySize} genes; for this background ${usual} are usual. In longer lists genes that rise and fall together bring large terms with them: compare with the shuffled copies.`,
    )
  if (result.backgroundSize < fewGenes)
    warnings.push(
      `The background holds ${result.backgroundSize} genes: terms are tested relative to these, not to the whole genome.`,
    )
  return warnings
}

const leastZeros = 0.1

/**
 * Warns of expression almost without zeros: measured single cells have many, values that a model filled in or predicted have none, and
 * then nearly every gene differs. Not for z-scores, where zero means the gene's average.
 * @param detected per gene, cells with a value other than 0
 */
export function imputedWarning(detected: readonly number[], cells: number): string[] {
  const zeros = 1 - detected.reduce((sum, count) => sum + count, 0) / (detected.length * cells)
  return zeros < leastZeros
    ? [
        `Only ${Math.round(100 * zeros)} % of the expression values are 0: they look imputed or predicted by a model. Such values differ between any two groups, so genes and terms say less than usual; link measured values where you have them.`,
      ]
    : []
}

/** What chance does, in one sentence. */
export function chanceSentence(
  report: Pick<LinkReport, 'tested' | 'withTerm' | 'shuffled'>,
  nullKind: LinkingSettings['null'] = 'donor',
): string {
  const { tested, withTerm, shuffled } = report
  const found = `${withTerm} of ${tested.latents} tested features ${withTerm === 1 ? 'has' : 'have'} at least one term at q 0.05`
  if (shuffled.copies === 0) return `${found}; no shuffled copies were made, so it is not known how many chance gives.`
  const shares = { real: withTerm / Math.max(1, tested.latents), chance: shuffled.withTerm / shuffled.copies }
  const much = nullKind === 'type' ? ' Much of this only restates the cell type.' : ' Chance alone explains much of this.'
  const verdict = shares.chance >= 0.5 * shares.real && shuffled.withTerm > 0 ? much : ''
  return `${found}; in copies shuffled within ${shuffled.within}, ${shuffled.withTerm} of ${shuffled.copies} did.${verdict}`
}
