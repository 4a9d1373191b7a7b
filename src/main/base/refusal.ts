// An error of the closed list, thrown inside one process and turned into a value at its border.
import { appError, type AppError, type Details, type ErrorCode, type Result } from '@contract'

export class Refusal extends Error {
  constructor(readonly error: AppError) {
    super(`${error.code}: ${error.message}`)
  }
}

/** Stops the present request with an error of the closed list. */
export function refuse(code: ErrorCode, details: Details = {}): never {
  throw new Refusal(appError(code, details))
}

/** Maps anything thrown to an error value; `report` receives what is not on the list, that is, bugs. */
export function errorValue(thrown: unknown, report: (bug: unknown, ref: string) => void): AppError {
  if (thrown instanceof Refusal) return thrown.error
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined
  if (code === 'SQLITE_FULL' || code === 'ENOSPC') return appError('DISK_FULL')
  if (thrown instanceof RangeError && /allocation|array length/i.test(thrown.message)) return appError('OUT_OF_MEMORY')
  const ref = Math.floor(Date.now() % 0xffffff).toString(16)
  report(thrown, ref)
  return { ...appError('INTERNAL'), ref }
}

/** Runs a request and answers with a value, whatever it throws. */
export async function settle<T>(work: () => T | Promise<T>, report: (bug: unknown, ref: string) => void): Promise<Result<T>> {
  try {
    return { ok: true, value: await work() }
  } catch (thrown) {
    return { ok: false, error: errorValue(thrown, report) }
  }
}
