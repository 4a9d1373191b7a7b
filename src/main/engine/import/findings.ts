// Problems of a file together with what they block: a stop ends the import unless the user's choice answers it.
// Invariant: the refusal of an import and the stop shown in the review come from the same finding.
import { appError, type AppError, type Details, type ErrorCode, type ImportChoice, type Problem } from '@contract'
import { Refusal } from '../../base/refusal'

export interface Stop {
  readonly error: AppError
  /** The flag that answers it, or null when only another file or part does. */
  readonly answeredBy: 'dropMissing' | 'renameDuplicates' | 'header' | null
}

export const stopOf = (code: ErrorCode, details: Details, answeredBy: Stop['answeredBy'] = null): Stop => ({
  error: appError(code, details),
  answeredBy,
})

export const asProblem = (level: Problem['level'], { code, message, remedy }: AppError): Problem => ({
  level,
  code,
  message,
  remedy,
})

/** The stop as the review shows it, with the answer that settles it. */
export const stopProblem = ({ error, answeredBy }: Stop): Problem => ({
  ...asProblem('stop', error),
  ...(answeredBy === null ? {} : { answer: answeredBy }),
})

/** Refuses with the first stop that the choice does not answer. */
export function refuseUnanswered(stops: readonly Stop[], choice: ImportChoice): void {
  for (const stop of stops) if (stop.answeredBy === null || !choice[stop.answeredBy]) throw new Refusal(stop.error)
}
