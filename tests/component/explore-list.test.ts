// @vitest-environment happy-dom
// The feature list: what is shown and hidden, sorting by columns, walking with the keyboard, searching, matches of a term.
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { appError } from '@contract'
import { navigate } from '../../src/renderer/bridge/navigation'
import { exploreEngine, linkedTo, listed, openFeatures, rows } from './explore-scene'
import type { MountedPage } from './mount-page'

let opened: MountedPage | null = null
const open = async (...scene: Parameters<typeof openFeatures>): Promise<MountedPage> => (opened = await openFeatures(...scene))
afterEach(() => {
  opened?.page.unmount()
  opened = null
  document.body.innerHTML = ''
  vi.useRealTimers()
  vi.restoreAllMocks()
})
const press = async (key: string, options: KeyboardEventInit = {}): Promise<void> => {
  const target = document.activeElement ?? document.body
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...options }))
  await flushPromises()
}
const openCardId = ({ find }: MountedPage): string | undefined => find('latent-card').attributes('data-latent')

describe('the Features page without features', () => {
  it('says what will be here and where to go', async () => {
    const { page } = await open({ open: { ...linkedTo(['BP']), runs: [] } })
    expect(page.text()).toContain('No features yet')
    expect(page.get('button').text()).toBe('Go to Train')
  })

  it('says that a run is still training', async () => {
    const [run] = linkedTo(['BP']).runs
    if (run === undefined) throw new Error('The example has a run.')
    const { page } = await open({ open: { ...linkedTo(['BP']), runs: [{ ...run, state: 'training' }] } })
    expect(page.text()).toContain('Run 1 is still training')
  })

  it('asks for data when the project is empty', async () => {
    const { page } = await open({ open: { ...linkedTo(['BP']), data: null, runs: [] } })
    expect(page.text()).toContain('Features are learned from a representation of your cells.')
  })
})

describe('the feature list', () => {
  it('hides dead and rare features but counts them, and shows them with their flags on request', async () => {
    const scene = await open()
    expect(scene.find('latent-counter').text()).toBe('7 of 9')
    expect(listed(scene)).not.toContain(6)
    await scene.find('show-silent').trigger('click')
    expect(scene.find('latent-counter').text()).toBe('9 of 9')
    expect(scene.page.get('[data-latent="6"]').text()).toContain('dead')
    expect(scene.page.get('[data-latent="7"]').text()).toContain('rare')
    await scene.find('hide-silent').trigger('click')
    expect(scene.find('latent-counter').text()).toBe('7 of 9')
  })

  it('opens with the best term first and its card open', async () => {
    const scene = await open()
    expect(listed(scene)).toEqual([0, 1, 2, 3, 5, 4, 8])
    expect(openCardId(scene)).toBe('0')
  })

  it('opens with the clearest cell type first when the run is not linked', async () => {
    const scene = await open({ engine: exploreEngine([]), open: linkedTo([]) })
    expect(listed(scene)).toEqual([0, 1, 2, 3, 4, 5, 8])
    expect(scene.page.get('[data-latent="1"]').text()).toContain('not linked yet')
  })

  it('names a feature by its label, else its significant term, else its clear cell type', async () => {
    const scene = await open()
    const text = (id: number): string => scene.page.get(`[data-latent="${id}"]`).text()
    expect(text(0)).toContain('B cell identity')
    expect(text(0)).toContain('B cell activation')
    expect(text(1)).toContain('term 1')
    expect(text(4)).toContain('CD56+ NK')
    expect(text(4)).toContain('no term at q ≤ 0.05')
    expect(text(4)).toContain('0.60')
  })

  it('sorts by a click, turns round by a second, and takes a further key with Shift', async () => {
    const scene = await open()
    await scene.find('sort-density').trigger('click')
    expect(listed(scene)).toEqual([5, 8, 4, 3, 2, 1, 0])
    await scene.find('sort-density').trigger('click')
    expect(listed(scene)).toEqual([0, 1, 2, 3, 4, 8, 5])
    await scene.find('sort-group').trigger('click', { shiftKey: true })
    const heads = scene.page.findAll('[role="columnheader"]').map((head) => head.attributes('aria-sort'))
    expect(heads).toEqual(['none', 'descending', 'ascending', 'none'])
  })

  it('tells screen readers its length and the place of each row', async () => {
    const scene = await open()
    const grid = scene.page.get('[role="grid"]')
    expect(grid.attributes('aria-rowcount')).toBe('8')
    expect(scene.page.get('[data-latent="2"]').attributes('aria-rowindex')).toBe('4')
    expect(scene.page.findAll('[role="row"][tabindex="0"]')).toHaveLength(1)
  })

  it('is walked with arrows, Home, End and Enter; the card follows', async () => {
    const scene = await open()
    scene.page.get<HTMLElement>('[data-latent="0"]').element.focus()
    await press('ArrowDown')
    expect([document.activeElement?.getAttribute('data-latent'), openCardId(scene)]).toEqual(['1', '1'])
    await press('End')
    expect([document.activeElement?.getAttribute('data-latent'), openCardId(scene)]).toEqual(['8', '8'])
    await press('ArrowDown')
    expect(openCardId(scene)).toBe('8')
    await press('Home')
    expect(openCardId(scene)).toBe('0')
    await press('Enter')
    expect(document.activeElement?.getAttribute('data-testid')).toBe('latent-card')
    await press('ArrowDown', { altKey: true })
    expect(openCardId(scene)).toBe('1')
  })

  it('finds words in names, terms, cell types and genes after the slash key', async () => {
    const scene = await open()
    await press('/')
    expect(document.activeElement?.getAttribute('data-testid')).toBe('latent-search')
    const search = async (words: string): Promise<number[]> => {
      await scene.find('latent-search').setValue(words)
      return listed(scene)
    }
    expect(await search('identity')).toEqual([0])
    expect(await search('GENE2A')).toEqual([2])
    expect(await search('nk term')).toEqual([1])
    expect(await search('f3')).toEqual([3])
  })

  it('offers to search all genes and terms when no name matches', async () => {
    const scene = await open()
    await scene.find('latent-search').setValue('CD79A')
    expect(listed(scene)).toEqual([])
    await scene.find('search-all').trigger('click')
    await flushPromises()
    expect(scene.find('match-chip').text()).toContain('Gene: CD79A')
    expect(listed(scene)).toEqual([3, 7, 1])
  })

  it('shows a skeleton only when the list takes longer than 150 ms', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const slow = new Promise<never>(() => undefined)
    const { page } = await open({ engine: exploreEngine(['BP'], { 'latents.list': () => slow }) })
    expect(page.find('[data-testid="list-skeleton"]').exists()).toBe(false)
    vi.advanceTimersByTime(160)
    await flushPromises()
    expect(page.find('[data-testid="list-skeleton"]').exists()).toBe(true)
    expect(page.find('[data-testid="card-skeleton"]').exists()).toBe(true)
  })

  it('says what went wrong when the list cannot be read', async () => {
    const failed = { ok: false, error: appError('TIMEOUT', { what: 'The list of features' }) } as const
    const { page } = await open({ engine: exploreEngine(['BP'], { 'latents.list': () => failed }) })
    expect(page.get('[data-testid="error-panel"]').text()).toContain('did not answer in time')
  })

  it('copies the rows as a table for a spreadsheet', async () => {
    const scene = await open()
    await scene.page.get('[aria-label="Copy these rows"]').trigger('click')
    const call = scene.bridge.calls.find(({ method }) => method === 'clipboard.write')
    const lines = (call?.params as { text: string }).text.split('\n')
    expect(lines[0]).toContain('feature\tname\tbest_term_id')
    expect(lines[1]).toBe(
      'F0\tB cell identity\tGO:0042113\tB cell activation\t1e-12\t1e-10\tbulk_labels\tCD19+ B\t0.95\t70\t0.1\t',
    )
    expect(lines).toHaveLength(8)
  })
})

describe('a request from the search', () => {
  const find = { by: 'term', key: 'GO:0042113', title: 'B cell activation' } as const

  it('ranks the features of a term, says why each matches, and opens the best', async () => {
    const scene = await open({ detail: { find } })
    expect(scene.find('match-chip').text()).toContain('Term: B cell activation')
    expect(listed(scene)).toEqual([3, 7, 1])
    expect(scene.page.get('[data-latent="3"]').text()).toContain('5 genes, q 1.0×10⁻⁶')
    expect(openCardId(scene)).toBe('3')
  })

  it('gives the whole list back when the chip is removed', async () => {
    const scene = await open({ detail: { find } })
    await scene.find('match-chip').get('button').trigger('click')
    expect(listed(scene)).toEqual([0, 1, 2, 3, 5, 4, 8])
  })

  it('opens a feature asked for while the page is open, even one that the list hides', async () => {
    const scene = await open()
    navigate('features', { latent: 7 })
    await flushPromises()
    expect(openCardId(scene)).toBe('7')
    navigate('features', { find })
    await flushPromises()
    expect(openCardId(scene)).toBe('3')
  })

  it('lists only cell groups told apart better than by chance', async () => {
    const matches = [
      { id: 1, label: null, auroc: 0.9, precision: 0.8, recall: 0.7, f1: 0.75 },
      { id: 2, label: null, auroc: 0.5, precision: 0.1, recall: 0.1, f1: 0.1 },
    ]
    const scene = await open({
      engine: exploreEngine(['BP'], { 'find.latents': matches }),
      detail: { find: { by: 'group', key: 'bulk_labels=CD56+ NK', title: 'CD56+ NK' } },
    })
    expect(listed(scene)).toEqual([1])
    expect(scene.page.get('[data-latent="1"]').text()).toContain('AUROC 0.90, F1 0.75')
  })
})

describe('another project', () => {
  it('with a run of the same number starts afresh', async () => {
    const scene = await open({ detail: { latent: 5 } })
    await scene.find('latent-search').setValue('term')
    scene.project.show({ ...linkedTo(['BP']), fileName: 'other.latiscope' })
    await flushPromises()
    expect(openCardId(scene)).toBe('0')
    expect(scene.find('latent-counter').text()).toBe('7 of 9')
    const reads = scene.bridge.calls.filter(({ method }) => method === 'map.read')
    expect(reads).toHaveLength(2)
  })
})

it('the example has every kind of feature', () => {
  expect(rows.flatMap((row) => row.flags)).toEqual(['dense', 'dead', 'rare', 'donor'])
})
