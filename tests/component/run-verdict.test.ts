// The rules by which a run is judged, on numbers small enough to check by hand.
import { describe, expect, it } from 'vitest'
import type { Run } from '@contract'
import { firingsPerLatent, runVerdict } from '../../src/renderer/features/train/run-verdict'
import { secondsFor } from '../../src/renderer/features/train/run-time'
import { doneRun } from './example-project'

const explained = (train: number, heldOut: number | null): Run => ({
  ...doneRun,
  metrics: { explainedVariance: { train, heldOut }, l0: { train: 8, heldOut: 8 }, dead: 0, dense: 0 },
})

describe('the verdict of a run', () => {
  it('is unknown until final numbers and controls are there', () => {
    expect(runVerdict({ ...doneRun, controls: null }, 700)).toBeNull()
  })

  it('is good when held-out cells are explained as well and better than by PCA', () => {
    expect(runVerdict(doneRun, 700)).toMatchObject({ level: 'good', title: 'Good.', short: 'Good: 19 points above PCA' })
  })

  it('is "no gain" at or below PCA', () => {
    expect(runVerdict(explained(0.67, 0.673), 700)).toMatchObject({ level: 'warn', title: 'No gain.' })
  })

  it('is bad at or below the untrained copy, whatever PCA does', () => {
    expect(runVerdict(explained(0.31, 0.3), 700)?.sentences[0]).toContain('No better than an untrained copy')
  })

  it('names a gap of more than five points, and calls more than twenty learned by heart', () => {
    expect(runVerdict(explained(0.86, 0.815), 700)?.title).toBe('Good.')
    expect(runVerdict(explained(0.92, 0.86), 700)).toMatchObject({ level: 'warn', title: 'Partly learned by heart.' })
    expect(runVerdict(explained(0.95, 0.7), 700)).toMatchObject({ level: 'bad', title: 'Learns cells by heart.' })
  })

  it('counts dead features above a fifth as many', () => {
    const run = explained(0.87, 0.86)
    const dead = { ...run, metrics: run.metrics && { ...run.metrics, dead: 12 } }
    expect(runVerdict(dead, 700)?.sentences[0]).toBe('38% are never on. Use 16 features.')
  })

  it('warns below 80 cells per feature and names the largest width that has them', () => {
    const wide: Run = { ...doneRun, settings: { ...doneRun.settings, latents: 64 } }
    expect(firingsPerLatent(700, wide)).toBeCloseTo(70, 10)
    expect(runVerdict(wide, 700)?.sentences[0]).toBe('70 cells per feature, 80 needed. Use 32 features or fewer.')
  })

  it('does not claim anything about new cells without held-out cells', () => {
    const run: Run = { ...explained(0.87, null), settings: { ...doneRun.settings, heldOut: 0 } }
    expect(runVerdict(run, 700)?.title).toBe('No held-out cells.')
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
