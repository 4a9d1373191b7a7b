// The feature list and the open card: what the engine said, what is selected, how the list is ordered and filtered.
// Invariant: rows, card and activation are replaced whole, never edited; an answer that comes too late is dropped.
import { computed, ref, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import type { AppError, Aspect, LabelEvent, LatentAssociation, LatentCard, LatentRow } from '@contract'
import { engine } from '../../bridge/client'
import type { PageDetail } from '../../bridge/navigation'
import { useProjectStore } from '../../bridge/project-store'
import { filterLatents, isSilent, ranksOf, usefulMatches, type FoundBy, type ListFilter, type MatchFilter } from './latent-filter'
import { linkDefaults, linkRequest, type LinkChoice } from './link-choice'
import { defaultOrder, nextOrder, sortLatents, type SortKey, type SortStep } from './latent-order'

export interface Activation {
  readonly latent: number
  readonly cells: Uint32Array
  readonly values: Float32Array
}
/** Copies of every latent with shuffled cells, tested in the same way, for the chance check. */

export const useExploreStore = defineStore('explore', () => {
  const project = useProjectStore()
  const rows = shallowRef<readonly LatentRow[]>([])
  /** Which run of which project is shown: runs of two projects share their numbers. */
  const source = ref<string | null>(null)
  const isLoading = ref(false)
  const listError = shallowRef<AppError | null>(null)
  const selected = ref<number | null>(null)
  const card = shallowRef<LatentCard | null>(null)
  const cardError = shallowRef<AppError | null>(null)
  const activation = shallowRef<Activation | null>(null)
  const order = shallowRef<readonly SortStep[]>([])
  const filter = shallowRef<ListFilter>({ text: '', hidesSilent: true, match: null })

  /** Rows of the data are genes or proteins, not cells. */
  const rowsAreGenes = computed(() => (project.summary?.data?.rowKind ?? 'cells') !== 'cells')
  const run = computed(() => (project.run?.state === 'done' ? project.run : null))
  const isLinked = computed(() => run.value?.linkedAspects.includes(project.aspect) ?? false)
  const ranks = computed(() => ranksOf(filter.value.match))
  const visible = computed(() => sortLatents(filterLatents(rows.value, filter.value), order.value, ranks.value))
  const silentCount = computed(() => rows.value.filter(isSilent).length)
  const byId = computed(() => new Map(rows.value.map((row) => [row.id, row])))
  const linkJob = computed(() => project.runningJobs.find((job) => job.kind === 'link') ?? null)

  let listTicket = 0
  let cardTicket = 0

  /** Reads the list again and keeps what is selected while it still exists. */
  async function load(): Promise<void> {
    const ticket = ++listTicket
    const current = run.value
    if (current === null) return reset(null)
    const next = `${project.summary?.fileName} ${current.id} ${current.createdAt}`
    if (source.value !== next) reset(next)
    isLoading.value = true
    const answer = await engine('latents.list', { run: current.id, aspect: project.aspect, linking: project.linking })
    if (ticket !== listTicket) return
    isLoading.value = false
    listError.value = answer.ok ? null : answer.error
    if (!answer.ok) return
    const isFirst = order.value.length === 0
    rows.value = answer.value
    if (isFirst) order.value = defaultOrder(answer.value)
    const kept = selected.value !== null && byId.value.has(selected.value) ? selected.value : null
    await select(kept ?? visible.value[0]?.id ?? answer.value[0]?.id ?? null)
  }

  function reset(next: string | null): void {
    source.value = next
    cardTicket++
    rows.value = []
    order.value = []
    selected.value = null
    card.value = null
    activation.value = null
    cardError.value = null
    listError.value = null
    isLoading.value = false
    filter.value = { text: '', hidesSilent: true, match: null }
  }

  /** Opens a card. While an earlier one is on its way it stays in place, so that moving through the list does not flicker. */
  async function select(latent: number | null): Promise<void> {
    const ticket = ++cardTicket
    const current = run.value
    selected.value = latent
    if (latent === null || current === null) {
      card.value = null
      activation.value = null
      return
    }
    const known = activation.value?.latent === latent ? activation.value : null
    const [cardAnswer, activationAnswer] = await Promise.all([
      engine('latents.card', { run: current.id, latent, aspect: project.aspect, linking: project.linking }),
      known === null ? engine('latents.activation', { run: current.id, latent }) : null,
    ])
    if (ticket !== cardTicket) return
    const failed = !cardAnswer.ok ? cardAnswer.error : activationAnswer?.ok === false ? activationAnswer.error : null
    cardError.value = failed
    card.value = cardAnswer.ok ? cardAnswer.value : null
    if (activationAnswer !== null) activation.value = activationAnswer.ok ? { latent, ...activationAnswer.value } : null
  }

  /** The neighbour in the list as it is shown now. */
  async function step(by: number): Promise<void> {
    const at = visible.value.findIndex((row) => row.id === selected.value)
    const next = visible.value[Math.min(visible.value.length - 1, Math.max(0, at + by))]
    if (next !== undefined && next.id !== selected.value) await select(next.id)
  }

  function sortBy(key: SortKey, asFurtherKey: boolean): void {
    order.value = nextOrder(order.value, key, asFurtherKey)
  }
  function setText(text: string): void {
    filter.value = { ...filter.value, text }
  }
  function setHidesSilent(hidesSilent: boolean): void {
    filter.value = { ...filter.value, hidesSilent }
  }
  function clearMatch(): void {
    filter.value = { ...filter.value, match: null }
    order.value = defaultOrder(rows.value)
  }

  /** Lists the latents that go with a term, gene or cell group, best first, and opens the best. */
  async function find(by: FoundBy, key: string, title: string): Promise<void> {
    const current = run.value
    if (current === null) return
    const answer = await engine('find.latents', { run: current.id, by, key, aspect: null, linking: project.linking })
    if (!answer.ok) return project.report(answer.error)
    await showMatches({ by, key, title, matches: usefulMatches(by, answer.value) })
  }

  /** Lists latents found by something, best first, and opens the best. */
  async function showMatches(match: MatchFilter): Promise<void> {
    filter.value = { ...filter.value, text: '', match }
    order.value = [{ key: 'rank', descending: false }]
    const best = match.matches[0]
    if (best !== undefined) await select(best.id)
  }

  /** Looks the words up among all genes, terms and cell groups and lists the latents of the first hit. */
  async function searchAll(text: string): Promise<void> {
    const answer = await engine('find.search', { run: run.value?.id ?? null, text })
    if (!answer.ok) return project.report(answer.error)
    for (const hit of answer.value) {
      if (hit.kind !== 'latent') return find(hit.kind, hit.key, hit.title)
    }
  }

  /** Follows what another page or the search asked for. */
  async function show(detail: PageDetail): Promise<void> {
    if (detail.find !== undefined) await find(detail.find.by, detail.find.key, detail.find.title)
    else if (detail.latent !== undefined) await select(detail.latent)
  }

  async function rename(latent: number, label: string | null): Promise<void> {
    const current = run.value
    if (current === null) return
    const answer = await engine('latents.rename', { run: current.id, latent, label })
    if (!answer.ok) return project.report(answer.error)
    await load()
  }

  /** Takes the proposed label, or says no to it. */
  async function decideLabel(latent: number, decision: 'accept' | 'reject'): Promise<void> {
    const current = run.value
    if (current === null) return
    const answer = await engine('labels.decide', {
      run: current.id,
      latent,
      decision,
      aspect: project.aspect,
      linking: project.linking,
    })
    if (!answer.ok) return project.report(answer.error)
    await load()
  }
  async function labelHistory(latent: number): Promise<readonly LabelEvent[]> {
    const current = run.value
    if (current === null) return []
    const answer = await engine('labels.history', { run: current.id, latent })
    if (answer.ok) return answer.value
    project.report(answer.error)
    return []
  }

  /** Compares all features with all genes over all cells. */
  async function associate(): Promise<void> {
    const current = run.value
    if (current === null) return
    const answer = await engine('associate.start', { run: current.id })
    if (!answer.ok) return project.report(answer.error)
    project.track(answer.value.job, 'associate', current.id)
  }
  /** Null until that has been done for the run. */
  async function association(latent: number): Promise<LatentAssociation | null> {
    const current = run.value
    if (current === null) return null
    const answer = await engine('latents.association', { run: current.id, latent })
    return answer.ok ? answer.value : null
  }

  /** Starts linking the run for one part of the ontology; the list follows when the job is done. */
  async function link(aspect: Aspect, choice: LinkChoice = linkDefaults): Promise<void> {
    const current = run.value
    if (current === null) return
    const answer = await engine('link.start', { run: current.id, aspect, ...linkRequest(choice) })
    if (!answer.ok) return project.report(answer.error)
    project.track(answer.value.job, 'link', current.id)
    const outcome = await project.outcome(answer.value.job)
    if (!outcome.ok) return
    project.linking = null
    await project.refresh()
    await load()
  }

  return {
    rows,
    visible,
    byId,
    isLoading,
    listError,
    selected,
    card,
    cardError,
    activation,
    order,
    filter,
    run,
    isLinked,
    rowsAreGenes,
    silentCount,
    linkJob,
    load,
    select,
    step,
    sortBy,
    setText,
    setHidesSilent,
    clearMatch,
    find,
    showMatches,
    searchAll,
    show,
    rename,
    decideLabel,
    labelHistory,
    associate,
    association,
    link,
  }
})
