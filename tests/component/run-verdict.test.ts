// What is said of a run beside its numbers: its controls, and the time another one will take.
import { describe, expect, it } from 'vitest'
import type { RunControls } from '@contract'
import { besideControls, knownControls, liveVerdict } from '../../src/renderer/features/train/run-verdict'
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

describe('a run that trains', () => {
  const controls = doneRun.controls as RunControls
  const point = { step: 10, loss: 0.2, explainedTrain: 0.871, explainedHeldOut: 0.862, l0: 8, dead: 0 }

  it('is good so far when held-out cells are explained as well and both controls are beaten', () => {
    expect(liveVerdict([point], controls)).toEqual({
      level: 'good',
      title: 'Good so far.',
      words:
        '86.2% of the differences between held-out cells explained, 0.9 points less than between training cells. ' +
        'It is 19 points above PCA with 8 axes and 55 points above the untrained copy.',
    })
  })

  it('is not called good while it lags behind PCA or learns by heart, and says where it stands', () => {
    const early = liveVerdict([{ ...point, explainedTrain: 0.5, explainedHeldOut: 0.5 }], controls)
    expect(early).toMatchObject({ level: 'info', title: 'So far:' })
    expect(early.words).toContain('17 points below PCA')
    expect(liveVerdict([{ ...point, explainedTrain: 0.95 }], controls).level).toBe('info')
  })

  it('is compared on training cells where none are held out, and waits for its first point', () => {
    expect(liveVerdict([{ ...point, explainedHeldOut: null }], null).words).toBe(
      '87.1% of the differences between training cells explained.',
    )
    expect(liveVerdict([], null).level).toBe('info')
  })

  it('has the controls of its newest point that knows them until there are final ones', () => {
    const live = { ...controls, untrained: { explainedVariance: { train: 0.2, heldOut: 0.2 } } }
    const points = [
      { ...point, controls: live },
      { ...point, step: 20 },
    ]
    expect(knownControls({ controls: null }, points)).toBe(live)
    expect(knownControls({ controls }, points)).toBe(controls)
    expect(knownControls({ controls: null }, [])).toBeNull()
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
