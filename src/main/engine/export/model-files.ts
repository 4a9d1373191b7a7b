// A trained model as files for other tools: one safetensors file, or the folder SAELens loads (cfg.json and
// sae_weights.safetensors); other tools: tool-folders.ts. All take rows as they were imported. Invariant: the tensors are those a SAELens model of
// the same architecture has, no more: its loader rejects others.
import type { ModelExportKind, TrainSettings } from '@contract'
import { refuse } from '../../base/refusal'
import type { Engine } from '../engine'
import { writeFileWhole, writeFolderWhole, type WrittenFile } from './atomic-write'
import { foldPreparation } from './folded-model'
import { safetensorsPieces, type Tensor } from './safetensors'
import { writeDictionaryLearning, writeSparsify } from './tool-folders'
import { groupSizes } from '../../science/nested-levels'

/** Version of SAELens whose files these are; without one its loader takes them for files from before 6.0. */
const formatVersion = '6.18.0'

/** Writes the model of a finished run. Refuses with FOLDER_NOT_FOUND, FILE_EXISTS, NOT_AVAILABLE, MODEL_NOT_EXPRESSIBLE. */
export function writeModelFiles(engine: Engine, run: number, what: ModelExportKind, path: string): WrittenFile[] {
  const { runs } = engine.project
  const origin = runs.origin(run) ?? refuse('RUN_NOT_FOUND', { run })
  const { settings, outcome } = origin
  const model = foldPreparation(runs.weights(run), outcome.scale)
  const { latents, dims } = model
  const about = {
    written_by: `Latiscope ${engine.appVersion}`,
    trained_by: `Latiscope ${origin.appVersion}`,
    run,
    training_architecture: settings.arch,
    training_k: settings.k,
    seed: settings.seed,
    data_fingerprint: origin.dataFingerprint,
    representation: engine.dataset.representation,
    folded_input_scale: outcome.scale,
    decoder_row_length: 1 / outcome.scale,
  }
  const tool = { model, settings, threshold: outcome.threshold, groups: groupSizes(latents), about }
  if (what === 'dictionary-learning') return writeDictionaryLearning(path, tool)
  if (what === 'sparsify') return writeSparsify(path, tool)
  const jump = jumps(settings)
  const tensors: Tensor[] = [
    { name: 'W_enc', shape: [dims, latents], values: model.encoder },
    { name: 'b_enc', shape: [latents], values: model.encoderBias },
    { name: 'W_dec', shape: [latents, dims], values: model.decoder },
    { name: 'b_dec', shape: [dims], values: model.decoderBias },
  ]
  if (jump) tensors.push({ name: 'threshold', shape: [latents], values: new Float32Array(latents).fill(outcome.threshold) })
  const rule = jump ? { architecture: 'jumprelu' } : { architecture: 'topk', k: settings.k, rescale_acts_by_decoder_norm: false }
  if (what === 'safetensors') return [writeFileWhole(path, safetensorsPieces(tensors, asTexts({ ...rule, ...about })))]
  const configuration = {
    ...rule,
    d_in: dims,
    d_sae: latents,
    dtype: 'float32',
    device: 'cpu',
    apply_b_dec_to_input: true,
    normalize_activations: 'none',
    reshape_activations: 'none',
    metadata: {
      sae_lens_version: formatVersion,
      sae_lens_training_version: null,
      model_name: null,
      hook_name: engine.dataset.representation,
      ...about,
    },
  }
  return writeFolderWhole(path, {
    'cfg.json': [Buffer.from(`${JSON.stringify(configuration, null, 2)}\n`)],
    'sae_weights.safetensors': safetensorsPieces(tensors, asTexts({ ...rule, ...about })),
  })
}

/** True where a latent is on above a threshold, false where the k largest of a row are on. */
function jumps({ arch }: TrainSettings): boolean {
  if (arch === 'batchtopk' || arch === 'matryoshka') return true
  if (arch === 'topk') return false
  return refuse('NOT_AVAILABLE', { what: `Exporting a model of the architecture ${arch}` })
}

/** Metadata of safetensors are texts. */
const asTexts = (values: Readonly<Record<string, string | number | boolean>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))
