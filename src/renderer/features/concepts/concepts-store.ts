// The Concepts page: every term, gene or cell group of the run, the one that is chosen with the latents that go with it, and the
// heat map and path around it.
// Invariant: an answer that comes too late is dropped; which linking is looked at stands in the project store.
import { computed, reactive, ref, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import type {
  AppError,
  Concept,
  ConceptKind,
  ConceptMap,
  ConceptOrder,
  LatentCard,
  LatentRow,
  Match,
  Run,
  TermPath,
} from '@contract'
import { engine } from '../../bridge/client'
import { useProjectStore } from '../../bridge/project-store'

export const useConceptsStore = defineStore('concepts', () => {
  const project = useProjectStore()
  const kind = ref<ConceptKind>('term')
  const words = ref('')
  const carriedOnly = ref(true)
  const filter = reactive({ least: 10, most: 500, q: 0.05, hideUbiquitous: true })
  const order = ref<ConceptOrder>('cluster')
  const all = shallowRef<readonly Concept[]>([])
  const latents = shallowRef<ReadonlyMap<number, LatentRow>>(new Map())
  const error = shallowRef<AppError | null>(null)
  const isLoading = ref(false)
  const chosen = shallowRef<Concept | null>(null)
  const matches = shallowRef<readonly Match[]>([])
  const map = shallowRef<ConceptMap | null>(null)
  const path = shallowRef<TermPath | null>(null)
  /** The feature whose genes the card shows. */
  const picked = ref<number | null>(null)
  const card = shallowRef<LatentCard | null>(null)
  const ticket = { list: 0, match: 0, map: 0, path: 0, card: 0 }

  const run = computed(() => (project.run?.state === 'done' ? project.run : null))
  const visible = computed(() => {
    const wanted = words.value.trim().toLowerCase()
    return all.value.filter(
      (each) =>
        (kind.value !== 'term' || passes(each)) &&
        (!carriedOnly.value || each.latents > 0) &&
        (wanted === '' || each.name.toLowerCase().includes(wanted) || each.key.toLowerCase().includes(wanted)),
    )
  })
  function passes({ size, qOverall, ubiquitous }: Concept): boolean {
    if (filter.hideUbiquitous && ubiquitous) return false
    if (carriedOnly.value && (qOverall ?? 1) > filter.q) return false
    return size === null || (size >= filter.least && size <= filter.most)
  }
  const place = (of: Run) => ({ run: of.id, aspect: project.aspect, linking: project.linking })

  async function load(): Promise<void> {
    const current = ++ticket.list
    await choose(null)
    map.value = null
    if (run.value === null) return void (all.value = [])
    isLoading.value = true
    const of = place(run.value)
    const [concepts, rows] = await Promise.all([engine('find.concepts', { ...of, by: kind.value }), engine('latents.list', of)])
    if (current !== ticket.list) return
    isLoading.value = false
    error.value = concepts.ok ? null : concepts.error
    all.value = concepts.ok ? concepts.value : []
    latents.value = new Map(rows.ok ? rows.value.map((row) => [row.id, row]) : [])
    await Promise.all([loadMap(), choose(visible.value[0] ?? null)])
  }

  /** Reads the heat map; the chosen concept is in it whatever its rank. */
  async function loadMap(): Promise<void> {
    const current = ++ticket.map
    if (run.value === null || error.value !== null) return void (map.value = null)
    const focus = chosen.value !== null && chosen.value.latents > 0 ? chosen.value.key : null
    const asked = { by: kind.value, order: order.value, filter: { ...filter }, focus }
    const answer = await engine('find.map', { ...place(run.value), ...asked })
    if (current !== ticket.map) return
    if (answer.ok) map.value = answer.value
    else project.report(answer.error)
  }

  /** Reads the latents that go with a concept, best first, and what lies around it. @param latent the one whose genes are shown */
  async function choose(concept: Concept | null, latent: number | null = null): Promise<void> {
    const current = ++ticket.match
    const isOther = chosen.value?.key !== concept?.key
    chosen.value = concept
    if (isOther) [path.value, matches.value] = [null, []]
    if (concept === null || run.value === null) return pick(null)
    const isMissing = map.value !== null && concept.latents > 0 && !map.value.concepts.some(({ key }) => key === concept.key)
    if (isMissing) void loadMap()
    const [answer] = await Promise.all([
      engine('find.latents', {
        ...place(run.value),
        by: kind.value,
        key: concept.key,
        aspect: kind.value === 'term' ? project.aspect : null,
      }),
      kind.value === 'term' ? loadPath(concept.key) : undefined,
    ])
    if (current !== ticket.match) return
    if (!answer.ok) return project.report(answer.error)
    matches.value = answer.value
    pick(latent ?? answer.value[0]?.id ?? null)
  }

  /** Reads the place of a term in its ontology; the term need not be one that was tested. */
  async function loadPath(term: string): Promise<void> {
    const current = ++ticket.path
    if (run.value === null) return
    const answer = await engine('find.path', { ...place(run.value), term })
    if (current !== ticket.path) return
    if (answer.ok) path.value = answer.value
    else project.report(answer.error)
  }

  /** Shows the genes of a feature beside the term. */
  function pick(latent: number | null): void {
    const current = ++ticket.card
    picked.value = latent
    if (latent === null || run.value === null || kind.value !== 'term') return void (card.value = null)
    if (card.value?.id !== latent) card.value = null
    void engine('latents.card', { ...place(run.value), latent }).then((answer) => {
      if (current === ticket.card && answer.ok) card.value = answer.value
    })
  }

  const list = { kind, words, carriedOnly, filter, all, latents, error, isLoading, visible }
  const around = { chosen, matches, picked, card, map, order, path }
  return { ...list, ...around, run, load, loadMap, loadPath, choose, pick }
})
