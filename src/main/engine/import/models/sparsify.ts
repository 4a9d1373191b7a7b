// sparsify (EleutherAI): cfg.json and sae.safetensors with encoder.weight, encoder.bias, W_dec and b_dec.
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { readJson } from './configuration'
import { TensorPicker, type ForeignModel } from './foreign-model'
import { readSafetensors } from './safetensors-file'

export const isSparsifyFolder = (path: string): boolean =>
  existsSync(join(path, 'cfg.json')) && existsSync(join(path, 'sae.safetensors'))

export function readSparsify(path: string): ForeignModel {
  const configuration = readJson(join(path, 'cfg.json'))
  const pick = new TensorPicker(readSafetensors(join(path, 'sae.safetensors')).tensors, basename(path))
  const activation = configuration.text('activation') ?? 'topk'
  if (activation !== 'topk') pick.unfit(`it uses the activation ${activation}`)
  if (configuration.flag('skip_connection') === true || pick.has('W_skip')) pick.unfit('it has a skip connection')
  if (configuration.flag('transcode') === true) pick.unfit('it predicts other numbers than its input (a transcoder)')
  const [latents, dims] = pick.sizes('encoder.weight')
  const k = configuration.whole('k') ?? pick.unfit('its configuration does not say k')
  return {
    format: 'sparsify',
    architecture: 'topk',
    latents,
    dims,
    encoder: pick.take('encoder.weight', latents, dims),
    encoderBias: pick.take('encoder.bias', latents),
    decoder: pick.take('W_dec', latents, dims),
    centre: pick.take('b_dec', dims),
    rule: { kind: 'topk', k },
    k,
    trainedAs: 'topk',
    notes: [],
  }
}
