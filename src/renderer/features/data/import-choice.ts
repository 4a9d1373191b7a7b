// The rules behind the review's answers. Pure.
import type {
  CellFilter,
  GeneChoice,
  GeneUnion,
  HeaderAnswer,
  ImportChoice,
  Inspection,
  MetadataInfo,
  Problem,
  Role,
  RowKind,
  Verdict,
} from '@contract'
import { dataText } from '../../text/data'

/** The entry the engine suggests, else the first. */
export function suggestedKey(entries: readonly { readonly key: string; readonly suggested: boolean }[]): string | null {
  return (entries.find((entry) => entry.suggested) ?? entries[0])?.key ?? null
}

/** The roles found in the file; each role goes to the first column that has it. */
export function rolesOf(metadata: readonly MetadataInfo[]): Map<string, Role> {
  const taken = new Set<Role>()
  const roles = new Map<string, Role>()
  for (const { name, role } of metadata) {
    if (role === null || taken.has(role)) continue
    taken.add(role)
    roles.set(name, role)
  }
  return roles
}

export type StopAnswer = NonNullable<Problem['answer']>

/** The answer that settles a stop, where the user can give one here. */
export function stopAnswer(problem: Pick<Problem, 'code' | 'answer'>): StopAnswer | null {
  if (problem.answer) return problem.answer
  if (problem.code === 'MISSING_NUMBERS') return 'dropMissing'
  return problem.code === 'DUPLICATE_IDS' ? 'renameDuplicates' : null
}

export function isAnswered(problem: Problem, choice: ImportChoice): boolean {
  const answer = stopAnswer(problem)
  if (answer === null) return false
  return answer === 'header' ? (choice.header ?? null) !== null : choice[answer]
}

/** Answers that decide how the file is read: another answer is another look. Null: as the engine thinks best. */
export interface ReadingAnswers {
  readonly rowKind: RowKind | null
  readonly verdict: Verdict | null
  readonly header: HeaderAnswer | null
  readonly transposed: boolean | null
  readonly geneColumn: string | null
  readonly cells: readonly CellFilter[]
  readonly genes: GeneChoice | null
  readonly genesOfSeveral: GeneUnion | null
}

export const noReadingAnswers: ReadingAnswers = {
  rowKind: null,
  verdict: null,
  header: null,
  transposed: null,
  geneColumn: null,
  cells: [],
  genes: null,
  genesOfSeveral: null,
}

/** The answers given, as the engine is told them; what was not answered is left out. */
export function readingChoice(answers: ReadingAnswers): Partial<ImportChoice> {
  const { cells, ...others } = answers
  const given = Object.entries(others).filter(([, value]) => value !== null)
  return { ...(Object.fromEntries(given) as Partial<ImportChoice>), ...(cells.length > 0 ? { cells: [...cells] } : {}) }
}

export const hasReadingAnswers = (answers: ReadingAnswers): boolean => Object.keys(readingChoice(answers)).length > 0

/**
 * The problems that concern the user's choice: missing numbers are found for the suggested representation, so they fall
 * away when another one is chosen, as does the lack of a suggestion once one is chosen; what the import refused is added.
 */
export function relevantProblems(found: Inspection | null, representation: string | null, refused: Problem | null): Problem[] {
  if (!found) return []
  const suggested = found.representations.find((entry) => entry.suggested)?.key ?? null
  const concerns = ({ code, level }: Problem): boolean => {
    if (level !== 'stop') return true
    if (code === 'NO_REPRESENTATION') return representation === null
    return code !== 'MISSING_NUMBERS' || representation === suggested
  }
  const kept = found.problems.filter(concerns)
  const isKnown = refused !== null && kept.some((problem) => problem.code === refused.code && problem.level === 'stop')
  return refused === null || isKnown ? kept : [refused, ...kept]
}

const order: Readonly<Record<Problem['level'], number>> = { stop: 0, warning: 1, info: 2 }
/** Stops first, then warnings, then things to know. */
export const byLevel = (problems: readonly Problem[]): Problem[] => [...problems].sort((a, b) => order[a.level] - order[b.level])

/** The checks that found nothing to complain about, in words. */
export function passedChecks(found: Inspection, problems: readonly Problem[], representation: string | null): string[] {
  const { checks } = dataText.problems
  const has = (code: string): boolean => problems.some((problem) => problem.code === code)
  const chosen = found.representations.find((entry) => entry.key === representation)
  const passed: string[] = [checks.readable]
  if (chosen?.rows === found.rows) passed.push(checks.rows)
  if (!has('DUPLICATE_IDS')) passed.push(checks.names)
  if (!has('MISSING_NUMBERS')) passed.push(checks.numbers)
  if (found.genes.of > 0 && found.genes.mapped / found.genes.of >= 0.8) passed.push(checks.genes)
  return passed
}

/** "bone marrow.h5ad" → "bone marrow"; the ending of a project file goes too. */
export const projectName = (fileName: string): string =>
  fileName.replace(/(\.(h5ad|h5mu|h5|loom|npy|npz|csv|tsv|txt|parquet|feather|xlsx|zarr|zip|latiscope|gz))+$/i, '') || fileName

/** Whether every value of a preview column is a number, so that it is set to the right. */
export function isNumeric(rows: readonly (readonly string[])[], column: number): boolean {
  const values = rows.map((row) => row[column] ?? '').filter((value) => value !== '' && value !== '–')
  return values.length > 0 && values.every((value) => /^[-−+]?(?:[\d,.]+(?:e[-+]?\d+)?|infinity)$/i.test(value))
}

/** Roles that were found and then taken away by the user, as the import has to be told: without an answer it finds them again. */
export function removedRoles(inspection: Inspection | null, roles: ReadonlyMap<string, Role>): [string, null][] {
  return (inspection?.metadata ?? []).flatMap(({ name, role }) =>
    role !== null && !roles.has(name) ? [[name, null] as [string, null]] : [],
  )
}
