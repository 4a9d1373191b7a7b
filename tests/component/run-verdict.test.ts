// What is said of a run beside its numbers: its controls, and the time another one will take.
import { describe, expect, it } from 'vitest'
import { besideControls } from '../../src/renderer/features/train/run-verdict'
import { secondsFor } from '../../src/renderer/features/train/run-time'
import { doneRun } from './example-project'

describe('a run beside its controls', () => {
  it('is unknown until they are measured', () => {
    expect(besideControls({ ...doneRun, controls: null })).toBeNull()
  })

  it('is compared on held-out cells, and on training cells where none were held out', () => {
    expect(besideControls(doneRun)).toBe('It is 19 points above PCA with 8 axes and 55 points above the untrained copy.')
    const metrics = { explainedVariance: { train: 0.3, heldOut: null }, l0: { train: 8, heldOut: 8 }, dead: 0, dense: 0 }
    expect(besideControls({ ...doneRun, metrics })).toBe(
      'It is 38 points below PCA with 8 axes and 1 point below the untrained copy.',
    )
  })
})

describe('the time a run will take', () => {
  it('follows from the last finished run of the same shape', () => {
    expect(secondsFor([doneRun], { ...doneRun.settings, steps: 1480 })).toBeCloseTo(10, 10)
  })
  it('is not guessed from runs of another shape', () => {
    expect(secondsFor([doneRun], { ...doneRun.settings, latents: 64 })).toBeNull()
  })
})
