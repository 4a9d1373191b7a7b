// From a linking's result to the rows that are stored.
import type { LatentLink } from '../../science/link'
import type { TermSets } from '../../science/term-sets'
import type { StoredGene } from '../store/dataset'
import type { NewLinking, StoredGeneLink, StoredTermLink } from '../store/linkings'

const reasons: Record<LatentLink['status'], string | null> = {
  tested: null,
  dead: 'It is never on.',
  'too few cells': 'It is on in too few cells for gene statistics.',
  'too few genes': 'Fewer than 10 genes are clearly higher where it is on, so no term was tested.',
}

/** @param donors number of donor names @param log2PerUnit factor for the differences within donors, null where log2 says nothing */
export function rowsOf(
  latents: readonly LatentLink[],
  genes: readonly StoredGene[],
  sets: TermSets,
  { donors, log2PerUnit }: { readonly donors: number; readonly log2PerUnit: number | null },
): Pick<NewLinking, 'studies' | 'genes' | 'terms'> {
  return {
    studies: latents.map((one) => ({
      latent: one.latent,
      mode: one.mode ?? 'none',
      activeUsed: one.activeUsed,
      referenceUsed: one.referenceUsed,
      studySize: one.study.length,
      notTested: reasons[one.status],
      backgroundCounts: one.significant,
    })),
    genes: latents.flatMap((one) => geneRows(one, donors, log2PerUnit ?? 1)),
    terms: latents.flatMap((one) => termRows(one, genes, sets)),
  }
}

const defined = (value: number | undefined): number | null => (value !== undefined && Number.isFinite(value) ? value : null)

function geneRows(one: LatentLink, donorCount: number, factor: number): StoredGeneLink[] {
  const ranked = one.topGenes
  if (!ranked) return []
  const { tests, donors } = ranked
  return Array.from(ranked.columns, (gene, rank) => {
    const compared = donors !== null && rank < donors.agreeing.length
    return {
      latent: one.latent,
      rank,
      gene,
      auroc: ranked.auroc[rank] as number,
      log2Difference: ranked.log2Difference ? (ranked.log2Difference[rank] as number) : null,
      detectedActive: ranked.detectedActive[rank] as number,
      detectedReference: ranked.detectedReference[rank] as number,
      cohensD: defined(tests.cohensD[rank]),
      wilcoxonScore: defined(tests.wilcoxonScore[rank]),
      wilcoxonLog10P: defined(tests.wilcoxonLog10P[rank]),
      wilcoxonQ: defined(tests.wilcoxonQ[rank]),
      welchT: defined(tests.welchT[rank]),
      welchLog10P: defined(tests.welchLog10P[rank]),
      welchQ: defined(tests.welchQ[rank]),
      donorsAgreeing: compared ? (donors.agreeing[rank] as number) : null,
      donorsLog10P: compared ? defined(donors.log10P[rank]) : null,
      donorDifferences: compared ? perDonor(donors, rank, donorCount, factor) : null,
    }
  })
}

function perDonor(
  { donors, differences }: { readonly donors: readonly number[]; readonly differences: Float32Array },
  rank: number,
  count: number,
  factor: number,
): Float32Array {
  const all = new Float32Array(count).fill(NaN)
  donors.forEach((donor, at) => (all[donor] = (differences[rank * donors.length + at] as number) * factor))
  return all
}

function termRows(one: LatentLink, genes: readonly StoredGene[], sets: TermSets): StoredTermLink[] {
  const { hits } = one
  if (!hits) return []
  const idOf = (rank: number): string => sets.ids[hits.terms[rank] as number] as string
  let start = 0
  return Array.from(hits.terms, (_, at) => {
    const overlap = hits.overlaps[at] as number
    const shared = hits.genes.subarray(start, start + overlap)
    start += overlap
    const p = hits.p[at] as number
    return {
      latent: one.latent,
      termId: idOf(at),
      overlap,
      termSize: hits.termSizes[at] as number,
      pValue: p,
      log10P: Math.log10(p),
      qLatent: hits.qLatent[at] as number,
      qOverall: hits.qOverall[at] as number,
      genes: Array.from(shared, (place) => genes[one.study[place] as number]?.name ?? ''),
      score: hits.scores ? (hits.scores[at] as number) : null,
      redundancy: overlap > 0 ? idOf(one.groups[at] as number) : null,
    }
  })
}
