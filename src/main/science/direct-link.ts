// Links latents to terms when the rows of the representation are genes or proteins: the genes a latent is on in are the list, all
// genes among the rows the background. No cells and no expression take part. Families, rates and shuffled copies as in link.ts.
import { seededRandom, type SeededRandom } from '../base/random'
import type { Csr } from '../base/sparse'
import { makeStrata } from './choose-cells'
import { createConceptScorer, type Concept, type GeneActivation } from './concept-f1'
import { upperTail } from './hypergeometric'
import { activationOf } from './link-session'
import { chanceLevels, countPairs, significantBelow, significantPairs, type ChanceLevel } from './link'
import { benjaminiHochberg } from './multiple-testing'
import { shuffleWithinStrata } from './permutation'
import { groupByGenes } from './redundancy'
import { keepBest, keptBelow, type TermHits } from './term-hits'
import { cutToBackground, type TermFamily, type TermSets, type TermSizes } from './term-sets'
import { chanceThresholds, countPassing, fillOverall } from './term-testers'

export interface DirectInput {
  /** Latents × rows; stored values are activations > 0. */
  readonly activations: Csr
  /** Number of each row's gene in the sets, −1 without one. Rows of the same gene count as one, with the strongest of them. */
  readonly rowGenes: Int32Array
  readonly sets: TermSets
  /** 1 per gene that may count; null: all. */
  readonly allowed: Uint8Array | null
  readonly options: {
    readonly seed: number
    readonly shuffles: number
    /** Copies are dealt among genes with about as many terms, so that only this is left of a well-studied gene. */
    readonly equallyAnnotated: boolean
    /** Genes of a term among those of the rows; absent: 10 to 500. */
    readonly termSize?: TermSizes
  }
}

export interface DirectLatent {
  readonly latent: number
  readonly status: 'tested' | 'dead' | 'too few rows'
  /** Per gene the row that stands for it, strongest first; `hits.genes` counts along it. */
  readonly study: Uint32Array
  readonly hits: TermHits | null
  /** Per kept term: rank of the best term that speaks of the same genes. */
  readonly groups: Uint32Array
  /** `term` is an index into TermSets.ids. */
  readonly concepts: readonly Concept[]
}

export interface DirectResult {
  readonly latents: DirectLatent[]
  /** Different genes among the rows. */
  readonly backgroundSize: number
  readonly testedLatents: number
  readonly testedTerms: number
  readonly significant: { readonly latents: number; readonly pairs: number }
  readonly withTerm: number
  readonly shuffled: { readonly copies: number; readonly withTerm: number }
  readonly chance: readonly ChanceLevel[]
  /** Latents with a term at F1 above 0.5 where it was chosen, and those of them where it holds on the other genes; copies alike. */
  readonly concepts: ConceptCounts & { readonly shuffled: ConceptCounts }
}

export interface ConceptCounts {
  readonly chosen: number
  readonly confirmed: number
}

/** A term stands for a latent from this F1 on. */
export const conceptFrom = 0.5
export const fewestGenes = 5
const bins = 20
const shuffleStream = 1_000_000
const halfStream = 3_000_000

interface Direct {
  readonly family: TermFamily
  readonly input: DirectInput
  /** Place in the background of each row; −1 outside. */
  readonly placeOfRow: Int32Array
  readonly concepts: (activation: GeneActivation) => Concept[]
}

/** What one latent, or one copy, leads to. */
interface Found {
  readonly p: Float64Array
  readonly passing: Uint32Array
  readonly hits: TermHits
  readonly concepts: readonly Concept[]
}

/** Yields after every latent and every copy; returns the whole result. The same input gives the same result. */
/** Latents and shuffled copies that are done, and all. */
export interface DirectStep {
  readonly step: number
  readonly of: number
  readonly phase: 'linking' | 'shuffling'
}

export function* linkRows(input: DirectInput): Generator<DirectStep, DirectResult, void> {
  const direct = openDirect(input)
  const count = input.activations.rows
  const of = count + input.options.shuffles
  const latents: DirectLatent[] = []
  const small: Float64Array[] = []
  const passing = new Float64Array(chanceThresholds.length)
  const chosen: GeneActivation[] = []
  for (let latent = 0; latent < count; latent++) {
    const { activation, rows } = geneActivation(direct, latent)
    const found = testGenes(direct, activation)
    latents.push(describe(direct, latent, rows, found))
    if (found) {
      found.passing.forEach((terms, at) => (passing[at] = (passing[at] as number) + terms))
      small.push(found.p.filter((p) => p <= keptBelow))
      chosen.push(activation)
    }
    yield { step: latent + 1, of, phase: 'linking' }
  }
  const tested = latents.flatMap(({ latent, hits }) => (hits ? [{ latent, hits }] : []))
  fillOverall(small, tested.length * direct.family.terms.length, tested)
  const chance = { passing: new Float64Array(chanceThresholds.length), withTerm: 0, concepts: [] as (readonly Concept[])[] }
  const copies = tested.length > 0 ? input.options.shuffles : 0
  const deal = createDealer(direct)
  for (let copy = 0; copy < copies; copy++) {
    const random = seededRandom(input.options.seed, shuffleStream + copy)
    const found = testGenes(direct, deal(chosen[random.below(chosen.length)] as GeneActivation, random))
    if (found) {
      found.passing.forEach((terms, at) => (chance.passing[at] = (chance.passing[at] as number) + terms))
      if ((found.passing[chanceThresholds.indexOf(significantBelow)] as number) > 0) chance.withTerm++
      chance.concepts.push(found.concepts)
    }
    yield { step: count + copy + 1, of, phase: 'shuffling' }
  }
  return {
    latents,
    backgroundSize: direct.family.backgroundSize,
    testedLatents: tested.length,
    testedTerms: direct.family.terms.length,
    significant: countPairs(significantPairs(tested)),
    withTerm: tested.filter(({ hits }) => hits.qLatent.some((q) => q <= significantBelow)).length,
    shuffled: { copies, withTerm: chance.withTerm },
    chance: chanceLevels(passing, chance.passing, copies, tested.length),
    concepts: { ...countConcepts(latents.map((one) => one.concepts)), shuffled: countConcepts(chance.concepts) },
  }
}

function openDirect(input: DirectInput): Direct {
  const { rowGenes, sets, allowed, options } = input
  const genes = Int32Array.from(new Set(rowGenes.filter((gene) => gene >= 0 && (!allowed || allowed[gene] === 1)))).sort()
  const family = cutToBackground(sets, genes, options.termSize?.least, options.termSize?.most)
  const place = new Map(Array.from(genes, (gene, at) => [gene, at]))
  return {
    family,
    input,
    placeOfRow: rowGenes.map((gene) => place.get(gene) ?? -1),
    concepts: createConceptScorer(family, seededRandom(options.seed, halfStream)),
  }
}

/** Genes in order of their activation, the strongest first, each with the row it comes from. */
function geneActivation({ input, placeOfRow }: Direct, latent: number): { activation: GeneActivation; rows: Uint32Array } {
  const { cells: rows, values } = activationOf(input.activations, latent)
  const best = new Map<number, { row: number; value: number }>()
  rows.forEach((row, at) => {
    const place = placeOfRow[row] as number
    const value = values[at] as number
    if (place >= 0 && value > (best.get(place)?.value ?? 0)) best.set(place, { row, value })
  })
  const order = [...best].sort(([a, one], [b, other]) => other.value - one.value || a - b)
  return {
    activation: {
      genes: Uint32Array.from(order, ([place]) => place),
      values: Float32Array.from(order, ([, { value }]) => value),
    },
    rows: Uint32Array.from(order, ([, { row }]) => row),
  }
}

function testGenes({ family, concepts }: Direct, activation: GeneActivation): Found | null {
  const study = activation.genes
  if (study.length < fewestGenes) return null
  const { indptr, indices } = family.termsOfGene
  const overlaps = new Uint32Array(family.terms.length)
  for (const gene of study)
    for (let at = indptr[gene] as number; at < (indptr[gene + 1] as number); at++) {
      const term = indices[at] as number
      overlaps[term] = (overlaps[term] as number) + 1
    }
  // Equal counts have equal p: worked out once per list, whose lengths differ too much to keep tables of all of them.
  const known = new Map<number, number>()
  const p = Float64Array.from(overlaps, (overlap, term) => {
    if (overlap === 0) return 1
    const size = family.sizes[term] as number
    const key = overlap * family.backgroundSize + size
    const found = known.get(key) ?? upperTail(overlap, size, study.length, family.backgroundSize).p
    known.set(key, found)
    return found
  })
  const q = benjaminiHochberg(p)
  const hits = { ...keepBest({ p, q, scores: new Float64Array(p.length) }, family, study), scores: null }
  return { p, passing: countPassing(q), hits, concepts: concepts(activation) }
}

function describe({ family }: Direct, latent: number, study: Uint32Array, found: Found | null): DirectLatent {
  return {
    latent,
    status: found ? 'tested' : study.length === 0 ? 'dead' : 'too few rows',
    study,
    hits: found?.hits ?? null,
    groups: found ? groupByGenes(found.hits.overlaps, found.hits.genes) : new Uint32Array(0),
    concepts: (found?.concepts ?? []).map((one) => ({ ...one, term: family.terms[one.term] as number })),
  }
}

/** Deals activations anew among all genes, or among genes with about as many terms. */
function createDealer({ family, input }: Direct): (activation: GeneActivation, random: SeededRandom) => GeneActivation {
  const genes = family.backgroundSize
  const strata = makeStrata(input.options.equallyAnnotated ? binsByTerms(family) : null, genes)
  return (activation, random) => {
    const order = Uint32Array.from(activation.genes.keys()).sort(
      (a, b) => (activation.genes[a] as number) - (activation.genes[b] as number),
    )
    const dealt = shuffleWithinStrata(
      {
        cells: order.map((at) => activation.genes[at] as number),
        values: Float32Array.from(order, (at) => activation.values[at] as number),
      },
      strata,
      random,
    )
    return { genes: dealt.cells, values: dealt.values }
  }
}

function binsByTerms({ backgroundSize, termsOfGene: { indptr } }: TermFamily): Int32Array {
  const terms = (gene: number): number => (indptr[gene + 1] as number) - (indptr[gene] as number)
  const order = Uint32Array.from({ length: backgroundSize }, (_, gene) => gene).sort((a, b) => terms(a) - terms(b) || a - b)
  const codes = new Int32Array(backgroundSize)
  order.forEach((gene, rank) => (codes[gene] = Math.floor((rank * bins) / backgroundSize)))
  return codes
}

function countConcepts(all: readonly (readonly Concept[])[]): ConceptCounts {
  const strong = all.map((concepts) => concepts.filter(({ chosen }) => chosen.f1 > conceptFrom))
  return {
    chosen: strong.filter((concepts) => concepts.length > 0).length,
    confirmed: strong.filter((concepts) => concepts.some(({ heldOut }) => heldOut.f1 > conceptFrom)).length,
  }
}
