// What was done, in words for a paper: generated from what a run and its links stored, never from what is installed now.
import * as v from 'valibot'
import { Count, RunId } from './model'

export const MethodsText = v.strictObject({
  /** All sections as one text, one paragraph each, with citations as [1]. */
  text: v.string(),
  sections: v.array(v.strictObject({ title: v.string(), text: v.string() })),
  /** In the order of their numbers. */
  citations: v.array(v.string()),
})
export type MethodsText = v.InferOutput<typeof MethodsText>

export const reportMethods = {
  /** `linkings`: stored results to describe; without it the shown ones. */
  'report.methods': {
    kind: 'read',
    timeoutMs: 20_000,
    params: v.strictObject({ run: v.nullable(RunId), linkings: v.optional(v.nullable(v.array(Count))) }),
    result: MethodsText,
  },
} as const
