// @vitest-environment happy-dom
// The Concepts page, the cells a user selects, and the card where rows are genes.
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Concept } from '@contract'
import { place } from '../../src/renderer/bridge/navigation'
import ConceptsPage from '../../src/renderer/features/concepts/ConceptsPage.vue'
import { cellsInside, useCellSelection } from '../../src/renderer/features/explore/cell-selection'
import { cardOf, exploreEngine, giveElementsSize, linkedTo, listed, openFeatures } from './explore-scene'
import { mountPage, type MountedPage } from './mount-page'

let opened: MountedPage | null = null
afterEach(() => {
  opened?.page.unmount()
  opened = null
  document.body.innerHTML = ''
  vi.restoreAllMocks()
})
const inBody = (testid: string): HTMLElement[] => [...document.body.querySelectorAll<HTMLElement>(`[data-testid="${testid}"]`)]
const nothing = { size: null, overlap: null, qLatent: null, qOverall: null, auroc: null, f1: null, ubiquitous: false }
const terms: Concept[] = [
  {
    ...nothing,
    key: 'GO:1',
    name: 'B cell activation',
    size: 31,
    latents: 2,
    best: 3,
    overlap: 5,
    qLatent: 1e-7,
    qOverall: 1e-6,
  },
  { ...nothing, key: 'GO:2', name: 'translation', size: 90, latents: 0, best: 1, overlap: 1, qLatent: 0.4, qOverall: 0.8 },
]
const groups: Concept[] = [
  { ...nothing, key: 'bulk_labels=Dendritic', name: 'Dendritic', latents: 1, best: 2, auroc: 0.91, f1: 0.6 },
]

async function openConcepts(): Promise<MountedPage> {
  giveElementsSize()
  opened = await mountPage(ConceptsPage, {
    engine: exploreEngine(['BP'], { 'find.concepts': ({ by }) => (by === 'term' ? terms : groups) }),
    open: linkedTo(['BP']),
  })
  await flushPromises()
  return opened
}

describe('the Concepts page', () => {
  it('lists the terms features go with, and the features of the first beside it', async () => {
    const { find } = await openConcepts()
    expect(inBody('concept')).toHaveLength(1)
    expect(inBody('concept')[0]?.textContent).toContain('B cell activation')
    expect(find('concept-counter').text()).toBe('1 of 2')
    expect(inBody('concept-latent')[0]?.textContent).toContain('5/31')
  })

  it('shows a term that no feature carries when asked, and says how close the best came', async () => {
    const { find } = await openConcepts()
    await find('carried-only').setValue(false)
    await find('concept-search').setValue('transl')
    expect(inBody('concept')).toHaveLength(1)
    inBody('concept')[0]?.click()
    await flushPromises()
    expect(find('concept-card').text()).toContain('No feature carries this term at q ≤ 0.05. The best has q overall 0.80.')
  })

  it('goes from a cell group to its best feature', async () => {
    const { find } = await openConcepts()
    await find('concepts-group').trigger('click')
    await flushPromises()
    expect(inBody('concept')[0]?.textContent).toContain('Dendritic')
    inBody('open-best')[0]?.click()
    expect(place.value).toMatchObject({ page: 'features', detail: { latent: 2 } })
  })
})

describe('selected cells', () => {
  it('are those inside the line, whatever its shape', () => {
    // A letter U: the cell between its arms lies outside.
    const line = [
      [0, 0],
      [6, 0],
      [6, 6],
      [4, 6],
      [4, 2],
      [2, 2],
      [2, 6],
      [0, 6],
    ] as const
    expect(cellsInside(Float32Array.from([1, 5, 3, 5, 5, 5, 3, 1, NaN, 1]), line)).toEqual([0, 2, 3])
  })

  it('list the features that tell them from all others, best first', async () => {
    opened = await openFeatures({
      engine: exploreEngine(['BP'], {
        'find.cells': ({ cells }) => ({
          cells: cells?.length ?? 0,
          of: 700,
          unknown: { count: 0, examples: [] },
          note: 'Cells were chosen by hand.',
          matches: [
            { id: 5, label: null, on: 3, auroc: 0.97, precision: 1, recall: 1, f1: 1, fold: 9 },
            { id: 2, label: null, on: 2, auroc: 0.8, precision: 1, recall: 1, f1: 0.7, fold: 5 },
            { id: 1, label: null, on: 0, auroc: 0.3, precision: 0, recall: 0, f1: 0, fold: 0 },
          ],
        }),
      }),
    })
    await opened.find('tab-map').trigger('click')
    const selection = useCellSelection()
    selection.choose([4, 7, 9], '3 cells', [[0, 0]])
    await flushPromises()
    expect(opened.find('selection-bar').text()).toContain('3 cells selected')
    await opened.find('features-on-here').trigger('click')
    await flushPromises()
    expect(listed(opened)).toEqual([5, 2])
    expect(opened.find('selection-note').text()).toBe('Cells were chosen by hand.')
    expect(opened.find('match-chip').text()).toContain('Selected: 3 cells')
  })
})

describe('the card where rows are genes', () => {
  it('speaks of genes and shows its concepts with F1 where chosen and held out', async () => {
    const card = cardOf(0, 'BP', ['BP'])
    const fit = (f1: number) => ({ precision: f1, recall: f1, f1 })
    opened = await openFeatures({
      open: linkedTo(['BP'], { rowKind: 'genes', expression: null }),
      engine: exploreEngine(['BP'], {
        'project.summary': linkedTo(['BP'], { rowKind: 'genes', expression: null }),
        'latents.card': {
          ...card,
          concepts: [{ id: 'GO:1', name: 'ribosome biogenesis', threshold: 0.4, chosen: fit(0.81), heldOut: fit(0.62) }],
        },
        'rows.genes': ({ rows }) => rows.map((row) => ({ row, name: `P${row}`, symbol: `RPL${row}`, method: 'symbol' })),
      }),
    })
    expect(opened.find('card-sentence').text()).toContain('70 genes')
    expect(opened.find('card-sentence').text()).toContain('ribosome biogenesis (F1 0.62 on genes held out)')
    expect(opened.find('concept-row').text().replace(/\s+/g, ' ')).toContain('40%0.810.62')
    expect(opened.find('row-gene').text()).toContain('RPL')
  })
})
