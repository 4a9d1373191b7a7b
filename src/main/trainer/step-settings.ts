// What a training step has to know, from the settings of a run.
import type { TrainSettings } from '@contract'
import { refuse } from '../base/refusal'
import { levelsOf } from '../science/nested-levels'
import type { AnySettings } from './training-step'

/**
 * `variance`: mean squared length of a prepared training row. `goesOn`: from a model of the same architecture. Refuses
 * combinations that do not exist.
 */
export function stepSettings(settings: TrainSettings, dims: number, variance: number, goesOn = false): AnySettings {
  const { arch, k, latents, steps } = settings
  if (k > latents)
    refuse('SETTING_OUT_OF_RANGE', { setting: 'k', range: `at most the number of features (${latents})`, value: k })
  if (arch === 'relu' || arch === 'jumprelu' || arch === 'gated') {
    const mean = arch === 'relu' && settings.l1Form === 'scfeaturelens'
    return {
      rule: arch,
      form: arch === 'relu' ? settings.l1Form : 'unit-norm',
      variance: mean ? dims : variance,
      k,
      l1: settings.l1,
      warmUpSteps: Math.ceil(settings.l1WarmUp * steps),
      steps,
      bandwidth: settings.bandwidth,
      goesOn,
    }
  }
  if (arch === 'matryoshka' && settings.multiTopK)
    refuse('SETTING_OUT_OF_RANGE', { setting: 'multiTopK', range: 'off for nested levels', value: 'on' })
  return {
    rule: arch === 'topk' ? 'topk' : 'batchtopk',
    k,
    prefixes: levelsOf(arch, latents),
    auxCoefficient: settings.auxCoefficient,
    auxK: settings.auxK,
    variance,
    multiTopK: settings.multiTopK,
  }
}
