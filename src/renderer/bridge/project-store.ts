// What every page shares: the open project, the chosen run and aspect, the jobs, the last error.
// Invariant: project facts are never edited here; act → engine → event → `refresh()`.
import { computed, ref, shallowRef, watch } from 'vue'
import { defineStore } from 'pinia'
import type { AppError, Aspect, ProjectSummary, Result, Run } from '@contract'
import { engine, onEvent } from './client'
import { createJobs } from './jobs'
import { place } from './navigation'

/** The run to show when the user has not chosen: the newest finished one, linked ones first, else the newest. Never a repeat. */
function defaultRun(runs: readonly Run[]): Run | null {
  const newestFirst = runs.filter((run) => run.source?.kind !== 'repeat').sort((a, b) => b.id - a.id)
  const done = newestFirst.filter((run) => run.state === 'done')
  return done.find((run) => run.linkedAspects.length > 0) ?? done[0] ?? newestFirst[0] ?? null
}

export const useProjectStore = defineStore('project', () => {
  const summary = shallowRef<ProjectSummary | null>(null)
  const chosenRun = ref<number | null>(null)
  const aspect = ref<Aspect>('BP')
  /** A stored linking looked at instead of the one the project shows; null: the shown one. The only place that says so. */
  const linking = ref<number | null>(null)
  const savedAt = shallowRef<Date | null>(null)
  /** Errors that belong to no page of their own; shown as panels on top until closed. */
  const errors = shallowRef<readonly AppError[]>([])
  const restart = shallowRef<{ readonly reopened: boolean; readonly error: AppError } | null>(null)
  const jobs = createJobs()

  const runs = computed(() => summary.value?.runs ?? [])
  const run = computed(() => runs.value.find((candidate) => candidate.id === chosenRun.value) ?? defaultRun(runs.value))
  const runId = computed(() => run.value?.id ?? null)
  const hasData = computed(() => summary.value !== null && summary.value.data !== null)

  watch([runId, aspect, () => summary.value?.fileName], () => (linking.value = null), { flush: 'sync' })

  function report(error: AppError): void {
    errors.value = [...errors.value.filter((known) => known.code !== error.code || known.message !== error.message), error]
  }
  function dismiss(error: AppError): void {
    errors.value = errors.value.filter((known) => known !== error)
  }

  /** Takes over the summary of a project just created or opened. */
  function show(opened: ProjectSummary): void {
    if (summary.value?.fileName !== opened.fileName) chosenRun.value = null
    summary.value = opened
    savedAt.value = new Date()
  }

  /** Asks the engine for the current summary. */
  async function refresh(): Promise<void> {
    const answer = await engine('project.summary', {})
    if (answer.ok) show(answer.value)
    else if (answer.error.code !== 'NO_PROJECT') report(answer.error)
  }

  async function close(): Promise<Result<object>> {
    const answer = await engine('project.close', {})
    if (answer.ok) {
      summary.value = null
      chosenRun.value = null
      jobs.clear()
    } else report(answer.error)
    return answer
  }

  function selectRun(id: number): void {
    chosenRun.value = id
  }

  /** Starts listening; called once by the app (and by component tests that need events). */
  function listen(): () => void {
    const stops = [
      jobs.listen((error) => report(error)),
      onEvent('project.changed', () => void refresh()),
      onEvent('engine.restarted', (payload) => {
        restart.value = payload
        jobs.abandon(payload.error)
        if (payload.reopened) void refresh()
        else summary.value = null
      }),
    ]
    return () => stops.forEach((stop) => stop())
  }

  return {
    summary,
    runs,
    run,
    runId,
    aspect,
    linking,
    hasData,
    savedAt,
    errors,
    restart,
    place,
    jobs: jobs.list,
    runningJobs: jobs.running,
    track: jobs.track,
    outcome: jobs.outcome,
    cancelJob: jobs.cancel,
    clearFinishedJobs: jobs.clearFinished,
    report,
    dismiss,
    show,
    refresh,
    close,
    selectRun,
    listen,
  }
})
