import { describe, expect, it } from 'vitest'
import { adviseSettings } from '../../src/main/science/training-advice'
import { trainingNeeds, type TrainingNeeds } from '../../src/main/science/training-needs'

function needs(rows: number, latents: number, streamRows = false): TrainingNeeds {
  const request = { arch: 'batchtopk', latents, k: 32 } as const
  const { settings } = adviseSettings({ rows, dims: 512, heldOutRows: rows / 5, request })
  return trainingNeeds({ rows, dims: 512, settings, streamRows })
}

describe('what a training needs', () => {
  it('is near what was measured: 2.25 GB for 200,000 cells × 512 with 16,384 features', () => {
    const { memoryBytes } = needs(200_000, 16_384)
    expect(memoryBytes).toBeGreaterThan(2.25e9)
    expect(memoryBytes).toBeLessThan(1.25 * 2.25e9)
  })

  it('stays within 8 GB for a million cells × 512 with 16,384 features, and is less when rows are streamed', () => {
    const [held, streamed] = [needs(1_000_000, 16_384), needs(1_000_000, 16_384, true)]
    expect(held.memoryBytes).toBeLessThan(8e9)
    expect(held.memoryBytes - streamed.memoryBytes).toBeGreaterThan(1.8e9)
    expect(streamed.projectBytes).toBe(held.projectBytes)
  })

  it('counts three checkpoints of six matrices, rows and activations twice on disk', () => {
    const matrix = 16_384 * 512 * 4
    const expected = 200_000 * 512 * 4 + 2 * (200_000 * 32 * 8) + 2 * matrix + 3 * 6 * matrix
    expect(needs(200_000, 16_384).cacheBytes).toBe(expected)
  })
})
