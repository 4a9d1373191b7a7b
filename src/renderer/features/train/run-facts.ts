// What is known about finished runs beyond their numbers: the engine's judgement, and which features return in other seeds.
// Invariant: never computed here; read again when a job changed it.
import { shallowRef } from 'vue'
import { defineStore } from 'pinia'
import type { RunJudgement, SeedsReport } from '@contract'
import { engine, onEvent } from '../../bridge/client'
import { useProjectStore } from '../../bridge/project-store'

export const useRunFacts = defineStore('run-facts', () => {
  const project = useProjectStore()
  /** Worst first. */
  const judgements = shallowRef<ReadonlyMap<number, readonly RunJudgement[]>>(new Map())
  const repeats = shallowRef<ReadonlyMap<number, SeedsReport>>(new Map())
  /** Counts up when another project is open, so that late answers are dropped. */
  let generation = 0
  const asked = new Set<number>()

  async function read(run: number): Promise<void> {
    asked.add(run)
    const mine = generation
    const [judged, seeds] = await Promise.all([engine('run.judge', { run }), engine('seeds.read', { run })])
    if (mine !== generation) return
    if (judged.ok) judgements.value = new Map(judgements.value).set(run, judged.value)
    if (seeds.ok && seeds.value) repeats.value = new Map(repeats.value).set(run, seeds.value)
  }

  /** Reads what is missing about the runs of the open project. */
  async function load(): Promise<void> {
    const wanted = project.runs.filter(({ id, state }) => state === 'done' && !asked.has(id))
    await Promise.all(wanted.map(({ id }) => read(id)))
  }

  function forget(): void {
    generation++
    asked.clear()
    judgements.value = new Map()
    repeats.value = new Map()
  }

  onEvent('job.done', ({ kind, result }) => {
    if (kind !== 'seeds' && kind !== 'controls') return
    const { run } = result as { readonly run: number }
    void read(run)
  })

  return { judgements, repeats, load, forget }
})
