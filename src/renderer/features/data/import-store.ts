// A file under review: what was found, the user's answers, and the import itself. Nothing is stored before `confirm`.
// Invariant: what the window shows is always the engine's last look with the answers given; a late look is dropped.
import { computed, reactive, ref, shallowRef, watch } from 'vue'
import { defineStore } from 'pinia'
import type { AppError, Granted, ImportChoice, Inspection, Problem, Role } from '@contract'
import { engine, shell } from '../../bridge/client'
import { createProject, pendingSource, startImport } from '../../bridge/project-actions'
import { useProjectStore } from '../../bridge/project-store'
import { besideTokens, noFilesBeside, type BesideKind, type GrantedBeside } from './files-beside'
import {
  hasReadingAnswers,
  isAnswered,
  noReadingAnswers,
  projectName,
  readingChoice,
  relevantProblems,
  removedRoles,
  rolesOf,
  stopAnswer,
  suggestedKey,
  type ReadingAnswers,
} from './import-choice'

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
  /** Further files of the same cells, and why they could not be read together. */
  const beside = shallowRef<GrantedBeside>(noFilesBeside)
  const besideFailure = shallowRef<AppError | null>(null)
  /** Answers that change how the file is read, so that it is looked into again. */
  const reading = shallowRef<ReadingAnswers>(noReadingAnswers)
  const looking = ref(false)
  /** The user's own table of genes; null: the bundled ones. */
  const geneTable = shallowRef<Granted | null>(null)
  const dropMissing = ref(false)
  const renameDuplicates = ref(false)
  const map = ref<string | null>(null)

  const choice = computed<ImportChoice>(() => ({
    representation: representation.value,
    expression: expression.value,
    roles: Object.fromEntries([...removedRoles(inspection.value, roles), ...roles]),
    dropMissing: dropMissing.value,
    renameDuplicates: renameDuplicates.value,
    ...readingChoice(reading.value),
    ...(map.value === null ? {} : { map: map.value }),
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
    reading.value = noReadingAnswers
    geneTable.value = null
    looking.value = false
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
    map.value = null
    roles.clear()
    for (const [column, role] of rolesOf(found.metadata)) roles.set(column, role)
    inspection.value = found
  }

  /** Takes over a further look at the same file: choices that are still possible stay. */
  function renew(found: Inspection): void {
    const [keptRepresentation, keptExpression] = [representation.value, expression.value]
    const keptRoles = new Map(roles)
    const before = new Set(inspection.value?.metadata.map(({ name }) => name))
    const answers = [dropMissing.value, renameDuplicates.value, map.value] as const
    show(found)
    if (found.representations.some(({ key, usable }) => usable && key === keptRepresentation))
      representation.value = keptRepresentation
    if (found.expression.some(({ key }) => key === keptExpression)) expression.value = keptExpression
    for (const { name } of found.metadata) {
      const role = keptRoles.get(name)
      if (role) setRole(name, role)
      else if (before.has(name)) roles.delete(name)
    }
    ;[dropMissing.value, renameDuplicates.value, map.value] = answers
  }

  /** Looks again with the present files and answers; when they do not fit together, what was found before stays. */
  async function lookAgain(): Promise<void> {
    const granted = source.value
    if (!granted) return
    besideFailure.value = null
    looking.value = true
    const [files, answers, table] = [beside.value, reading.value, geneTable.value]
    const answer = await engine('source.inspect', {
      file: granted.token,
      ...(hasReadingAnswers(answers) ? { choice: choice.value } : {}),
      beside: besideTokens(files),
      ...(table ? { geneTable: table.token } : {}),
    })
    const isLate = beside.value !== files || reading.value !== answers || geneTable.value !== table
    if (source.value?.token !== granted.token || isLate) return
    looking.value = false
    if (answer.ok) renew(answer.value)
    else besideFailure.value = answer.error
  }

  async function join(next: GrantedBeside): Promise<void> {
    beside.value = next
    await lookAgain()
  }

  async function chooseFile(what: 'file' | 'folder' = 'file'): Promise<Granted | null> {
    const chosen = await shell('files.chooseData', { what })
    if (chosen.ok) return chosen.value
    project.report(chosen.error)
    return null
  }

  async function addBeside(kind: BesideKind | 'more' | 'genePositions', what: 'file' | 'folder' = 'file'): Promise<void> {
    const chosen = await chooseFile(what)
    if (chosen && kind === 'more') await join({ ...beside.value, more: [...beside.value.more, chosen] })
    else if (chosen) await join({ ...beside.value, [kind]: chosen })
  }

  /** Names of genes are looked up in a table of the user's, or again in the bundled ones. */
  async function chooseGeneTable(): Promise<void> {
    const chosen = await chooseFile()
    if (chosen) await takeGeneTable(chosen)
  }
  async function takeGeneTable(table: Granted | null): Promise<void> {
    geneTable.value = table
    // The table says of which species it is; what was chosen among others no longer holds.
    const { geneIds } = reading.value.genes ?? {}
    reading.value = { ...reading.value, genes: geneIds ? { geneIds } : null }
    await lookAgain()
  }

  async function read(change: Partial<ReadingAnswers>): Promise<void> {
    reading.value = { ...reading.value, ...change }
    await lookAgain()
  }

  /** Answers a stop, or takes the answer back. */
  async function answerStop(problem: Problem, value: boolean | 'yes' | 'no'): Promise<void> {
    const answer = stopAnswer(problem)
    if (answer === 'header') await read({ header: value === 'yes' || value === 'no' ? value : null })
    else if (answer === 'dropMissing') dropMissing.value = value === true
    else if (answer === 'renameDuplicates') renameDuplicates.value = value === true
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
      job.value = await startImport(granted, choice.value, {
        beside: besideTokens(beside.value),
        geneTable: geneTable.value?.token,
      })
      if (job.value === null) return
      const outcome = await project.outcome(job.value)
      if (!outcome.ok) {
        const { code, message, remedy } = outcome.error
        const stop: Problem = { level: 'stop', code, message, remedy }
        if (stopAnswer(stop) !== null) refused.value = stop
        return
      }
      await project.refresh()
      if (pendingSource.value?.token === granted.token) pendingSource.value = null
      source.value = null
      beside.value = noFilesBeside
      geneTable.value = null
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
    reading,
    looking,
    geneTable,
    dropMissing,
    renameDuplicates,
    map,
    choice,
    problems,
    openStops,
    importing,
    inspect,
    join,
    addBeside,
    chooseGeneTable,
    takeGeneTable,
    read,
    answerStop,
    setRole,
    confirm,
    cancel,
  }
})
