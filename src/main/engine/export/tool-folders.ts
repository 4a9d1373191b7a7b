// A trained model as the folders of dictionary_learning (config.json and ae.pt) and sparsify (cfg.json and
// sae.safetensors). Both take rows as they were imported: the preparation is folded into the weights.
import type { TrainSettings } from '@contract'
import { refuse } from '../../base/refusal'
import { turned } from '../import/models/foreign-model'
import { writeFolderWhole, type WrittenFile } from './atomic-write'
import type { FoldedModel } from './folded-model'
import { safetensorsPieces } from './safetensors'
import { torchFilePieces, type SavedTensor } from './torch-file'

/** A folded model with what it was trained as. */
export interface ToolModel {
  readonly model: FoldedModel
  readonly settings: TrainSettings
  readonly threshold: number
  /** Sizes of the nested levels' new parts, summing to all latents. */
  readonly groups: readonly number[]
  readonly about: Readonly<Record<string, string | number | boolean>>
}

type ToolWriter = (path: string, model: ToolModel) => WrittenFile[]

const json = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, null, 2)}\n`)

/** Refuses with MODEL_NOT_EXPRESSIBLE for architectures the tool has no class for. */
export const writeDictionaryLearning: ToolWriter = (path, { model, settings, threshold, groups, about }) => {
  const { latents, dims } = model
  const { className, tensors } = stateOf(model, settings, threshold, groups)
  const configuration = {
    trainer: {
      trainer_class: className.replace(/(SAE)?$/, 'Trainer'),
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

function stateOf(
  { latents, dims, encoder, encoderBias, decoder, decoderBias }: FoldedModel,
  { arch, k }: TrainSettings,
  threshold: number,
  groups: readonly number[],
): { className: string; tensors: SavedTensor[] } {
  const rule: SavedTensor[] = [
    { name: 'k', shape: [], values: Int32Array.of(k) },
    { name: 'threshold', shape: [], values: Float32Array.of(arch === 'topk' ? -1 : threshold) },
  ]
  const bias: SavedTensor = { name: 'b_dec', shape: [dims], values: decoderBias }
  if (arch === 'matryoshka') {
    const tensors: SavedTensor[] = [
      { name: 'W_enc', shape: [dims, latents], values: encoder },
      { name: 'b_enc', shape: [latents], values: encoderBias },
      { name: 'W_dec', shape: [latents, dims], values: decoder },
      bias,
      ...rule,
      { name: 'group_sizes', shape: [groups.length], values: BigInt64Array.from(groups, BigInt) },
    ]
    return { className: 'MatryoshkaBatchTopKSAE', tensors }
  }
  if (arch !== 'topk' && arch !== 'batchtopk')
    refuse('MODEL_NOT_EXPRESSIBLE', {
      arch,
      tool: 'dictionary_learning',
      why: 'none of its classes selects in this way and subtracts the mean',
      next: 'Write it for SAELens.',
    })
  const tensors: SavedTensor[] = [
    { name: 'b_dec', shape: [dims], values: decoderBias },
    ...rule,
    { name: 'decoder.weight', shape: [dims, latents], values: turned(decoder, latents, dims) },
    { name: 'encoder.weight', shape: [latents, dims], values: turned(encoder, dims, latents) },
    { name: 'encoder.bias', shape: [latents], values: encoderBias },
  ]
  return { className: arch === 'topk' ? 'AutoEncoderTopK' : 'BatchTopKSAE', tensors }
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
