// dictionary_learning: ae.pt (a state dict of tensors) beside config.json, or inside trainer_0. The names of the tensors
// tell the class apart; the configuration is asked only where they cannot.
import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { refuse } from '../../../base/refusal'
import type { TorchTensor } from '../torch/pickle'
import { withTorchFile } from '../torch/torch-file'
import { readJson, type Configuration } from './configuration'
import { biasAround, TensorPicker, type ForeignModel, type ForeignRule, type Tensors } from './foreign-model'
import type { NamedTensor } from './safetensors-file'

/** The weights of a folder or file of dictionary_learning; null when this is none. */
export function dictionaryLearningFile(path: string): string | null {
  if (!statSync(path).isDirectory()) return /\.pth?$/i.test(path) ? path : null
  return [join(path, 'ae.pt'), join(path, 'trainer_0', 'ae.pt')].find((file) => existsSync(file)) ?? null
}

export function readDictionaryLearning(file: string): ForeignModel {
  const beside = join(dirname(file), 'config.json')
  const trainer = existsSync(beside) ? readJson(beside).part('trainer') : readJson('', {})
  return build(stateOf(file), trainer, basename(file))
}

/** All tensors of a state dict, by name. */
function stateOf(file: string): Tensors {
  return withTorchFile(file, ({ value, numbers }) => {
    if (!(value instanceof Map)) refuse('MODEL_UNFIT', { file: basename(file), why: 'it is not a list of named tensors' })
    const tensors = new Map<string, NamedTensor>()
    for (const [name, each] of value) {
      if (typeof name !== 'string' || !isTensor(each)) continue
      tensors.set(name, { shape: each.shape, values: numbers(each) })
    }
    return tensors
  })
}

const isTensor = (value: unknown): value is TorchTensor =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'tensor'

interface Parts {
  readonly latents: number
  readonly dims: number
  readonly encoder: Float32Array
  readonly encoderBias: Float32Array
  readonly decoder: Float32Array
  readonly centre: Float32Array
}

function build(tensors: Tensors, trainer: Configuration, file: string): ForeignModel {
  const pick = new TensorPicker(tensors, file)
  const named = trainer.text('dict_class')
  const notes: string[] = []
  const model = (architecture: string, parts: Parts, rule: ForeignRule, trainedAs: string): ForeignModel => ({
    ...parts,
    format: 'dictionary-learning',
    architecture,
    rule,
    k: pick.scalar('k') ?? trainer.whole('k'),
    trainedAs,
    notes,
  })
  if (pick.has('k') && pick.has('group_sizes'))
    return model(
      'MatryoshkaBatchTopKSAE',
      plainParts(pick, true),
      { kind: 'threshold', threshold: threshold(pick, notes) },
      'matryoshka',
    )
  if (pick.has('k') && named === 'AutoEncoderTopK')
    return model(named, linearParts(pick), { kind: 'topk', k: pick.scalar('k') ?? pick.unfit('it does not say k') }, 'topk')
  if (pick.has('k')) {
    if (named === null)
      notes.push('No config.json lies beside the weights: taken as BatchTopKSAE, which has the same tensors as AutoEncoderTopK.')
    return model('BatchTopKSAE', linearParts(pick), { kind: 'threshold', threshold: threshold(pick, notes) }, 'batchtopk')
  }
  if (pick.has('gate_bias')) {
    const parts = gatedParts(pick)
    const { latents } = parts
    const rule: ForeignRule = { kind: 'gates', log: pick.take('r_mag', latents), bias: pick.take('mag_bias', latents) }
    return model('GatedAutoEncoder', parts, rule, 'gated')
  }
  if (pick.has('W_enc')) {
    const parts = plainParts(pick, false)
    const rule: ForeignRule = { kind: 'threshold', threshold: pick.take('threshold', parts.latents) }
    return model('JumpReluAutoEncoder', parts, rule, 'jumprelu')
  }
  const relu: ForeignRule = { kind: 'threshold', threshold: 0 }
  if (pick.has('bias')) return model('AutoEncoder', linearParts(pick, 'bias'), relu, 'relu')
  if (pick.has('decoder.bias')) return model('AutoEncoderNew', newParts(pick), relu, 'relu')
  return pick.unfit('its tensors are those of no known class')
}

/** −1 stands for a threshold that was never measured: then the exact one is found on the rows here. */
function threshold(pick: TensorPicker, notes: string[]): number {
  const value = pick.scalar('threshold') ?? -1
  if (value < 0)
    notes.push('The file holds no threshold (trained for less than 1,000 steps): it was found on the cells of this project.')
  return value
}

/** Linear layers: encoder.weight latents × dims, decoder.weight dims × latents. */
function linearParts(pick: TensorPicker, centreName = 'b_dec'): Parts {
  const [latents, dims] = pick.sizes('encoder.weight')
  return {
    latents,
    dims,
    encoder: pick.take('encoder.weight', latents, dims),
    encoderBias: pick.take('encoder.bias', latents),
    decoder: pick.takeTurned('decoder.weight', latents, dims),
    centre: pick.take(centreName, dims),
  }
}

/** Linear layers without biases; the gate has one of its own. */
function gatedParts(pick: TensorPicker): Parts {
  const [latents, dims] = pick.sizes('encoder.weight')
  return {
    latents,
    dims,
    encoder: pick.take('encoder.weight', latents, dims),
    encoderBias: pick.take('gate_bias', latents),
    decoder: pick.takeTurned('decoder.weight', latents, dims),
    centre: pick.take('decoder_bias', dims),
  }
}

/** Without a centre that is subtracted first. */
function newParts(pick: TensorPicker): Parts {
  const parts = linearParts(pick, 'decoder.bias')
  return { ...parts, encoderBias: biasAround(parts.encoder, parts.encoderBias, parts.centre) }
}

/** Plain matrices: W_enc dims × latents, W_dec latents × dims. */
function plainParts(pick: TensorPicker, subtracts: boolean): Parts {
  const [dims, latents] = pick.sizes('W_enc')
  const encoder = pick.takeTurned('W_enc', latents, dims)
  const bias = pick.take('b_enc', latents)
  const centre = pick.take('b_dec', dims)
  const decoder = pick.take('W_dec', latents, dims)
  return { latents, dims, encoder, encoderBias: subtracts ? bias : biasAround(encoder, bias, centre), decoder, centre }
}
