// What is seen while a run trains: how often latents are on, and what the run has to beat, from the rows that are watched.
import { describe, expect, it } from 'vitest'
import type { MetricPoint, TrainSettings } from '@contract'
import type { FromTrainer, TrainerOutcome } from '../../src/main/base/trainer-protocol'
import type { Backend } from '../../src/main/trainer/backend'
import { watchedDensity } from '../../src/main/trainer/live-metrics'
import { train } from '../../src/main/trainer/train'
import { temporaryFolder } from '../temporary-folder'
import { plantedRows, writeScratch } from './toy-data'

const plain: Backend = { info: { name: 'cpu', native: false, version: '1', threads: 1, problem: null }, binding: null }
const { rows } = plantedRows(600, 12, 20, 3)

async function livePoints(
  settings: Partial<TrainSettings>,
  trial = false,
): Promise<{ readonly points: readonly MetricPoint[]; readonly outcome: TrainerOutcome }> {
  const messages: FromTrainer[] = []
  const spec = { ...writeScratch(temporaryFolder(), rows, 12, { steps: 150, ...settings }), ...(trial && { trial }) }
  const host = {
    post: (message: FromTrainer) => void messages.push(message),
    log: () => {},
    takeCheckpointRequest: () => false,
    wish: () => 'go' as const,
  }
  const outcome = await train(spec, plain, host)
  return { points: messages.flatMap((message) => (message.t === 'progress' && message.point ? [message.point] : [])), outcome }
}

describe('the density of latents while they are trained', () => {
  it('counts a dead one as never on, and one no watched row shows as rarer than they can show', () => {
    // Of 200 rows: latent 0 is on in 150, 1 in 20 (10 %), 2 and 3 in none, of which 3 is dead.
    const { density, dense } = watchedDensity(Uint32Array.of(150, 20, 0, 0), Int32Array.of(3), 200)
    const filled = density.flatMap((count, place) => (count > 0 ? [[place, count]] : []))
    // 0.25 % lies in the class from 10^-2.75 to 10^-2.5, 10 % in the one that begins there, 75 % in the last.
    expect(filled).toEqual([
      [0, 1],
      [6, 1],
      [13, 1],
      [16, 1],
    ])
    expect(dense).toBe(1)
  })

  it.each(['topk', 'batchtopk', 'relu'] as const)(
    'is told with every point and agrees with the other numbers (%s)',
    async (arch) => {
      const { points } = await livePoints({ arch })
      expect(points.length).toBeGreaterThan(0)
      for (const { density, dead } of points) {
        expect(density?.reduce((sum, count) => sum + count, 0)).toBe(32)
        expect(density?.[0]).toBe(dead)
      }
    },
  )
})

describe('what a run has to beat', () => {
  it.each(['topk', 'batchtopk', 'jumprelu'] as const)(
    'is told once while it trains, near what all rows say at its end (%s)',
    async (arch) => {
      const { points, outcome } = await livePoints({ arch })
      const told = points.flatMap(({ controls }) => controls ?? [])
      expect(told).toHaveLength(1)
      expect(points[0]?.controls).toBeDefined()
      expect(told[0]?.pca.axes).toBe(outcome.controls.pca.axes)
      // All rows are watched here, so PCA is the same up to the rounding of its way.
      expect(told[0]?.pca.explainedVariance.heldOut).toBeCloseTo(outcome.controls.pca.explainedVariance.heldOut ?? NaN, 3)
      expect(told[0]?.untrained.explainedVariance.train).toBeCloseTo(outcome.controls.untrained.explainedVariance.train, 1)
    },
  )

  it('waits where a given weight decides how many are on, until they have settled', async () => {
    const { points } = await livePoints({ arch: 'relu', l1: 0.05 })
    const first = points.find(({ controls }) => controls)
    expect(first?.step).toBeGreaterThanOrEqual(75)
    expect(first?.controls?.pca.axes).toBe(Math.min(12, Math.max(1, Math.round(first?.l0 ?? 0))))
  })

  it('is not asked in a search', async () => {
    const { points } = await livePoints({}, true)
    expect(points.every(({ controls }) => controls === undefined)).toBe(true)
  })
})
