// Concepts × latents for a heat map, and the way of a term through its ontology.
import type { ConceptMap, ConceptOrder, Evidence, Relations, TermPath } from '@contract'
import { refuse } from '../../base/refusal'
import { centreOf, chooseAxes, clusterOrder, type ConceptPair } from '../../science/concept-map'
import { reportOf } from '../analysis/linking'
import { termName } from '../analysis/term-names'
import type { Engine } from '../engine'
import { childrenOf, otherParents, wayUp } from '../ontology/term-path'
import { tellingAuroc } from '../store/concept-tables'
import type { StoredLinking } from '../store/linkings'
import { collectTerms, collectGenes, collectGroups, type Collected } from './concept-collect'
import type { HandlersFor } from './handlers'
import { topGroups } from './latent-list'
import { collectionOf, sourceName, termIdIn } from './linking-choices'
import { anyLinking, chosenLinking, finishedRun, linkingFor } from './run-choice'

/** More would be no picture. */
const mostOnAxis = 60

export const conceptMapHandlers: HandlersFor<'find.map' | 'find.path'> = {
  'find.map': ({ run, by, aspect, linking: asked, order, filter, focus }, engine) => {
    finishedRun(engine, run)
    if (by === 'group') return mapOf(engine, run, collectGroups(engine, run), { order, focus, linking: null })
    if (by === 'term') {
      const linking = linkingFor(engine, run, aspect, asked)
      return mapOf(engine, run, collectTerms(engine, linking, filter), { order, focus, linking })
    }
    const linking = (asked ? chosenLinking(engine, run, aspect, asked) : anyLinking(engine, run)) ?? refuse('NOT_LINKED', { run })
    return mapOf(engine, run, collectGenes(engine, linking), { order, focus, linking: null })
  },
  'find.path': ({ run, aspect, linking: asked, term }, engine) => {
    finishedRun(engine, run)
    return pathOf(engine, linkingFor(engine, run, aspect, asked), term)
  },
}

interface Drawing {
  readonly order: ConceptOrder
  readonly focus: string | null
  /** Of the terms; null for genes and groups. */
  readonly linking: StoredLinking | null
}

function mapOf(engine: Engine, run: number, collected: Collected, { order, focus, linking }: Drawing): ConceptMap {
  const numbers = new Map(collected.concepts.map(({ key }, at) => [key, at]))
  const { pairs } = collected
  const axes = chooseAxes(pairs, mostOnAxis, focus === null ? null : (numbers.get(focus) ?? null))
  const groups = topGroups(engine, run).top
  const told = (latent: number): string | null => {
    const top = groups.get(latent)
    return top && top.auroc >= tellingAuroc ? top.value : null
  }
  const groupOf = (latent: number): string => groups.get(latent)?.value ?? ''
  const place = (concept: number): string => placeOf(engine, linking, collected.concepts[concept]?.key ?? '')
  const { concepts, latents } = sorted(axes, pairs, order, { place, groupOf })
  const [rowOf, columnOf] = [indexOf(concepts), indexOf(latents)]
  const shown = pairs.filter(({ concept, latent }) => rowOf.has(concept) && columnOf.has(latent))
  const details = collected.details(
    concepts.map((concept) => collected.concepts[concept]?.key ?? ''),
    latents,
  )
  const labels = new Map(engine.project.runs.latents(run).map(({ id, label }) => [id, label]))
  return {
    concepts: concepts.map((concept) => {
      const { key, name, size } = collected.concepts[concept] as Collected['concepts'][number]
      return { key, name: name ?? termName(engine, key), size }
    }),
    latents: latents.map((id) => ({ id, label: labels.get(id) ?? null, group: told(id) })),
    pairs: shown.map((pair) => ({
      concept: rowOf.get(pair.concept) as number,
      latent: columnOf.get(pair.latent) as number,
      value: pair.value,
      qLatent: pair.qLatent,
      overlap: pair.overlap,
      ...details(collected.concepts[pair.concept]?.key ?? '', pair.latent),
    })),
    of: { concepts: new Set(pairs.map(({ concept }) => concept)).size, latents: new Set(pairs.map(({ latent }) => latent)).size },
    chance: linking ? chanceOf(linking) : null,
  }
}

const indexOf = (list: readonly number[]): Map<number, number> => new Map(list.map((item, at) => [item, at]))

function chanceOf(linking: StoredLinking): ConceptMap['chance'] {
  const { significant, tested, shuffled, sentence } = reportOf(linking)
  const { copies, withTerm } = shuffled
  return { carrying: significant.latents, tested: tested.latents, shuffled: { copies, withTerm }, sentence }
}

interface Places {
  /** Where a concept stands in its ontology, as text to sort by. */
  readonly place: (concept: number) => string
  /** Value of the cell group a latent tells best, however well. */
  readonly groupOf: (latent: number) => string
}

/** Both axes in drawing order; the one that is not asked for follows the other, so that the picture runs along its diagonal. */
function sorted(
  axes: { readonly concepts: readonly number[]; readonly latents: readonly number[] },
  pairs: readonly ConceptPair[],
  order: ConceptOrder,
  { place, groupOf }: Places,
): { concepts: number[]; latents: number[] } {
  const strength = new Map(pairs.map((pair) => [`${pair.concept} ${pair.latent}`, pair.strength]))
  const between = (concept: number, latent: number): number => strength.get(`${concept} ${latent}`) ?? 0
  const rows = (concepts: readonly number[], latents: readonly number[]): Float64Array[] =>
    concepts.map((concept) => Float64Array.from(latents, (latent) => between(concept, latent)))
  const columns = (latents: readonly number[], concepts: readonly number[]): Float64Array[] =>
    latents.map((latent) => Float64Array.from(concepts, (concept) => between(concept, latent)))
  const clustered = (list: readonly number[], profiles: readonly Float64Array[], weights: readonly number[]): number[] =>
    clusterOrder(profiles, weights).map((at) => list[at] as number)

  const profiles = rows(axes.concepts, axes.latents)
  const concepts =
    order === 'ontology'
      ? axes.concepts
          .map((concept) => ({ concept, at: place(concept) }))
          .sort((a, b) => compare(a.at, b.at))
          .map((each) => each.concept)
      : clustered(
          axes.concepts,
          profiles,
          profiles.map((row) => -row.reduce((sum, value) => sum + value, 0)),
        )
  const ofLatents = columns(axes.latents, concepts)
  const latents = clustered(axes.latents, ofLatents, ofLatents.map(centreOf))
  if (order !== 'group') return { concepts, latents }
  const grouped = latents.toSorted((a, b) => compare(groupOf(a), groupOf(b)))
  const ofConcepts = rows(concepts, grouped)
  const centres = new Map(concepts.map((concept, at) => [concept, centreOf(ofConcepts[at] as Float64Array)]))
  return { concepts: concepts.toSorted((a, b) => (centres.get(a) ?? 0) - (centres.get(b) ?? 0)), latents: grouped }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The ids from the root down; of a term whose ontology is not at hand, its own id. */
function placeOf(engine: Engine, linking: StoredLinking | null, key: string): string {
  const terms = linking && collectionOf(engine, linking)?.content.terms
  const row = terms ? terms.ids.indexOf(key) : -1
  if (!linking || !terms || row < 0) return key
  return wayUp(terms, row, relationsOf(linking))
    .map(({ term }) => terms.ids[term])
    .join(' ')
}

const relationsOf = ({ settings }: StoredLinking): Relations =>
  (['none', 'is_a', 'is_a,part_of', 'all'] as const).find((each) => each === settings.relations) ?? 'is_a,part_of'
const evidenceOf = ({ settings }: StoredLinking): Evidence =>
  (['all', 'no-iea', 'experimental'] as const).find((each) => each === settings.evidence) ?? 'all'

function pathOf(engine: Engine, linking: StoredLinking, wanted: string): TermPath {
  const collection = collectionOf(engine, linking)
  const terms = collection?.content.terms
  const row = terms?.ids.indexOf(wanted) ?? -1
  if (!collection || !terms || row < 0) {
    const id = termIdIn(engine, linking, wanted) ?? refuse('NOTHING_FOUND', { what: `the term ${wanted}` })
    const path = [{ id, name: termName(engine, id), relation: null, latents: carriers(engine, linking, [id]).get(id) ?? null }]
    return { ontology: sourceName(engine, linking), relations: null, path, others: [], children: [], annotated: null }
  }
  const relations = relationsOf(linking)
  const way = wayUp(terms, row, relations)
  const [others, children] = [otherParents(terms, way, relations), childrenOf(terms, row, relations)]
  const all = [...way, ...others, ...children]
  const counts = carriers(
    engine,
    linking,
    all.map(({ term }) => terms.ids[term] as string),
  )
  const named = ({ term, relation }: (typeof all)[number]): TermPath['path'][number] => {
    const id = terms.ids[term] as string
    return { id, name: terms.names[term] as string, relation, latents: counts.get(id) ?? null }
  }
  const { info } = collection
  const sets = collection.sets(
    info.aspects.length > 0 ? linking.aspect : null,
    evidenceOf(linking),
    info.kind === 'sets' ? 'none' : relations,
  )
  const set = sets.ids.indexOf(wanted)
  return {
    ontology: `${info.name}${info.release === '' ? '' : `, ${info.release}`}`,
    relations: terms.parents.length === 0 ? null : relations === 'none' ? 'is_a' : relations.replace(',', ', '),
    path: way.map(named),
    others: others.map(named),
    children: children.map(named).sort((a, b) => (b.latents ?? -1) - (a.latents ?? -1) || (a.name < b.name ? -1 : 1)),
    annotated: set < 0 ? null : (sets.indptr[set + 1] as number) - (sets.indptr[set] as number),
  }
}

const carriers = (engine: Engine, linking: StoredLinking, ids: readonly string[]): Map<string, number> =>
  new Map(engine.project.conceptPairs.carriers(linking.id, ids).map(({ key, latents }) => [key, latents]))
