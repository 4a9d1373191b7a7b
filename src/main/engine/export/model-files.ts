// A trained model as files for other tools: one safetensors file, or the folder SAELens loads (cfg.json and
// sae_weights.safetensors). Both take rows as they were imported. Invariant: the tensors are those a SAELens model of
// the same architecture has, no more: its loader rejects others.
import type { ModelExportKind, TrainSettings } from '@contract'
import { refuse } from '../../base/refusal'
import { representationOf } from '../analysis/run-space'
import type { Engine } from '../engine'
import { writeFileWhole, writeFolderWhole, type WrittenFile } from './atomic-write'
import type { RunOrigin, RunWeights } from '../store/runs'
import { foldPreparation, type FoldedModel } from './folded-model'
import { safetensorsPieces, type Tensor } from './safetensors'
import { writeDictionaryLearning, writeSparsify, type ToolModel } from './tool-folders'
import { groupSizes } from '../../science/nested-levels'

/** Version of SAELens whose files these are; without one its loader takes them for files from before 6.0. */
const formatVersion = '6.18.0'

/** Writes the model of a finished run. Refuses with FOLDER_NOT_FOUND, FILE_EXISTS and MODEL_NOT_EXPRESSIBLE. */
export function writeModelFiles(engine: Engine, run: number, what: ModelExportKind, path: string): WrittenFile[] {
  const { runs } = engine.project
  const origin = runs.origin(run) ?? refuse('RUN_NOT_FOUND', { run })
  const { settings, outcome } = origin
  const weights = runs.weights(run)
  const model = foldPreparation(weights, outcome.scale)
  const { latents, dims } = model
  const about = aboutOf(engine, run, origin)
  const tool = { model, settings, weights, threshold: outcome.threshold, groups: groupSizes(latents), about }
  if (what === 'dictionary-learning') return writeDictionaryLearning(path, tool)
  if (what === 'sparsify') return writeSparsify(path, tool)
  const { rule, own } = ruleOf(settings, weights, model, outcome.threshold)
  const tensors: Tensor[] = [
    { name: 'W_enc', shape: [dims, latents], values: model.encoder },
    ...(rule.architecture === 'gated' ? [] : [{ name: 'b_enc', shape: [latents], values: model.encoderBias }]),
    { name: 'W_dec', shape: [latents, dims], values: model.decoder },
    { name: 'b_dec', shape: [dims], values: model.decoderBias },
    ...Object.entries(own).map(([name, values]) => ({ name, shape: [latents], values })),
  ]
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
      hook_name: about.representation,
      ...about,
    },
  }
  return writeFolderWhole(path, {
    'cfg.json': [Buffer.from(`${JSON.stringify(configuration, null, 2)}\n`)],
    'sae_weights.safetensors': safetensorsPieces(tensors, asTexts({ ...rule, ...about })),
  })
}

/** Where the model comes from, kept beside its weights. */
function aboutOf(engine: Engine, run: number, { settings, outcome, appVersion, dataFingerprint }: RunOrigin): ToolModel['about'] {
  return {
    written_by: `Latiscope ${engine.appVersion}`,
    trained_by: `Latiscope ${appVersion}`,
    run,
    training_architecture: settings.arch,
    training_k: settings.k,
    seed: settings.seed,
    data_fingerprint: dataFingerprint,
    representation: representationOf(engine, run),
    folded_input_scale: outcome.scale,
    ...(settings.normalise === 'scale'
      ? { decoder_row_length: 1 / outcome.scale }
      : { folded_normalisation: settings.normalise }),
  }
}

interface Rule {
  readonly rule: { readonly architecture: string } & Readonly<Record<string, string | number | boolean>>
  /** Tensors only this architecture has, one number for each latent. */
  readonly own: Readonly<Record<string, Float32Array>>
}

/** What decides which latents are on, in SAELens' words. */
function ruleOf(settings: TrainSettings, weights: RunWeights, model: FoldedModel, threshold: number): Rule {
  switch (settings.arch) {
    case 'topk':
      return { rule: { architecture: 'topk', k: settings.k, rescale_acts_by_decoder_norm: false }, own: {} }
    case 'relu':
      return { rule: { architecture: 'standard' }, own: {} }
    case 'gated':
      return { rule: { architecture: 'gated' }, own: gates(weights, model) }
    case 'batchtopk':
    case 'matryoshka':
    case 'jumprelu':
      return {
        rule: { architecture: 'jumprelu' },
        own: { threshold: weights.thresholds ?? new Float32Array(model.latents).fill(threshold) },
      }
  }
}

function gates({ magnitudeLog }: RunWeights, { encoderBias, magnitudeBias }: FoldedModel): Record<string, Float32Array> {
  if (!magnitudeLog || !magnitudeBias) throw new Error('a gated model without magnitudes')
  return { b_gate: encoderBias, b_mag: magnitudeBias, r_mag: magnitudeLog }
}

/** Metadata of safetensors are texts. */
const asTexts = (values: Readonly<Record<string, string | number | boolean>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))
