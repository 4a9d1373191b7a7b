// The dialog about linking: what is chosen, and the results stored for the run. Which of them is looked at stands in the project store.
import { computed, ref, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import type { LinkingSummary } from '@contract'
import { engine } from '../../bridge/client'
import { useProjectStore } from '../../bridge/project-store'
import { useExploreStore } from './explore-store'
import { linkDefaults, type LinkChoice } from './link-choice'

export type LinkTab = 'new' | 'stored'

export const useLinkStore = defineStore('explore-link', () => {
  const project = useProjectStore()
  const explore = useExploreStore()
  const isOpen = ref(false)
  const tab = ref<LinkTab>('new')
  const choice = shallowRef<LinkChoice>(linkDefaults)
  const stored = shallowRef<readonly LinkingSummary[]>([])
  let ticket = 0

  const isChanged = computed(() => choice.value !== linkDefaults)

  async function open(wanted: LinkTab): Promise<void> {
    tab.value = wanted
    isOpen.value = true
    await load()
  }

  /** Reads the stored results of the run, newest first. */
  async function load(): Promise<void> {
    const now = ++ticket
    const run = explore.run
    if (run === null) return void (stored.value = [])
    const answer = await engine('link.list', { run: run.id })
    if (now !== ticket) return
    if (answer.ok) stored.value = answer.value
    else project.report(answer.error)
  }

  /** Whether this result is the one list, card and concepts are read from now. */
  const isShown = ({ id, shown, report }: LinkingSummary): boolean =>
    project.linking === null ? shown && report.aspect === project.aspect : project.linking === id

  /** Shows a stored result everywhere; in a project that cannot be written to, in this window only. */
  async function show(linking: LinkingSummary): Promise<void> {
    const readOnly = project.summary?.readOnly === true
    if (!readOnly) {
      const answer = await engine('link.show', { linking: linking.id })
      if (!answer.ok) return project.report(answer.error)
    }
    project.aspect = linking.report.aspect
    project.linking = readOnly ? linking.id : null
    await Promise.all([load(), explore.load()])
  }

  /** Links with what is chosen; the new result is listed when it is there. */
  async function link(): Promise<void> {
    await explore.link(project.aspect, choice.value)
    await load()
    tab.value = 'stored'
  }

  function reset(): void {
    choice.value = linkDefaults
  }

  return { isOpen, tab, choice, stored, isChanged, open, load, isShown, show, link, reset }
})
