// A model the engine gives to a trainer, to be measured or trained on, with the preparation of the rows that belongs to it.
// Files: start-….f32, named as those a trainer leaves (base/trainer-protocol.ts).
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Model, Parameter } from './model'
import { readFloats, rowsInFile, rowsInMemory, type Rows } from './rows'
import { fileOf, rowsFile, type InputSpec, type TrainerInput } from './scratch-files'
import { standardise, type Preparation } from './standardise'

export interface GivenModel {
  readonly model: Model
  readonly preparation: Preparation
}

/** Reads what the engine wrote; throws when a file does not have the promised size. */
export function readGiven(folder: string, latents: number, dims: number, scale: number): GivenModel {
  const file = (name: string): string => join(folder, `start-${name}.f32`)
  const part = (name: string, length: number): Float32Array => {
    const values = readFloats(file(name))
    if (values.length !== length) throw new Error(`start-${name}.f32 holds ${values.length} numbers, expected ${length}`)
    return values
  }
  const optional = (name: string, length: number): Float32Array | null => (existsSync(file(name)) ? part(name, length) : null)
  const perLatent = (['thresholds', 'magnitudeLog', 'magnitudeBias'] as const satisfies Parameter[]).flatMap((name) => {
    const values = optional(fileOf[name], latents)
    return values ? [[name, values] as const] : []
  })
  const matrix = optional('input-matrix', dims * dims)
  const inverse = optional('input-inverse', dims * dims)
  return {
    model: {
      latents,
      dims,
      encoder: part('encoder', latents * dims),
      decoder: part('decoder', latents * dims),
      encoderBias: part('encoder-bias', latents),
      decoderBias: part('decoder-bias', dims),
      ...Object.fromEntries(perLatent),
    },
    preparation: {
      mean: part('mean', dims),
      scale,
      factors: optional('input-factors', dims),
      whitening: matrix && inverse ? { matrix, inverse } : null,
    },
  }
}

/** The rows of an input as a model takes them; those in memory are changed in place. */
export function preparedRows(spec: InputSpec, { values }: TrainerInput, preparation: Preparation): Rows {
  if (!values) return rowsInFile(rowsFile(spec), spec.dims, (piece) => standardise(piece, preparation))
  standardise(values, preparation)
  return rowsInMemory(values, spec.dims)
}

/** The rows of an input as imported; those in memory change when they are prepared. */
export function rawRows(spec: InputSpec, { values }: TrainerInput): Rows {
  return values ? rowsInMemory(values, spec.dims) : rowsInFile(rowsFile(spec), spec.dims)
}
