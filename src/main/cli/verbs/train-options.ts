// The options of `train`: their words for --help, and the request they make.
import type { TrainRequest } from '@contract'
import type { Command, OptionSpec } from '../arguments'
import { decimal, oneOf, whole } from '../options'

export const architectures = ['topk', 'batchtopk', 'matryoshka', 'relu', 'jumprelu', 'gated'] as const
const normalisations = ['scale', 'zscore', 'whiten', 'none'] as const
const l1Forms = ['norm-weighted', 'unit-norm', 'scfeaturelens'] as const

export const trainOptions = {
  arch: { value: architectures.join('|'), about: 'architecture (default: batchtopk from 2,000 cells on, topk below)' },
  latents: { value: 'N', about: 'number of latents' },
  k: { value: 'K', about: 'latents on per cell; what relu, jumprelu and gated aim at' },
  steps: { value: 'S', about: 'training steps' },
  seed: { value: 'X', about: 'seed of all random draws (default 0)' },
  'held-out': { value: 'F', about: 'share of cells never trained on, 0 to 0.9' },
  batch: { value: 'B', about: 'cells per step' },
  'learning-rate': { value: 'R', about: 'learning rate of Adam' },
  'warm-up': { value: 'F', about: 'share of the steps over which the rate rises' },
  decay: { value: 'F', about: 'share of the steps over which the rate falls to 0' },
  normalise: { value: normalisations.join('|'), about: 'preparation of the rows (default scale: mean and one number)' },
  'aux-coefficient': { value: 'C', about: 'weight of the revival of dead latents (topk family)' },
  'aux-k': { value: 'N', about: 'dead latents that take part in it per cell' },
  'dead-after': { value: 'N', about: 'cells without firing after which a latent is dead' },
  resample: { value: null, about: 'restart dead latents at 25 % and 50 % of the steps' },
  'multi-topk': { value: null, about: 'learn to reconstruct from 4·k latents too (topk, batchtopk)' },
  l1: { value: 'X', about: 'fixed weight of the sparsity term (relu, jumprelu, gated) instead of aiming at k' },
  'target-l0': { value: 'K', about: 'the same as --k, for relu, jumprelu and gated' },
  'l1-form': { value: l1Forms.join('|'), about: 'relu: what an activation costs (default norm-weighted)' },
  'l1-warm-up': { value: 'F', about: 'share of the steps over which the sparsity term grows' },
  bandwidth: { value: 'X', about: 'jumprelu: width of the kernel, in usual activations (default 0.3)' },
  from: { value: 'R', about: 'train on from the model of this run' },
  controls: { value: 'ica,nmf', about: 'more controls beside PCA and the untrained copy' },
} as const satisfies Record<string, OptionSpec>

/** What was asked for; refuses values that are not of their kind with USAGE. */
export function trainRequest(options: Command['options']): TrainRequest {
  const request: Record<string, unknown> = {
    arch: oneOf(options, 'arch', architectures),
    latents: whole(options, 'latents'),
    k: whole(options, 'target-l0') ?? whole(options, 'k'),
    steps: whole(options, 'steps'),
    seed: whole(options, 'seed'),
    heldOut: decimal(options, 'held-out'),
    batch: whole(options, 'batch'),
    learningRate: decimal(options, 'learning-rate'),
    warmUp: decimal(options, 'warm-up'),
    decay: decimal(options, 'decay'),
    normalise: oneOf(options, 'normalise', normalisations),
    auxCoefficient: decimal(options, 'aux-coefficient'),
    auxK: whole(options, 'aux-k'),
    deadAfter: whole(options, 'dead-after'),
    resample: options['resample'] === true ? true : null,
    multiTopK: options['multi-topk'] === true ? true : null,
    l1: decimal(options, 'l1'),
    l1Form: oneOf(options, 'l1-form', l1Forms),
    l1WarmUp: decimal(options, 'l1-warm-up'),
    bandwidth: decimal(options, 'bandwidth'),
    from: whole(options, 'from'),
  }
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== null)) as TrainRequest
}
