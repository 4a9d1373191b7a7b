// SAELens: cfg.json and sae_weights.safetensors (6.x), and the single safetensors file Latiscope writes, which holds the
// same tensors with the configuration as metadata.
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { biasAround, rowLengths, TensorPicker, type ForeignModel, type ForeignRule } from './foreign-model'
import { readJson, type Configuration } from './configuration'
import { readSafetensors, type TensorFile } from './safetensors-file'

export const isSaeLensFolder = (path: string): boolean =>
  existsSync(join(path, 'cfg.json')) && existsSync(join(path, 'sae_weights.safetensors'))

export function readSaeLens(path: string): ForeignModel {
  const configuration = readJson(join(path, 'cfg.json'))
  const metadata = configuration.part('metadata')
  return build('sae-lens', readSafetensors(join(path, 'sae_weights.safetensors')), configuration, metadata, basename(path))
}

/** One file of weights: the tensors of SAELens, or at least their names. */
export function readOwnSafetensors(path: string): ForeignModel {
  const file = readSafetensors(path)
  const configuration = readJson(path, file.metadata)
  return build('safetensors', file, configuration, configuration, basename(path))
}

function build(
  format: 'sae-lens' | 'safetensors',
  { tensors }: TensorFile,
  configuration: Configuration,
  metadata: Configuration,
  file: string,
): ForeignModel {
  const pick = new TensorPicker(tensors, file)
  const [dims, latents] = pick.sizes('W_enc')
  const architecture = configuration.text('architecture') ?? (pick.has('threshold') ? 'jumprelu' : 'standard')
  if (pick.has('b_gate')) pick.unfit('it is a gated model, whose gate cannot be kept')
  for (const key of ['normalize_activations', 'reshape_activations']) {
    const value = configuration.text(key) ?? 'none'
    const folded = key === 'normalize_activations' && value === 'expected_average_only_in'
    if (value !== 'none' && !folded) pick.unfit(`its rows are changed first (${key}: ${value}), which is not in the weights`)
  }
  const encoder = pick.takeTurned('W_enc', latents, dims)
  const encoderBias = pick.take('b_enc', latents)
  const decoder = pick.take('W_dec', latents, dims)
  const centre = pick.take('b_dec', dims)
  const rule = ruleOf(architecture, pick, configuration, latents)
  const subtracts = configuration.flag('apply_b_dec_to_input') ?? true
  const notes: string[] = []
  if (configuration.text('normalize_activations') === 'expected_average_only_in')
    notes.push('SAELens scaled the rows while training; the weights are used as they are stored, where that is folded in.')
  const model = {
    format,
    architecture,
    latents,
    dims,
    encoder,
    encoderBias: subtracts ? encoderBias : biasAround(encoder, encoderBias, centre),
    decoder,
    centre,
    rule,
    k: rule.kind === 'topk' ? rule.k : metadata.whole('training_k'),
    trainedAs: metadata.text('training_architecture'),
    notes,
  }
  return rule.kind === 'topk' && configuration.flag('rescale_acts_by_decoder_norm') === true ? ranked(model) : model
}

function ruleOf(architecture: string, pick: TensorPicker, configuration: Configuration, latents: number): ForeignRule {
  switch (architecture) {
    case 'topk':
      return { kind: 'topk', k: configuration.whole('k') ?? pick.unfit('its configuration does not say k') }
    case 'jumprelu':
      return { kind: 'threshold', threshold: pick.take('threshold', latents) }
    case 'standard':
      return { kind: 'threshold', threshold: 0 }
    default:
      return pick.unfit(`its architecture ${architecture} is not known`)
  }
}

/** SAELens ranks by activation × length of the decoder row: the same model with rows of length 1. */
function ranked(model: ForeignModel): ForeignModel {
  const { dims } = model
  const lengths = rowLengths(model.decoder, dims).map((length) => length || 1)
  return {
    ...model,
    encoder: model.encoder.map((value, at) => value * (lengths[Math.floor(at / dims)] as number)),
    encoderBias: model.encoderBias.map((value, latent) => value * (lengths[latent] as number)),
    decoder: model.decoder.map((value, at) => value / (lengths[Math.floor(at / dims)] as number)),
    notes: [...model.notes, 'Activations are given in units of decoder rows of length 1, by which SAELens ranks them.'],
  }
}
