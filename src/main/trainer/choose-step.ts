// Which step a run trains with: the fast one where TensorFlow and WebAssembly allow it, else TensorFlow's operations
// alone, else plain JavaScript. The choice is said in words in the record of the run.
import { AdaptiveStep } from './adaptive-step'
import type { Backend, TensorFlowBinding } from './backend'
import { FastStep, fastStep } from './fast-step'
import { kernelThreads } from './kernel-threads'
import type { Model } from './model'
import { NativeStep } from './native-step'
import { PenalisedStep } from './penalised-step'
import { ReferenceStep } from './reference-step'
import { isPenalised, type AnySettings, type PenalisedSettings, type TrainingStep } from './training-step'

export interface ChosenStep {
  readonly step: TrainingStep
  /** What computes the steps, for people. */
  readonly words: string
}

/** `batch`: rows of every batch. `log` receives why the fast step was not taken. */
export function chooseStep(
  backend: Backend,
  start: Model,
  settings: AnySettings,
  batch: number,
  log: (line: string) => void,
): ChosenStep {
  if (!backend.binding) return { step: new ReferenceStep(start, settings), words: 'plain step' }
  if (isPenalised(settings)) return penalisedStep(backend.binding, start, settings, batch)
  if (settings.multiTopK)
    return { step: new NativeStep(backend.binding, start, settings), words: 'plain step, because multi-TopK needs it' }
  const threads = kernelThreads()
  const fast = fastStep(backend.binding, start, settings, batch, threads)
  if (fast instanceof FastStep) return { step: fast, words: `fast step on ${threadWords(threads)}` }
  log(`the fast step is not available: ${fast.unavailable}`)
  if ((settings.prefixes ?? []).length > 1)
    return { step: new ReferenceStep(start, settings), words: `plain JavaScript step, because ${fast.unavailable}` }
  return { step: new NativeStep(backend.binding, start, settings), words: `plain step, because ${fast.unavailable}` }
}

function penalisedStep(binding: TensorFlowBinding, start: Model, settings: PenalisedSettings, batch: number): ChosenStep {
  const threads = kernelThreads()
  const first = fastStep(binding, start, settings, batch, threads)
  if (!(first instanceof FastStep)) return { step: new PenalisedStep(binding, start, settings), words: 'dense step' }
  let made: FastStep | null = first
  const fast = (): FastStep => {
    const step = made ?? fastStep(binding, start, settings, batch, threads)
    made = null
    if (step instanceof FastStep) return step
    throw new RangeError(step.unavailable)
  }
  return { step: new AdaptiveStep(binding, start, settings, fast), words: `fast or dense step on ${threadWords(threads)}` }
}

const threadWords = (threads: number): string => `${threads} ${threads === 1 ? 'thread' : 'threads'}`
