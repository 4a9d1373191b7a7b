// @vitest-environment happy-dom
// Features that rise or fall along groups in an order of the user's, asked for from the charts below the map; genes these cells lack.
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { TrajectoryLatent } from '@contract'
import { cardOf, exploreEngine, listed, openFeatures } from './explore-scene'
import type { MountedPage } from './mount-page'

let opened: MountedPage | null = null
afterEach(() => {
  opened?.page.unmount()
  opened = null
  document.body.innerHTML = ''
  vi.restoreAllMocks()
})
const inBody = (testid: string): HTMLElement[] => [...document.body.querySelectorAll<HTMLElement>(`[data-testid="${testid}"]`)]
async function click(testid: string, at = 0): Promise<void> {
  inBody(testid)[at]?.click()
  await flushPromises()
}
const along = (id: number, trend: number, steady = false): TrajectoryLatent => ({
  id,
  label: null,
  means: [0.1, 0.2 + trend],
  trend,
  z: 10 * trend,
  rising: steady && trend > 0,
  falling: steady && trend < 0,
})

async function openOrder(): Promise<void> {
  opened = await openFeatures({
    engine: exploreEngine(['BP'], {
      'latents.trajectory': [along(4, 0.6, true), along(2, 0.2), along(1, 0), along(3, -0.5, true)],
    }),
  })
  // The test window is narrow: the charts have a tab of their own.
  await click('tab-groups')
  await opened.find('order-open').trigger('click')
  await flushPromises()
}
const chosen = (): (string | undefined)[] => inBody('order-step').map((step) => step.querySelector('.cut')?.textContent?.trim())

describe('groups in an order', () => {
  it('ask the engine in the order in which they were chosen and list what rises, the clearest first', async () => {
    await openOrder()
    expect((inBody('order-find')[0] as HTMLButtonElement).disabled).toBe(true)
    await click('order-add', 2)
    await click('order-add', 0)
    expect(chosen()).toEqual(['Dendritic', 'CD19+ B'])
    await click('order-find')
    expect(opened?.bridge.calls.findLast(({ method }) => method === 'latents.trajectory')?.params).toMatchObject({
      column: 'bulk_labels',
      values: ['Dendritic', 'CD19+ B'],
    })
    expect(opened && listed(opened)).toEqual([4, 2])
    expect(opened?.page.text()).toContain('Rising: Dendritic → CD19+ B')
    expect(opened?.page.text()).toContain('at every step')
  })

  it('list what falls when that is asked for', async () => {
    await openOrder()
    await click('order-add', 0)
    await click('order-add', 0)
    await click('order-falling')
    await click('order-find')
    expect(opened && listed(opened)).toEqual([3])
  })
})

it('the card lists the genes these cells lack below the genes they have', async () => {
  const link = { auroc: 0.2, log2Difference: -1.5, detectedActive: 0.1, detectedReference: 0.7, cohensD: -0.9 }
  const none = { wilcoxon: null, welch: null, donors: null }
  opened = await openFeatures({
    engine: exploreEngine(['BP'], {
      'latents.card': ({ latent, aspect }) => ({
        ...cardOf(latent, aspect, ['BP']),
        lowerGenes: [{ gene: 'CD3D', ...link, ...none }],
      }),
    }),
  })
  expect(opened.find('lower-gene-row').text()).toContain('CD3D')
})
