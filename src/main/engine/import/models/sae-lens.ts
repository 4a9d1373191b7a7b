// SAELens: cfg.json and sae_weights.safetensors (6.x), and the single safetensors file Latiscope writes, which holds the
// same tensors with the configuration as metadata.
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { biasAround, ruleAround, TensorPicker, withUnitRows, type ForeignModel, type ForeignRule } from './foreign-model'
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
  const architecture = configuration.text('architecture') ?? guessed(pick)
  for (const key of ['normalize_activations', 'reshape_activations']) {
    const value = configuration.text(key) ?? 'none'
    const folded = key === 'normalize_activations' && value === 'expected_average_only_in'
    if (value !== 'none' && !folded) pick.unfit(`its rows are changed first (${key}: ${value}), which is not in the weights`)
  }
  const encoder = pick.takeTurned('W_enc', latents, dims)
  const encoderBias = pick.take(architecture === 'gated' ? 'b_gate' : 'b_enc', latents)
  const decoder = pick.take('W_dec', latents, dims)
  const centre = pick.take('b_dec', dims)
  const subtracts = configuration.flag('apply_b_dec_to_input') ?? true
  const given = ruleOf(architecture, pick, configuration, latents)
  const rule = subtracts ? given : ruleAround(given, encoder, centre)
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
  if (rule.kind !== 'topk' || configuration.flag('rescale_acts_by_decoder_norm') !== true) return model
  // SAELens ranks by activation × length of the decoder row then.
  notes.push('Activations are given in units of decoder rows of length 1, by which SAELens ranks them.')
  return withUnitRows(model)
}

/** The architecture by the tensors, where no configuration names it. */
function guessed(pick: TensorPicker): string {
  if (pick.has('b_gate')) return 'gated'
  return pick.has('threshold') ? 'jumprelu' : 'standard'
}

function ruleOf(architecture: string, pick: TensorPicker, configuration: Configuration, latents: number): ForeignRule {
  switch (architecture) {
    case 'topk':
      return { kind: 'topk', k: configuration.whole('k') ?? pick.unfit('its configuration does not say k') }
    case 'jumprelu':
      return { kind: 'threshold', threshold: pick.take('threshold', latents) }
    case 'gated':
      return { kind: 'gates', log: pick.take('r_mag', latents), bias: pick.take('b_mag', latents) }
    case 'standard':
      return { kind: 'threshold', threshold: 0 }
    default:
      return pick.unfit(`its architecture ${architecture} is not known`)
  }
}
