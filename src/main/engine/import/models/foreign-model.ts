// A model of another tool, brought to one form: p = (x − centre)·Weᵀ + be, z = selected positive p, x̂ = z·Wd + centre.
// Readers check names and shapes of every tensor; where a square matrix could be read either way round, the name decides.
import { refuse } from '../../../base/refusal'
import type { ModelFormat } from '@contract'
import type { NamedTensor } from './safetensors-file'

/**
 * Which pre-activations are on: the k largest of a row, all above a threshold (one, or one per latent), or those above 0 that
 * have a positive magnitude exp(log)·(p − be) + bias, which is then the activation.
 */
export type ForeignRule =
  | { readonly kind: 'topk'; readonly k: number }
  | { readonly kind: 'threshold'; readonly threshold: number | Float32Array }
  | { readonly kind: 'gates'; readonly log: Float32Array; readonly bias: Float32Array }

export interface ForeignModel {
  readonly format: ModelFormat
  /** The tool's own word. */
  readonly architecture: string
  readonly latents: number
  readonly dims: number
  /** latents × dims. */
  readonly encoder: Float32Array
  readonly encoderBias: Float32Array
  /** latents × dims. */
  readonly decoder: Float32Array
  /** dims; subtracted before encoding, added after decoding. */
  readonly centre: Float32Array
  readonly rule: ForeignRule
  /** Latents on per row the tool trained for; null where it does not say. */
  readonly k: number | null
  /** The architecture it was trained as, where the file says. */
  readonly trainedAs: string | null
  /** What a user should know. */
  readonly notes: readonly string[]
}

export type Tensors = ReadonlyMap<string, NamedTensor>

/** Looks tensors up by name and shape. Refuses with MODEL_UNFIT. */
export class TensorPicker {
  constructor(
    private readonly tensors: Tensors,
    private readonly file: string,
  ) {}

  has(name: string): boolean {
    return this.tensors.has(name)
  }

  shape(name: string): readonly number[] {
    return this.find(name).shape
  }

  /** Rows and columns of a matrix. */
  sizes(name: string): [number, number] {
    const [rows, columns, more] = this.shape(name)
    if (rows === undefined || columns === undefined || more !== undefined) return this.unfit(`${name} is no matrix`)
    return [rows, columns]
  }

  take(name: string, ...shape: number[]): Float32Array {
    const found = this.find(name)
    if (found.shape.join() !== shape.join())
      this.unfit(`${name} has the shape ${found.shape.join(' × ')} instead of ${shape.join(' × ')}`)
    return found.values
  }

  /** A matrix stored as columns × rows, as rows × columns. */
  takeTurned(name: string, rows: number, columns: number): Float32Array {
    return turned(this.take(name, columns, rows), columns, rows)
  }

  /** A single number, stored as a scalar or as one entry; null when absent. */
  scalar(name: string): number | null {
    const found = this.tensors.get(name)
    return found?.values.length === 1 ? (found.values[0] as number) : null
  }

  unfit(why: string): never {
    return refuse('MODEL_UNFIT', {
      file: this.file,
      why,
      next: 'Choose the folder as the tool wrote it, with its configuration.',
    })
  }

  private find(name: string): NamedTensor {
    return this.tensors.get(name) ?? this.unfit(`it has no tensor called ${name}`)
  }
}

export function turned(values: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(values.length)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) out[column * rows + row] = values[row * columns + column] as number
  return out
}

/** be + We·centre: the bias of a model that does not subtract the centre, as one that does. */
export function biasAround(encoder: Float32Array, bias: Float32Array, centre: Float32Array): Float32Array {
  const dims = centre.length
  return Float32Array.from(bias, (value, latent) => {
    let sum = value
    for (let dim = 0; dim < dims; dim++) sum += (encoder[latent * dims + dim] as number) * (centre[dim] as number)
    return sum
  })
}

/** The rule of a model that does not subtract the centre, as of one that does: magnitudes have a bias of their own. */
export function ruleAround(rule: ForeignRule, encoder: Float32Array, centre: Float32Array): ForeignRule {
  if (rule.kind !== 'gates') return rule
  const given = biasAround(encoder, new Float32Array(rule.bias.length), centre)
  const bias = rule.bias.map((value, latent) => value + Math.exp(rule.log[latent] as number) * (given[latent] as number))
  return { ...rule, bias }
}

/** Length of each decoder row. */
function rowLengths(decoder: Float32Array, dims: number): Float32Array {
  return Float32Array.from({ length: decoder.length / dims }, (_, row) =>
    Math.sqrt(decoder.subarray(row * dims, (row + 1) * dims).reduce((sum, value) => sum + value * value, 0)),
  )
}

/** Decoder rows of length 1: what a row loses, its pre-activation gains. A row of zeros stays. `encoder`: latents × dims. */
export function withUnitRows<M extends Pick<ForeignModel, 'dims' | 'encoder' | 'encoderBias' | 'decoder'>>(model: M): M {
  const { dims } = model
  const lengths = rowLengths(model.decoder, dims).map((length) => length || 1)
  return {
    ...model,
    encoder: model.encoder.map((value, at) => value * (lengths[Math.floor(at / dims)] as number)),
    encoderBias: model.encoderBias.map((value, latent) => value * (lengths[latent] as number)),
    decoder: model.decoder.map((value, at) => value / (lengths[Math.floor(at / dims)] as number)),
  }
}
