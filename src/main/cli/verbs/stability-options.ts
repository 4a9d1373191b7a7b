// The verbs seeds, find-k, find-size and controls: their words for --help.
import type { VerbSpec } from '../arguments'

const fixed = {
  arch: { value: 'topk|batchtopk|matryoshka|relu|jumprelu|gated', about: 'architecture (default: as train)' },
  steps: { value: 'S', about: 'training steps (default: a short training)' },
  seed: { value: 'X', about: 'first of the two seeds (default 0)' },
  'held-out': { value: 'F', about: 'share of cells never trained on, 0 to 0.9' },
} as const

export const stabilityVerbs = {
  seeds: {
    about: 'train a run with other seeds and count the latents that return',
    words: ['PROJECT'],
    options: {
      run: { value: 'R', about: 'run number (default: the latest finished run)' },
      seeds: { value: 'N', about: 'seeds in all, 2 to 5 (default 2)' },
      consensus: { value: null, about: 'also make a model of the latents that most seeds share' },
    },
  },
  'find-k': {
    about: 'try numbers of latents per cell and advise the one whose latents return',
    words: ['PROJECT'],
    options: {
      ...fixed,
      latents: { value: 'N', about: 'number of latents (default: as train)' },
      values: { value: 'K,K,…', about: 'values to try (default: 4, 8, 16, 32, 64, at most half the dimensions)' },
      size: { value: null, about: 'try numbers of latents instead (as find-size)' },
      k: { value: 'K', about: 'with --size: latents on per cell' },
    },
  },
  'find-size': {
    about: 'try numbers of latents and advise the smallest that brings nearly all that return',
    words: ['PROJECT'],
    options: {
      ...fixed,
      k: { value: 'K', about: 'latents on per cell (default: as train)' },
      values: { value: 'N,N,…', about: 'values to try (default: four around the recommended one)' },
    },
  },
  controls: {
    about: 'compute more controls of a run',
    words: ['PROJECT'],
    options: {
      run: { value: 'R', about: 'run number (default: the latest finished run)' },
      add: { value: 'ica,nmf', about: 'which: independent components, non-negative parts (default both)' },
    },
  },
} as const satisfies Record<string, VerbSpec>
