// Where the models of a project come from.
import * as v from 'valibot'

/** Where a model comes from: trained, another seed of a run, trained on from a run, shared by the seeds of a run, a file. */
export const RunSource = v.strictObject({
  kind: v.picklist(['trained', 'repeat', 'continued', 'consensus', 'imported']),
  of: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1))),
  /** Format and name of the file of an imported model. */
  note: v.nullable(v.string()),
})
export type RunSource = v.InferOutput<typeof RunSource>
