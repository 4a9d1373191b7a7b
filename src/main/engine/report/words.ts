// Numbers and settings as a report writes them.
import type { Architecture, Aspect, LinkMethod, Normalisation, Preset, Run, TermSize } from '@contract'

export const count = (value: number): string => value.toLocaleString('en-GB')
export const percent = (share: number, digits = 1): string => `${(share * 100).toFixed(digits)} %`
export const fixed = (value: number, digits = 2): string => value.toFixed(digits)
export const plural = (value: number, one: string, many: string): string => `${count(value)} ${value === 1 ? one : many}`
/** p and q: plain above 0.001, in powers of ten below. */
export const small = (value: number): string =>
  value === 0 ? '< 1e-300' : value >= 0.001 ? value.toPrecision(2) : value.toExponential(1)
export const sentenceCase = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
export const pairOf = ({ train, heldOut }: { readonly train: number; readonly heldOut: number | null }): string =>
  heldOut === null
    ? `${percent(train)} (training cells)`
    : `${percent(train)} (training) and ${percent(heldOut)} (held-out cells)`

export const architectures: Readonly<Record<Architecture, string>> = {
  topk: 'TopK',
  batchtopk: 'BatchTopK',
  matryoshka: 'hierarchical (Matryoshka BatchTopK)',
  relu: 'ReLU (L1)',
  jumprelu: 'JumpReLU',
  gated: 'gated',
}
export const preparations: Readonly<Record<Normalisation, string>> = {
  scale: 'centred and multiplied by one number so that their mean length is the square root of their dimensions',
  zscore: 'centred, divided by the standard deviation of each dimension and brought to a common mean length',
  whiten: 'centred, whitened (ZCA) and brought to a common mean length',
  none: 'taken as they are',
}
export const aspects: Readonly<Record<Aspect, string>> = {
  BP: 'biological process',
  MF: 'molecular function',
  CC: 'cellular component',
}
export const presetWords: Readonly<Record<Preset, string>> = {
  latiscope: 'one-sided hypergeometric test',
  goatools: 'two-sided Fisher test by the rules of GOATOOLS',
  gseapy: 'hypergeometric test by the rules of GSEApy (Enrichr)',
  clusterprofiler: 'hypergeometric test by the rules of clusterProfiler',
  scfeaturelens: 'cells, genes and terms chosen by the rules of scFeatureLens (binomial and rank test)',
}
/** What is tested, where the rules of another tool do not fix it. */
export const termSizeWords = ({ least, most }: TermSize = { least: 10, most: 500 }): string =>
  `all terms with ${count(least)} to ${count(most)} genes in the background`
export const methodWords: Readonly<Record<Exclude<LinkMethod, 'ora'>, string>> = {
  camera: "camera's competitive test of all genes by their Wilcoxon score, correlation 0.01",
  auroc:
    'a Mann–Whitney test of all genes by their Wilcoxon score, its variance widened by the co-expression of each term in the cells',
  gsea: 'preranked gene set enrichment analysis of the Wilcoxon scores',
}
export const evidenceWords: Readonly<Record<string, string>> = {
  all: 'all evidence codes',
  'no-iea': 'all evidence codes but automatic ones (IEA)',
  experimental: 'experimental evidence only',
}

export const nameOf = (latent: { readonly id: number; readonly label: string | null }): string => latent.label ?? `F${latent.id}`
export const startedAt = (run: Run): string => run.createdAt.slice(0, 10)
