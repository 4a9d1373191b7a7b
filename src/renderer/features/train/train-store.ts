// The settings of the next run, the advice of the engine, and the curves of the runs.
// Invariant: only what the user changed is sent; everything else is resolved by the engine.
import { computed, ref, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import type { Advice, AppError, MetricPoint, Run, RunEstimate, TrainRequest, TrainSettings } from '@contract'
import { engine, onEvent } from '../../bridge/client'
import type { JobKind } from '../../bridge/jobs'
import { useProjectStore } from '../../bridge/project-store'
import { repeatRun } from './model-actions'

/** `thorough`: the run, then again with two other seeds. */
export type Preset = 'quick' | 'standard' | 'thorough'
export const thoroughSeeds = 3

export const useTrainStore = defineStore('train', () => {
  const project = useProjectStore()
  const preset = ref<Preset>('standard')
  const overrides = shallowRef<TrainRequest>({})
  /** The engine's settings without any wish of the user. */
  const recommended = shallowRef<Advice | null>(null)
  /** The settings in force. */
  const advice = shallowRef<Advice | null>(null)
  const adviceError = shallowRef<AppError | null>(null)
  const curves = shallowRef<ReadonlyMap<number, readonly MetricPoint[]>>(new Map())
  const shownRun = ref<number | null>(null)
  const starting = ref(false)
  /** What the settings in force would take on this computer; null until measured, and again when they change. */
  const estimate = shallowRef<RunEstimate | null>(null)
  const estimating = ref(false)
  /** Why the newest checkpoint of a run could not be kept. */
  const checkpointProblems = shallowRef<ReadonlyMap<number, string>>(new Map())
  let asked = 0

  const request = computed<TrainRequest>(() => {
    const steps = recommended.value?.settings.steps
    const half: TrainRequest =
      preset.value === 'quick' && steps !== undefined ? { steps: Math.max(1, Math.round(steps / 2)) } : {}
    return { ...half, ...overrides.value }
  })
  const changed = computed(() => Object.keys(overrides.value) as (keyof TrainSettings)[])
  const run = computed<Run | null>(
    () =>
      project.runs.find((candidate) => candidate.id === shownRun.value) ??
      project.runs.find((candidate) => candidate.state === 'training' && candidate.source?.kind !== 'repeat') ??
      project.run,
  )
  /** The job that works on the shown run now, or one of the engine's that this window did not start. */
  const job = computed(() => {
    const working = project.runningJobs.filter(
      ({ kind, run: worked }) => headerKinds.has(kind) && (worked === null || worked === run.value?.id),
    )
    // While the run trains, what waits for its end (its repeats) does not hide the training.
    const first = run.value?.state === 'training' ? working.find(({ kind }) => kind === 'train') : undefined
    return first ?? working[0] ?? null
  })
  const points = computed(() => (run.value ? (curves.value.get(run.value.id) ?? []) : []))

  /** Asks for advice: once for the recommendation, once for the settings in force. */
  async function advise(): Promise<void> {
    if (!project.hasData) return
    estimate.value = null
    const number = ++asked
    if (recommended.value === null) {
      const plain = await engine('run.advice', {})
      if (number !== asked) return
      if (!plain.ok) {
        adviceError.value = plain.error
        return
      }
      recommended.value = plain.value
    }
    const answer = await engine('run.advice', request.value)
    if (number !== asked) return
    adviceError.value = answer.ok ? null : answer.error
    if (answer.ok) advice.value = answer.value
  }

  function change<Key extends keyof TrainSettings>(key: Key, value: TrainSettings[Key]): void {
    const isRecommended = recommended.value?.settings[key] === value && !(key === 'steps' && preset.value === 'quick')
    const others = Object.entries(overrides.value).filter(([name]) => name !== key)
    const next: TrainRequest = Object.fromEntries(isRecommended ? others : [...others, [key, value]])
    overrides.value = next
    void advise()
  }
  function choosePreset(next: Preset): void {
    preset.value = next
    const { steps: _, ...others } = overrides.value
    overrides.value = others
    void advise()
  }
  function reset(): void {
    overrides.value = {}
    preset.value = 'standard'
    void advise()
  }
  /** Another project or other data: nothing of the former one counts. */
  function forget(): void {
    recommended.value = null
    advice.value = null
    adviceError.value = null
    overrides.value = {}
    preset.value = 'standard'
    shownRun.value = null
    curves.value = new Map()
  }

  async function start(): Promise<void> {
    if (starting.value) return
    starting.value = true
    const answer = await engine('run.start', request.value)
    starting.value = false
    if (!answer.ok) return project.report(answer.error)
    const { job: id, run: started } = answer.value
    project.track(id, 'train', started)
    shownRun.value = started
    if (preset.value === 'thorough' && started !== null) await repeatRun(started, thoroughSeeds, false)
    await project.refresh()
  }

  /** Tries the settings for about two seconds. */
  async function measure(): Promise<void> {
    if (estimating.value) return
    estimating.value = true
    const measured = request.value
    const answer = await engine('run.estimate', measured)
    estimating.value = false
    if (!answer.ok) project.report(answer.error)
    else if (request.value === measured) estimate.value = answer.value
  }

  /** Pauses a run, or takes a waiting one out of the queue. */
  async function pause(id: number): Promise<void> {
    const answer = await engine('run.pause', { run: id })
    if (!answer.ok) project.report(answer.error)
  }
  async function resume(id: number): Promise<void> {
    const answer = await engine('run.resume', { run: id })
    if (!answer.ok) return project.report(answer.error)
    project.track(answer.value.job, 'train', id)
    shownRun.value = id
    await project.refresh()
  }
  /** Ends training where it stands and keeps the model. */
  async function stopAndKeep(id: number): Promise<void> {
    const answer = await engine('run.stop', { run: id })
    if (!answer.ok) return project.report(answer.error)
    project.track(answer.value.job, 'train', id)
  }
  async function discard(id: number): Promise<void> {
    const answer = await engine('run.discard', { run: id })
    if (!answer.ok) return project.report(answer.error)
    shownRun.value = null
    await project.refresh()
  }

  /** Links the run to genes and biological processes. */
  async function link(linked: Run): Promise<void> {
    const answer = await engine('link.start', {
      run: linked.id,
      aspect: 'BP',
      background: 'detected',
      evidence: 'all',
      shuffles: linkShuffles,
    })
    if (!answer.ok) return project.report(answer.error)
    project.track(answer.value.job, 'link', linked.id)
    const outcome = await project.outcome(answer.value.job)
    if (outcome.ok) await project.refresh()
  }

  function show(id: number): void {
    shownRun.value = id
    if (project.runs.some((candidate) => candidate.id === id && candidate.state === 'done')) project.selectRun(id)
  }

  /** Reads the stored curve of a run; live points that arrived meanwhile are kept. */
  async function loadCurve(id: number): Promise<void> {
    const answer = await engine('run.history', { run: id })
    if (answer.ok) merge(id, answer.value)
  }
  function merge(id: number, arrived: readonly MetricPoint[]): void {
    const bySteps = new Map([...(curves.value.get(id) ?? []), ...arrived].map((point) => [point.step, point]))
    const sorted = [...bySteps.values()].sort((a, b) => a.step - b.step)
    curves.value = new Map(curves.value).set(id, sorted)
  }
  onEvent('run.checkpoint', ({ run: id, problem }) => {
    const next = new Map(checkpointProblems.value)
    if (problem) next.set(id, `${problem.message} ${problem.remedy}`)
    else next.delete(id)
    checkpointProblems.value = next
  })
  onEvent('run.point', ({ run: id, point }) => merge(id, [point]))

  return {
    preset,
    overrides,
    recommended,
    advice,
    adviceError,
    request,
    changed,
    run,
    job,
    curves,
    points,
    starting,
    estimate,
    estimating,
    checkpointProblems,
    shownRun,
    measure,
    pause,
    resume,
    stopAndKeep,
    discard,
    advise,
    change,
    choosePreset,
    reset,
    forget,
    start,
    link,
    show,
    loadCurve,
  }
})

/** Jobs whose progress stands beside the run they work on. */
const headerKinds: ReadonlySet<JobKind> = new Set<JobKind>(['train', 'link', 'seeds', 'controls'])

/** Shuffled copies of the chance check that stands beside the terms. */
const linkShuffles = 20
