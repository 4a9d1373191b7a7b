// A file under review: what was found, the user's answers, and the import itself. Nothing is stored before `confirm`.
import { computed, reactive, ref, shallowRef, watch } from 'vue'
import { defineStore } from 'pinia'
import type { AppError, Granted, ImportChoice, Inspection, Problem, Role } from '@contract'
import { engine, shell } from '../../bridge/client'
import { createProject, pendingSource, startImport } from '../../bridge/project-actions'
import { useProjectStore } from '../../bridge/project-store'
import { besideTokens, noFilesBeside, type BesideKind, type GrantedBeside } from './files-beside'
import { answerTo, isAnswered, projectName, relevantProblems, removedRoles, rolesOf, suggestedKey } from './import-choice'

export const useImportStore = defineStore('import', () => {
  const project = useProjectStore()
  const source = shallowRef<Granted | null>(null)
  const inspection = shallowRef<Inspection | null>(null)
  const failure = shallowRef<AppError | null>(null)
  const job = ref<string | null>(null)
  const busy = ref(false)
  const representation = ref<string | null>(null)
  const expression = ref<string | null>(null)
  const roles = reactive(new Map<string, Role>())
  /** Further files of the same cells, and why they could not be joined. */
  const beside = shallowRef<GrantedBeside>(noFilesBeside)
  const besideFailure = shallowRef<AppError | null>(null)
  const looking = ref(false)
  const dropMissing = ref(false)
  const renameDuplicates = ref(false)

  const choice = computed<ImportChoice>(() => ({
    representation: representation.value,
    expression: expression.value,
    roles: Object.fromEntries([...removedRoles(inspection.value, roles), ...roles]),
    dropMissing: dropMissing.value,
    renameDuplicates: renameDuplicates.value,
  }))
  /** What the import itself refused although the look had not shown it, e.g. for another representation. */
  const refused = shallowRef<Problem | null>(null)
  const problems = computed(() => relevantProblems(inspection.value, representation.value, refused.value))
  const openStops = computed(() =>
    problems.value.filter((problem) => problem.level === 'stop' && !isAnswered(problem, choice.value)),
  )
  watch(representation, () => (refused.value = null))
  const importing = computed(() => project.runningJobs.find((running) => running.id === job.value) ?? null)

  /** Looks into a file, once per grant: coming back to the page keeps the answers given. */
  async function inspect(granted: Granted): Promise<void> {
    if (source.value?.token === granted.token && (inspection.value !== null || failure.value === null)) return
    source.value = granted
    inspection.value = null
    failure.value = null
    refused.value = null
    job.value = null
    beside.value = noFilesBeside
    besideFailure.value = null
    const answer = await engine('source.inspect', { file: granted.token })
    if (source.value?.token !== granted.token) return
    if (answer.ok) show(answer.value)
    else failure.value = answer.error
  }

  function show(found: Inspection): void {
    // What the engine does not suggest is only taken when the user says so.
    representation.value = found.representations.find((entry) => entry.suggested)?.key ?? null
    expression.value = suggestedKey(found.expression)
    dropMissing.value = false
    renameDuplicates.value = false
    roles.clear()
    for (const [column, role] of rolesOf(found.metadata)) roles.set(column, role)
    inspection.value = found
  }

  /** Looks again with other files beside the first one; when they do not join, what was found before stays on the page. */
  async function join(next: GrantedBeside): Promise<void> {
    const granted = source.value
    if (!granted) return
    beside.value = next
    besideFailure.value = null
    looking.value = true
    const answer = await engine('source.inspect', { file: granted.token, beside: besideTokens(next) })
    if (source.value?.token !== granted.token || beside.value !== next) return
    looking.value = false
    if (answer.ok) show(answer.value)
    else besideFailure.value = answer.error
  }

  async function addBeside(kind: BesideKind): Promise<void> {
    const chosen = await shell('files.chooseData', {})
    if (!chosen.ok) project.report(chosen.error)
    else if (chosen.value) await join({ ...beside.value, [kind]: chosen.value })
  }

  /** Gives a column a role; a role belongs to one column, so it leaves the one that had it. */
  function setRole(column: string, role: Role | null): void {
    if (role !== null) for (const [other, taken] of roles) if (taken === role) roles.delete(other)
    if (role === null) roles.delete(column)
    else roles.set(column, role)
  }

  /** An empty project that is open already (an earlier try failed or was cancelled) is used again. */
  async function ensureProject(granted: Granted): Promise<boolean> {
    if (project.summary !== null && project.summary.data === null && !project.summary.readOnly) return true
    const file = await shell('files.newProject', { suggestedName: projectName(granted.name) })
    if (!file.ok) {
      project.report(file.error)
      return false
    }
    return file.value !== null && createProject(file.value, projectName(file.value.name))
  }

  /** Asks where to store the project, creates it and imports; ends with the stored facts on the page. */
  async function confirm(): Promise<void> {
    const granted = source.value
    if (!granted || busy.value || openStops.value.length > 0 || besideFailure.value || looking.value) return
    busy.value = true
    try {
      if (!(await ensureProject(granted))) return
      job.value = await startImport(granted, choice.value, besideTokens(beside.value))
      if (job.value === null) return
      const outcome = await project.outcome(job.value)
      if (!outcome.ok) {
        const { code, message, remedy } = outcome.error
        if (answerTo({ code }) !== null) refused.value = { level: 'stop', code, message, remedy }
        return
      }
      await project.refresh()
      if (pendingSource.value?.token === granted.token) pendingSource.value = null
      source.value = null
      beside.value = noFilesBeside
    } finally {
      busy.value = false
    }
  }

  async function cancel(): Promise<void> {
    if (job.value !== null) await project.cancelJob(job.value)
  }

  return {
    source,
    inspection,
    failure,
    busy,
    representation,
    expression,
    roles,
    beside,
    besideFailure,
    looking,
    dropMissing,
    renameDuplicates,
    choice,
    problems,
    openStops,
    importing,
    inspect,
    join,
    addBeside,
    setRole,
    confirm,
    cancel,
  }
})
