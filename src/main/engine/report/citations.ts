// Works a methods text cites. A text asks for them by key; they are numbered in the order in which they are first asked for.
const works = {
  topk: 'Gao L, et al. Scaling and evaluating sparse autoencoders. arXiv:2406.04093 (2024).',
  batchtopk: 'Bussmann B, Leask P, Nanda N. BatchTopK sparse autoencoders. arXiv:2412.06410 (2024).',
  matryoshka:
    'Bussmann B, Nabeshima N, Karvonen A, Nanda N. Learning multi-level features with Matryoshka sparse autoencoders. arXiv:2503.17547 (2025).',
  relu: 'Bricken T, et al. Towards monosemanticity: decomposing language models with dictionary learning. Transformer Circuits Thread (2023).',
  reluNorm: 'Conerly T, et al. Update on how we train SAEs. Transformer Circuits Thread, April update (2024).',
  jumprelu:
    'Rajamanoharan S, et al. Jumping ahead: improving reconstruction fidelity with JumpReLU sparse autoencoders. arXiv:2407.14435 (2024).',
  gated: 'Rajamanoharan S, et al. Improving dictionary learning with gated sparse autoencoders. arXiv:2404.16014 (2024).',
  adam: 'Kingma DP, Ba J. Adam: a method for stochastic optimization. arXiv:1412.6980 (2014).',
  scfeaturelens:
    'Schuster V. Can sparse autoencoders make sense of gene expression latent variable models? arXiv:2410.11468 (2024).',
  go: 'Ashburner M, et al. Gene Ontology: tool for the unification of biology. Nature Genetics 25, 25–29 (2000). doi:10.1038/75556',
  goNow:
    'The Gene Ontology Consortium. The Gene Ontology knowledgebase in 2023. Genetics 224, iyad031 (2023). doi:10.1093/genetics/iyad031',
  interplm:
    'Simon E, Zou J. InterPLM: discovering interpretable features in protein language models via sparse autoencoders. bioRxiv 2024.11.14.623630 (2024).',
  bh: 'Benjamini Y, Hochberg Y. Controlling the false discovery rate: a practical and powerful approach to multiple testing. Journal of the Royal Statistical Society B 57, 289–300 (1995).',
  goatools: 'Klopfenstein DV, et al. GOATOOLS: a Python library for Gene Ontology analyses. Scientific Reports 8, 10872 (2018).',
  gseapy:
    'Fang Z, Liu X, Peltz G. GSEApy: a comprehensive package for performing gene set enrichment analysis in Python. Bioinformatics 39, btac757 (2023).',
  clusterprofiler:
    'Yu G, Wang L-G, Han Y, He Q-Y. clusterProfiler: an R package for comparing biological themes among gene clusters. OMICS 16, 284–287 (2012).',
  camera:
    'Wu D, Smyth GK. Camera: a competitive gene set test accounting for inter-gene correlation. Nucleic Acids Research 40, e133 (2012).',
  gsea: 'Subramanian A, et al. Gene set enrichment analysis: a knowledge-based approach for interpreting genome-wide expression profiles. PNAS 102, 15545–15550 (2005).',
} as const
export type Work = keyof typeof works

export interface Bibliography {
  /** "[1]" or "[1, 2]". */
  cite(...keys: readonly Work[]): string
  /** What was cited, in order. */
  list(): string[]
}

export function createBibliography(): Bibliography {
  const order: Work[] = []
  const number = (key: Work): number => {
    if (!order.includes(key)) order.push(key)
    return order.indexOf(key) + 1
  }
  return {
    cite: (...keys) => `[${keys.map(number).join(', ')}]`,
    list: () => order.map((key) => works[key]),
  }
}
