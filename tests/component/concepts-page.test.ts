// @vitest-environment happy-dom
// The Concepts page, the cells a user selects, and the card where rows are genes.
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Concept, ConceptMap, TermPath } from '@contract'
import { place } from '../../src/renderer/bridge/navigation'
import Chart from '../../src/renderer/charts/Chart.vue'
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

const pair = { qLatent: 1e-7, overlap: 5, fold: 12, genes: ['CD79A', 'CD74'] }
const map: ConceptMap = {
  concepts: [
    { key: 'GO:1', name: 'B cell activation', size: 31 },
    { key: 'GO:3', name: 'lysis', size: 12 },
  ],
  latents: [
    { id: 3, label: 'B cells', group: null },
    { id: 7, label: null, group: null },
  ],
  pairs: [
    { concept: 0, latent: 0, value: 1e-6, ...pair },
    { concept: 1, latent: 1, value: 0.01, ...pair },
  ],
  of: { concepts: 2, latents: 2 },
  chance: { carrying: 2, tested: 30, shuffled: { copies: 600, withTerm: 1 }, sentence: 'Chance gives 1 of 600.' },
}
const path: TermPath = {
  ontology: 'Gene Ontology',
  relations: 'is_a, part_of',
  path: [
    { id: 'GO:0', name: 'biological_process', relation: null, latents: null },
    { id: 'GO:1', name: 'B cell activation', relation: 'is_a', latents: 2 },
  ],
  others: [{ id: 'GO:5', name: 'immune effect', relation: 'part_of', latents: 1 }],
  children: [{ id: 'GO:2', name: 'translation', relation: 'is_a', latents: 0 }],
  annotated: 50,
}

async function openConcepts(): Promise<MountedPage> {
  giveElementsSize()
  opened = await mountPage(ConceptsPage, {
    engine: exploreEngine(['BP'], {
      'find.concepts': ({ by }) => (by === 'term' ? terms : groups),
      'find.map': map,
      'find.path': path,
    }),
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
    inBody('open-latent')[0]?.click()
    expect(place.value).toMatchObject({ page: 'features', detail: { latent: 3 } })
  })
})

describe('the heat map of the Concepts page', () => {
  const chart = () => (opened as MountedPage).page.get('[data-testid="concept-map"]').getComponent(Chart)
  const keys = async (...names: string[]): Promise<void> => {
    Object.assign(chart().vm, { showTip: () => undefined })
    for (const key of names) chart().vm.$emit('key', new KeyboardEvent('keydown', { key, cancelable: true }))
    await flushPromises()
  }

  it('says what it shows and what chance gives', async () => {
    const { find } = await openConcepts()
    expect(find('map-caption').text()).toBe('2 terms × 2 features')
    expect(find('map-chance').text()).toContain('2 of 30 features carry a term · shuffled: 1 of 600')
    expect(find('map-chance').attributes('title')).toBe('Chance gives 1 of 600.')
  })

  it('is read cell by cell with the arrow keys, and Enter shows the feature of the cell', async () => {
    const { find } = await openConcepts()
    const said = () => find('concept-map').find('[role="status"]').text()
    // The chosen term with its best feature is where the keys start.
    await keys('ArrowRight')
    expect(said()).toBe('B cell activation, F7, No link at this q.')
    await keys('ArrowLeft', 'ArrowLeft', 'ArrowUp')
    expect(said()).toContain('F3 B cells, q overall 1.0×10⁻⁶, q here 1.0×10⁻⁷, 5/31 genes, 12× expected, CD79A, CD74')
    await keys('ArrowRight', 'Enter')
    expect(find('open-latent').text()).toBe('Open F7')
  })

  it('has a table twin with every pair in full', async () => {
    await openConcepts()
    expect(chart().props('table')).toMatchObject({
      rows: [
        ['GO:1', 'B cell activation', 'F3', 1e-6, 1e-7, 5, 31, 12],
        ['GO:3', 'lysis', 'F7', 0.01, 1e-7, 5, 12, 12],
      ],
    })
  })

  it('asks again for another order or stricter filters, and the list follows the filters', async () => {
    const { find, bridge } = await openConcepts()
    await find('map-order').setValue('ontology')
    await find('hide-ubiquitous').setValue(false)
    await find('concepts-page').find('input[type="range"]').setValue('4')
    await flushPromises()
    expect(bridge.calls.findLast(({ method }) => method === 'find.map')?.params).toMatchObject({
      order: 'ontology',
      filter: { least: 10, most: 500, q: 1e-10, hideUbiquitous: false },
    })
    expect(inBody('concept')).toHaveLength(0)
  })
})

describe('the path of a term', () => {
  const line = (at: number): HTMLElement => inBody('path-term')[at] as HTMLElement
  const press = (at: number, key: string): void => {
    line(at).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
  }

  it('lists the way from the root, other parents and children, with what each line means', async () => {
    await openConcepts()
    expect(inBody('path-term').map((each) => each.textContent?.trim())).toEqual([
      'biological_process',
      'B cell activation2',
      'also under: immune effect1',
      'translation0',
    ])
    expect(line(1).getAttribute('aria-selected')).toBe('true')
    expect(line(2).title).toBe('GO:5 · part_of to the term above · carried by 1 feature')
  })

  it('is one tab stop; arrow keys move, Enter chooses a tested term', async () => {
    const { find } = await openConcepts()
    expect(inBody('path-term').map((each) => each.tabIndex)).toEqual([-1, 0, -1, -1])
    press(1, 'End')
    await flushPromises()
    expect(inBody('path-term').map((each) => each.tabIndex)).toEqual([-1, -1, -1, 0])
    press(3, 'Enter')
    await flushPromises()
    expect(find('concept-card').text()).toContain('translation')
  })

  it('is saved as SVG and as CSV', async () => {
    const { find, bridge } = await openConcepts()
    const choose = async (words: string): Promise<void> => {
      await find('term-path').find('[aria-label="Tools of the path"]').trigger('click')
      const items = find('term-path').findAll('[role="menuitem"]')
      await items.find((item) => item.text() === words)?.trigger('click')
      await flushPromises()
    }
    await choose('Save table (CSV)…')
    await choose('Save as SVG…')
    const saved = bridge.calls.filter(({ method }) => method === 'files.saveFigure').map(({ params }) => params)
    expect(saved[0]).toMatchObject({ suggestedName: 'path-GO-1.csv', kind: 'csv' })
    expect(saved[0]).toMatchObject({ text: expect.stringContaining('the term,GO:1,B cell activation,is_a,2\r\n') })
    expect(saved[1]).toMatchObject({ suggestedName: 'path-GO-1.svg', text: expect.stringContaining('also under: immune effect') })
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
