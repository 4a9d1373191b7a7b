// The Concepts page: every term, gene or cell group of the run, the line that is chosen, and the latents that go with it.
// Invariant: an answer that comes too late is dropped; which linking is looked at stands in the project store.
import { computed, ref, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import type { AppError, Concept, ConceptKind, LatentRow, Match } from '@contract'
import { engine } from '../../bridge/client'
import { useProjectStore } from '../../bridge/project-store'

export const useConceptsStore = defineStore('concepts', () => {
  const project = useProjectStore()
  const kind = ref<ConceptKind>('term')
  const words = ref('')
  const carriedOnly = ref(true)
  const all = shallowRef<readonly Concept[]>([])
  const latents = shallowRef<ReadonlyMap<number, LatentRow>>(new Map())
  const error = shallowRef<AppError | null>(null)
  const isLoading = ref(false)
  const chosen = shallowRef<Concept | null>(null)
  const matches = shallowRef<readonly Match[]>([])
  let listTicket = 0
  let matchTicket = 0

  const run = computed(() => (project.run?.state === 'done' ? project.run : null))
  const visible = computed(() => {
    const wanted = words.value.trim().toLowerCase()
    return all.value.filter(
      ({ name, key, latents: carriers }) =>
        (!carriedOnly.value || carriers > 0) &&
        (wanted === '' || name.toLowerCase().includes(wanted) || key.toLowerCase().includes(wanted)),
    )
  })

  async function load(): Promise<void> {
    const ticket = ++listTicket
    const current = run.value
    await choose(null)
    if (current === null) return void (all.value = [])
    isLoading.value = true
    const of = { run: current.id, aspect: project.aspect, linking: project.linking }
    const [concepts, rows] = await Promise.all([engine('find.concepts', { ...of, by: kind.value }), engine('latents.list', of)])
    if (ticket !== listTicket) return
    isLoading.value = false
    error.value = concepts.ok ? null : concepts.error
    all.value = concepts.ok ? concepts.value : []
    latents.value = new Map(rows.ok ? rows.value.map((row) => [row.id, row]) : [])
    await choose(visible.value[0] ?? null)
  }

  /** Reads the latents that go with a line, best first. */
  async function choose(concept: Concept | null): Promise<void> {
    const ticket = ++matchTicket
    chosen.value = concept
    const current = run.value
    if (concept === null || current === null) return void (matches.value = [])
    const answer = await engine('find.latents', {
      run: current.id,
      by: kind.value,
      key: concept.key,
      aspect: kind.value === 'term' ? project.aspect : null,
      linking: project.linking,
    })
    if (ticket !== matchTicket) return
    if (answer.ok) matches.value = answer.value
    else project.report(answer.error)
  }

  return { kind, words, carriedOnly, all, latents, error, isLoading, chosen, matches, run, visible, load, choose }
})
