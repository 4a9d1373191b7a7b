// What the engine and the shell tell the window without being asked. At most ten progress events a second per job.
import * as v from 'valibot'
import type { AppError } from './errors'
import * as m from './model'
import { JobKind, runControlEvents } from './run-control'

const ErrorValue = v.custom<AppError>((x) => typeof x === 'object' && x !== null && 'code' in x && 'message' in x)

export const events = {
  'job.progress': v.strictObject({
    job: m.JobId,
    kind: JobKind,
    step: m.Count,
    of: m.Count,
    secondsLeft: v.nullable(v.number()),
    /** What is being done now, as a short phrase. */
    phase: v.string(),
  }),
  'job.done': v.strictObject({ job: m.JobId, kind: JobKind, result: v.unknown() }),
  'job.failed': v.strictObject({ job: m.JobId, kind: JobKind, error: ErrorValue }),
  'run.point': v.strictObject({ run: m.RunId, point: m.MetricPoint }),
  ...runControlEvents,
  /** Something stored in the project changed; ask for the summary again. */
  'project.changed': v.strictObject({}),
  /** The engine died and was started again; `reopened` says whether the project is open again. */
  'engine.restarted': v.strictObject({ reopened: v.boolean(), error: ErrorValue }),
  'menu.command': v.strictObject({ command: v.string() }),
} as const

export type EventName = keyof typeof events
export type EventPayload<E extends EventName> = v.InferOutput<(typeof events)[E]>
export interface AppEvent<E extends EventName = EventName> {
  readonly name: E
  readonly payload: EventPayload<E>
}
