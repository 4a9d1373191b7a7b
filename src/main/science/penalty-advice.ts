// Advice on what the expert may change: preparation, sparsity terms, revival. Pure; every value has its reason.
import type { TrainRequest, TrainSettings } from '../base/training-settings'
import type { Choose } from './training-advice'

type Extras = Pick<TrainSettings, 'normalise' | 'l1' | 'l1Form' | 'l1WarmUp' | 'bandwidth' | 'resample' | 'multiTopK'>

/** scFeatureLens: Adam at 1e-4 on batches of 128, without warm-up and decay (arXiv 2410.11468, its configuration). */
export const paperPace = { batch: 128, learningRate: 1e-4, warmUp: 0, decay: 0 } as const
const paperWeight = 1e-3

/** True for ReLU in the form of scFeatureLens. */
export function isPaperForm(arch: TrainSettings['arch'], request: TrainRequest): boolean {
  return arch === 'relu' && request.l1Form === 'scfeaturelens'
}

export function choosePenalty(arch: TrainSettings['arch'], request: TrainRequest, choose: Choose): Extras {
  const paper = isPaperForm(arch, request)
  const whyNormalise = paper
    ? 'scFeatureLens takes rows as they are.'
    : 'The mean is subtracted and one number scales everything: without it most features die at once, and no dimension loses its weight.'
  const whyWeight = paper
    ? 'The weight of scFeatureLens, on the mean over cells and features.'
    : 'The weight is adjusted while training until k features are on per cell, so it need not be guessed.'
  return {
    normalise: choose('normalise', request.normalise, paper ? 'none' : 'scale', whyNormalise),
    l1: choose('l1', request.l1, paper ? paperWeight : null, whyWeight),
    l1Form: choose(
      'l1Form',
      request.l1Form,
      'norm-weighted',
      'Activations count with the length of their decoder row, so that it cannot be cheated by long rows.',
    ),
    l1WarmUp: choose(
      'l1WarmUp',
      request.l1WarmUp,
      paper ? 0 : 0.05,
      paper ? 'scFeatureLens has none.' : 'Features form before they are paid for.',
    ),
    bandwidth: choose(
      'bandwidth',
      request.bandwidth,
      0.3,
      'A third of a usual activation: near enough to a threshold to say something about it, and often enough.',
    ),
    resample: choose(
      'resample',
      request.resample,
      false,
      'After centring few features die; restarting them disturbs the others.',
    ),
    multiTopK: choose(
      'multiTopK',
      request.multiTopK,
      false,
      'Costs a second reconstruction in each step; only needed when k is changed later.',
    ),
  }
}
