// A trained model as the folders of dictionary_learning (config.json and ae.pt) and sparsify (cfg.json and
// sae.safetensors). Both take rows as they were imported: the preparation is folded into the weights.
import type { TrainSettings } from '@contract'
import { refuse } from '../../base/refusal'
import { turned, withUnitRows } from '../import/models/foreign-model'
import type { RunWeights } from '../store/runs'
import { writeFolderWhole, type WrittenFile } from './atomic-write'
import type { FoldedModel } from './folded-model'
import { safetensorsPieces } from './safetensors'
import { torchFilePieces, type SavedTensor } from './torch-file'

/** A folded model with what it was trained as. */
export interface ToolModel {
  readonly model: FoldedModel
  readonly settings: TrainSettings
  /** What only some architectures have, in the units of training as everywhere. */
  readonly weights: Pick<RunWeights, 'thresholds' | 'magnitudeLog'>
  readonly threshold: number
  /** Sizes of the nested levels' new parts, summing to all latents. */
  readonly groups: readonly number[]
  readonly about: Readonly<Record<string, string | number | boolean>>
}

/** Trainers that are not called as their class. */
const trainers: Readonly<Record<string, string>> = {
  AutoEncoder: 'StandardTrainer',
  GatedAutoEncoder: 'GatedSAETrainer',
  JumpReluAutoEncoder: 'JumpReluTrainer',
}

type ToolWriter = (path: string, model: ToolModel) => WrittenFile[]

const json = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, null, 2)}\n`)

export const writeDictionaryLearning: ToolWriter = (path, tool) => {
  const { model, settings, groups, about } = tool
  const { latents, dims } = model
  const { className, tensors } = stateOf(tool)
  const configuration = {
    trainer: {
      trainer_class: trainers[className] ?? className.replace(/(SAE)?$/, 'Trainer'),
      dict_class: className,
      activation_dim: dims,
      dict_size: latents,
      k: settings.k,
      lr: settings.learningRate,
      steps: settings.steps,
      auxk_alpha: settings.auxCoefficient,
      warmup_steps: Math.round(settings.steps * settings.warmUp),
      decay_start: Math.round(settings.steps * (1 - settings.decay)),
      threshold_beta: 0.999,
      threshold_start_step: 1000,
      seed: settings.seed,
      device: 'cpu',
      layer: 0,
      lm_name: '',
      wandb_name: '',
      submodule_name: null,
      ...(className === 'MatryoshkaBatchTopKSAE' ? { group_sizes: groups } : {}),
    },
    buffer: { d_submodule: dims },
    latiscope: about,
  }
  return writeFolderWhole(path, { 'config.json': [json(configuration)], 'ae.pt': torchFilePieces(tensors) })
}

interface State {
  readonly className: string
  readonly tensors: SavedTensor[]
}

/** The tensors of the class that selects in the same way. */
function stateOf(tool: ToolModel): State {
  const { model, settings, threshold } = tool
  const { latents, dims, encoder, encoderBias, decoder, decoderBias } = model
  const rule: SavedTensor[] = [
    { name: 'k', shape: [], values: Int32Array.of(settings.k) },
    { name: 'threshold', shape: [], values: Float32Array.of(settings.arch === 'topk' ? -1 : threshold) },
  ]
  const matrices: SavedTensor[] = [
    { name: 'decoder.weight', shape: [dims, latents], values: turned(decoder, latents, dims) },
    { name: 'encoder.weight', shape: [latents, dims], values: turned(encoder, dims, latents) },
  ]
  const bias: SavedTensor = { name: 'b_dec', shape: [dims], values: decoderBias }
  switch (settings.arch) {
    case 'topk':
    case 'batchtopk': {
      const tensors = [bias, ...rule, ...matrices, { name: 'encoder.bias', shape: [latents], values: encoderBias }]
      return { className: settings.arch === 'topk' ? 'AutoEncoderTopK' : 'BatchTopKSAE', tensors }
    }
    case 'matryoshka':
      return nestedState(tool, [bias, ...rule])
    case 'relu':
      return reluState(model)
    case 'jumprelu':
      return jumpingState(tool)
    case 'gated': {
      const own = { r_mag: tool.weights.magnitudeLog, gate_bias: encoderBias, mag_bias: model.magnitudeBias }
      const tensors = Object.entries(own).map(([name, values]) => ({ name, shape: [latents], values: present(values) }))
      return { className: 'GatedAutoEncoder', tensors: [...tensors, ...matrices, { ...bias, name: 'decoder_bias' }] }
    }
  }
}

function nestedState({ model, groups }: ToolModel, rule: readonly SavedTensor[]): State {
  const { latents, dims, encoder, encoderBias, decoder } = model
  const tensors: SavedTensor[] = [
    { name: 'W_enc', shape: [dims, latents], values: encoder },
    { name: 'b_enc', shape: [latents], values: encoderBias },
    { name: 'W_dec', shape: [latents, dims], values: decoder },
    ...rule,
    { name: 'group_sizes', shape: [groups.length], values: BigInt64Array.from(groups, BigInt) },
  ]
  return { className: 'MatryoshkaBatchTopKSAE', tensors }
}

/** With decoder rows of length 1: the tool makes them so when it loads, and gives up where that costs accuracy. */
function reluState({ latents, dims, encoder, encoderBias, decoder, decoderBias }: FoldedModel): State {
  const unit = withUnitRows({ dims, encoder: turned(encoder, dims, latents), encoderBias, decoder })
  const tensors: SavedTensor[] = [
    { name: 'bias', shape: [dims], values: decoderBias },
    { name: 'decoder.weight', shape: [dims, latents], values: turned(unit.decoder, latents, dims) },
    { name: 'encoder.weight', shape: [latents, dims], values: unit.encoder },
    { name: 'encoder.bias', shape: [latents], values: unit.encoderBias },
  ]
  return { className: 'AutoEncoder', tensors }
}

/** This class does not subtract the bias of the decoder first. */
function jumpingState({ model, weights }: ToolModel): State {
  const { latents, dims, encoder, encoderBias, decoder, decoderBias } = model
  const plainBias = encoderBias.map((value, latent) => {
    let sum = value
    for (let dim = 0; dim < dims; dim++) sum -= (encoder[dim * latents + latent] as number) * (decoderBias[dim] as number)
    return sum
  })
  const tensors: SavedTensor[] = [
    { name: 'W_enc', shape: [dims, latents], values: encoder },
    { name: 'b_enc', shape: [latents], values: plainBias },
    { name: 'W_dec', shape: [latents, dims], values: decoder },
    { name: 'b_dec', shape: [dims], values: decoderBias },
    { name: 'threshold', shape: [latents], values: present(weights.thresholds) },
  ]
  return { className: 'JumpReluAutoEncoder', tensors }
}

function present(values: Float32Array | null | undefined): Float32Array {
  if (!values) throw new Error('a model without what its architecture has')
  return values
}

/** sparsify keeps the k largest of each row and nothing else. Refuses with MODEL_NOT_EXPRESSIBLE. */
export const writeSparsify: ToolWriter = (path, { model, settings, about }) => {
  if (settings.arch !== 'topk')
    refuse('MODEL_NOT_EXPRESSIBLE', {
      arch: settings.arch,
      tool: 'sparsify',
      why: 'it keeps the same number of features on in every cell',
      next: 'Train with the architecture topk, or write it for SAELens or dictionary_learning.',
    })
  const { latents, dims, encoder, encoderBias, decoder, decoderBias } = model
  const configuration = {
    activation: 'topk',
    expansion_factor: Math.max(1, Math.round(latents / dims)),
    normalize_decoder: false,
    num_latents: latents,
    k: settings.k,
    multi_topk: false,
    skip_connection: false,
    transcode: false,
    d_in: dims,
  }
  const tensors = [
    { name: 'W_dec', shape: [latents, dims], values: decoder },
    { name: 'b_dec', shape: [dims], values: decoderBias },
    { name: 'encoder.bias', shape: [latents], values: encoderBias },
    { name: 'encoder.weight', shape: [latents, dims], values: turned(encoder, dims, latents) },
  ]
  const metadata = Object.fromEntries(Object.entries(about).map(([name, value]) => [name, String(value)]))
  return writeFolderWhole(path, { 'cfg.json': [json(configuration)], 'sae.safetensors': safetensorsPieces(tensors, metadata) })
}
