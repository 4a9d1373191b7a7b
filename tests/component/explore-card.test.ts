// @vitest-environment happy-dom
// The card of a feature: its sentence, genes, terms, what is said when something is missing, linking and renaming.
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Aspect, LatentCard } from '@contract'
import type { FakeEngine } from '../../src/renderer/bridge/fake'
import { useMapStore } from '../../src/renderer/features/explore/map-store'
import { cardOf, exploreEngine, linkedTo, openFeatures } from './explore-scene'
import type { MountedPage } from './mount-page'

let opened: MountedPage | null = null
const open = async (...scene: Parameters<typeof openFeatures>): Promise<MountedPage> => (opened = await openFeatures(...scene))
afterEach(() => {
  opened?.page.unmount()
  opened = null
  document.body.innerHTML = ''
  vi.restoreAllMocks()
})
const all = ({ page }: MountedPage, testid: string) => page.findAll(`[data-testid="${testid}"]`)
/** What stands in each row of a table, cell by cell. */
const texts = (scene: MountedPage, testid: string): string[] =>
  all(scene, testid).map((line) =>
    line
      .findAll('td')
      .map((cell) => cell.text().replace(/\s+/g, ' '))
      .join(' '),
  )

describe('the card of a linked feature', () => {
  it('says in one sentence where it is on and what goes with it, as an association', async () => {
    const scene = await open()
    expect(scene.find('card-sentence').text().replace(/\s+/g, ' ')).toBe(
      'On in 70 cells (10.0%), almost all CD19+ B. The genes that go with it share the annotations B cell activation and ' +
        'antigen processing and presentation. This is an association, not a proven function.',
    )
  })

  it('names the top genes instead when no term passes', async () => {
    const scene = await open({ detail: { latent: 4 } })
    expect(scene.find('card-sentence').text()).toContain('No term passes; the top genes are CD79A, CD79B and MS4A1.')
  })

  it('says that a dense feature compares high with low', async () => {
    const scene = await open({ detail: { latent: 5 } })
    expect(scene.find('card-sentence').text()).toContain('high is compared with low')
  })

  it('explains a flag on hovering: what it means and what was found here', async () => {
    const scene = await open({ detail: { latent: 8 } })
    const badge = scene.page.get('[data-testid="latent-card"] header .bdg.w')
    expect(badge.text()).toBe('donor')
    expect(badge.attributes('title')).toBe(
      'Over 80 % of its strength lies in one donor, who gave under 40 % of the cells. Here: 93% in D2.',
    )
  })

  it('shows effect sizes of the best genes, all on request, and a dash where values are scaled', async () => {
    const scene = await open()
    expect(all(scene, 'gene-row')).toHaveLength(7)
    expect(texts(scene, 'gene-row')[0]).toBe('CD79A 0.98 +3.9 1.20 94% 8%')
    await scene.find('all-genes').trigger('click')
    expect(all(scene, 'gene-row')).toHaveLength(9)
    await scene.page.get('[data-latent="1"]').trigger('click')
    await flushPromises()
    expect(texts(scene, 'gene-row')[0]).toBe('CD79A 0.98 — 1.20 94% 8%')
    expect(all(scene, 'gene-row')).toHaveLength(7)
  })

  it('colours the map by a gene that is clicked, and by the feature again after a second click', async () => {
    const scene = await open()
    const maps = useMapStore()
    await all(scene, 'gene-row')[1]?.trigger('click')
    await flushPromises()
    expect(maps.colouring).toEqual({ by: 'gene', gene: 'CD79B' })
    await all(scene, 'gene-row')[1]?.trigger('click')
    expect(maps.colouring).toEqual({ by: 'latent' })
  })

  it('looks at another feature by its own activation again', async () => {
    const scene = await open()
    await all(scene, 'gene-row')[0]?.trigger('click')
    await flushPromises()
    await scene.page.get('[data-latent="2"]').trigger('click')
    await flushPromises()
    expect(useMapStore().colouring).toEqual({ by: 'latent' })
  })

  it('lists terms on three or more genes, all on request, with overlap, fold and both q', async () => {
    const scene = await open()
    expect(all(scene, 'term-row')).toHaveLength(3)
    // 6 of 29 against 31 of 741 is 4.9 fold.
    expect(texts(scene, 'term-row')[0]).toBe('B cell activation 6/31 4.9× 1.0×10⁻¹¹ 1.0×10⁻¹⁰ CD79A +5')
    expect(scene.page.text()).toContain('2 terms pass both q')
    const bold = all(scene, 'term-row').map((line) => line.find('.passes').exists())
    expect(bold).toEqual([true, true, false])
    await scene.find('all-terms').trigger('click')
    expect(all(scene, 'term-row')).toHaveLength(4)
  })

  it('opens a term to all of its genes and the meaning of its q', async () => {
    const scene = await open()
    await all(scene, 'term-row')[1]?.trigger('click')
    const detail = scene.find('term-genes').text()
    expect(detail).toContain('HLA-DRA, CD74, CD37')
    expect(detail).toContain('about 20 in 1,000 such finds are expected to be false')
    await all(scene, 'term-row')[1]?.trigger('click')
    expect(scene.page.find('[data-testid="term-genes"]').exists()).toBe(false)
  })

  it('shows the chance check, the background and what so few genes can tell', async () => {
    const scene = await open()
    const text = scene.page.text()
    expect(text).toContain('2 of 20 shuffled copies reached any term. Background 741 detected genes.')
    expect(scene.find('small-list').text()).toContain('relative to the 741 genes measured here')
    expect(scene.find('go-release').text()).toBe('Gene Ontology 2026-01-23')
  })

  it('warns when the ontology is older than two years', async () => {
    const old = { ...linkedTo(['BP']), ontology: { ...linkedTo(['BP']).ontology, release: '2022-07-01', outdated: true } }
    const scene = await open({ open: old })
    expect(scene.find('go-release').text()).toContain('2022-07-01 is older than two years')
  })

  it('shows how well cell groups are told apart and opens a similar feature', async () => {
    const scene = await open()
    expect(texts(scene, 'group-row')[0]).toBe('CD19+ B 0.95 0.93 0.40 0.56 2.8× 0.020')
    await scene.find('similar-row').trigger('click')
    await flushPromises()
    expect(scene.find('latent-card').attributes('data-latent')).toBe('3')
  })
})

describe('a card with missing evidence', () => {
  it('of a dead feature says that it is off in every cell and shows no tests', async () => {
    const scene = await open({ detail: { latent: 6 } })
    expect(scene.find('card-sentence').text()).toContain('F6 is off in every cell.')
    expect(all(scene, 'gene-row')).toHaveLength(0)
    expect(all(scene, 'cell-row')).toHaveLength(0)
    expect(scene.page.get('.trust').text()).not.toContain('Shuffled')
  })

  it('of a rare feature shows its cells, strongest first', async () => {
    const scene = await open({ detail: { latent: 7 } })
    await flushPromises()
    expect(scene.find('too-few').text()).toBe('On in 12 cells. Too few for gene statistics; here are the cells.')
    expect(texts(scene, 'cell-row')).toHaveLength(12)
    expect(texts(scene, 'cell-row')[0]).toBe('CELL-9 CD19+ B 1.9')
  })

  it('without expression says so and still shows cell groups', async () => {
    const scene = await open({ engine: exploreEngine([]), open: linkedTo([], { expression: null }) })
    expect(scene.find('no-expression').text()).toContain('no gene expression')
    expect(all(scene, 'group-row')).toHaveLength(3)
    expect(scene.page.find('[data-testid="link-run"]').exists()).toBe(false)
  })

  it('without a map says so', async () => {
    const scene = await open({ open: linkedTo(['BP'], { map: null }) })
    await scene.find('tab-map').trigger('click')
    expect(scene.page.text()).toContain('This file brought no map of the cells')
    expect(scene.bridge.calls.some(({ method }) => method === 'map.read')).toBe(false)
  })
})

describe('a small window', () => {
  it('shows card, map and cell types one at a time', async () => {
    const scene = await open()
    expect(scene.page.find('[data-testid="latent-card"]').exists()).toBe(true)
    await scene.find('tab-map').trigger('click')
    expect(scene.page.find('[data-testid="latent-card"]').exists()).toBe(false)
    expect(scene.page.get('[data-testid="colour-menu"]').text()).toContain('Feature F0')
    await scene.find('tab-groups').trigger('click')
    expect(scene.find('off-count').text()).toBe('off in 630 cells (90.0%)')
  })

  it('colours the map by a column or by a gene that is typed', async () => {
    const scene = await open()
    await scene.find('tab-map').trigger('click')
    await scene.find('colour-menu').setValue('column:bulk_labels')
    await flushPromises()
    const legend = () => scene.page.get('.legend').text()
    expect(legend()).toContain('CD19+ BCD56+ NKDendritic')
    await scene.find('colour-menu').setValue('gene…')
    await scene.find('gene-field').setValue('cd79a')
    await scene.find('gene-field').trigger('submit')
    await flushPromises()
    expect(legend()).toContain('Expression of cd79a')
    await scene.find('colour-menu').setValue('latent')
    expect(legend()).toContain('How strongly F0 is on')
    expect(legend()).toContain('off')
  })
})

describe('what a linking adds to the card', () => {
  const changed = (change: (card: LatentCard) => Partial<LatentCard>, more: FakeEngine = {}) =>
    exploreEngine(['BP'], {
      'latents.card': ({ latent, aspect }) => {
        const card = cardOf(latent, aspect, ['BP'])
        return { ...card, ...change(card) }
      },
      ...more,
    })

  it('proposes a name with grade and reasons, which is taken or turned down', async () => {
    const proposal = { text: 'CD19+ B: B cell activation', grade: 'moderate', reasons: ['AUROC 0.95.'], rejected: false } as const
    const engine = changed(() => ({ label: null, labelState: 'none', proposal: { ...proposal, reasons: ['AUROC 0.95.'] } }), {
      'labels.decide': {},
    })
    const scene = await open({ engine })
    expect(scene.find('label-proposal').text()).toContain('CD19+ B: B cell activation')
    expect(scene.find('label-proposal').text()).toContain('moderate')
    await scene.find('accept-label').trigger('click')
    await flushPromises()
    const call = scene.bridge.calls.find(({ method }) => method === 'labels.decide')
    expect(call?.params).toEqual({ run: 1, latent: 0, decision: 'accept', aspect: 'BP', linking: null })
  })

  it('shows donors one by one and keeps p and q in the hover, with what they mean', async () => {
    const tests = {
      wilcoxon: { score: 12.1, pValue: 1e-33, log10P: -33, qValue: 1e-30 },
      welch: null,
      donors: { agreeing: 3, of: 4, pValue: 0.3, differences: [1, 2, 1.5, -0.2] },
    }
    const engine = changed((card) => ({
      topGenes: card.topGenes.map((gene) => ({ ...gene, ...tests })),
      linking: card.linking && { ...card.linking, donors: ['D1', 'D2', 'D3', 'D4'] },
    }))
    const scene = await open({ engine })
    expect(texts(scene, 'gene-row')[0]).toContain('3/4')
    const hover = all(scene, 'gene-row')[0]?.get('td[title]').attributes('title') ?? ''
    expect(hover).toContain('Wilcoxon z 12.1')
    expect(hover).toContain('D4')
    expect(hover).toContain('The cells were chosen by the latent.')
    expect(scene.page.text()).not.toContain('Wilcoxon')
  })

  it('folds terms on the same genes behind the best one and marks terms that most features reach', async () => {
    const engine = changed((card) => ({
      terms: card.terms.map((term, at) => ({ ...term, group: at < 2 ? 'GO:0042113' : term.id, ubiquitous: at === 2 })),
    }))
    const scene = await open({ engine })
    expect(texts(scene, 'term-row').join()).not.toContain('antigen processing')
    expect(texts(scene, 'term-row').join()).toContain('common')
    await scene.find('same-genes').trigger('click')
    expect(texts(scene, 'term-row').join()).toContain('antigen processing')
  })

  it('says when other rules or another release were used, and what other backgrounds give', async () => {
    const engine = changed((card) => ({
      linking: card.linking && {
        ...card.linking,
        preset: 'gseapy',
        outdated: true,
        warnings: ['Every gene counts as background.'],
        backgrounds: [
          { kind: 'detected', significant: 2 },
          { kind: 'annotated', significant: 31 },
        ],
      },
    }))
    const scene = await open({ engine })
    expect(scene.find('link-rules').text()).toContain('GSEApy')
    expect(scene.find('linking-outdated').text()).toContain('another release')
    expect(scene.find('other-backgrounds').text()).toBe('With only those genes that have a term as background 31 terms pass.')
    expect(scene.page.text()).toContain('Every gene counts as background.')
  })

  it('compares with all genes on request and shows what rises and falls with it', async () => {
    let done = false
    const gene = (name: string, spearman: number) => ({ gene: name, pearson: spearman, spearman, auroc: 0.5 + spearman / 2 })
    const engine = changed(() => ({}), {
      'associate.start': { job: 'associate-1', run: 1 },
      'latents.association': () =>
        done
          ? {
              cells: 700,
              genes: 765,
              note: 'Over all cells.',
              correlated: [
                { ...gene('CD79A', 0.8), partialSpearman: 0.71, withinBatch: { pearson: 0.3, spearman: 0.25 } },
                { ...gene('LYZ', -0.6), withinBatch: { pearson: null, spearman: null } },
              ],
              batch: { column: 'lane', values: 2 },
              decoder: null,
            }
          : null,
    })
    const scene = await open({ engine })
    await scene.find('associate').trigger('click')
    await flushPromises()
    done = true
    scene.bridge.emit('job.done', { job: 'associate-1', kind: 'associate', result: {} })
    await flushPromises()
    expect(scene.find('association').text()).toMatch(/Given counts.*In batches.*CD79A.*0\.80.*0\.71.*0\.25.*LYZ.*0\.60/s)
    expect(scene.find('association-within').attributes('title')).toContain('lane')
  })
})

describe('linking from the card', () => {
  it('starts with 20 shuffled copies, shows progress, and then the genes and terms', async () => {
    const linked: Aspect[] = []
    const scene = await open({ engine: exploreEngine(linked), open: linkedTo([]) })
    expect(scene.find('link-run').text()).toBe('Link to genes and terms')
    await scene.find('link-run').trigger('click')
    await flushPromises()
    const call = scene.bridge.calls.find(({ method }) => method === 'link.start')
    expect(call?.params).toEqual({
      run: 1,
      aspect: 'BP',
      preset: 'latiscope',
      method: 'ora',
      background: 'detected',
      evidence: 'all',
      null: 'donor',
      shuffles: 20,
    })
    scene.bridge.emit('job.progress', { job: 'link-1', kind: 'link', step: 30, of: 100, secondsLeft: 5, phase: 'ranking genes' })
    await flushPromises()
    expect(scene.page.text()).toContain('ranking genes')
    expect(scene.page.text()).toContain('30%')
    linked.push('BP')
    scene.bridge.emit('job.done', { job: 'link-1', kind: 'link', result: {} })
    await flushPromises()
    expect(all(scene, 'gene-row')).toHaveLength(7)
    expect(all(scene, 'term-row')).toHaveLength(3)
  })

  it('offers to link another part of the ontology without losing the genes', async () => {
    const scene = await open()
    await scene.find('aspect-MF').trigger('click')
    await flushPromises()
    expect(scene.find('link-run').text()).toBe('Link to molecular functions')
    expect(all(scene, 'gene-row')).toHaveLength(7)
    await scene.find('link-run').trigger('click')
    await flushPromises()
    expect(scene.bridge.calls.find(({ method }) => method === 'link.start')?.params).toMatchObject({ aspect: 'MF' })
  })
})

describe('renaming a feature', () => {
  const rename = async (scene: MountedPage, name: string): Promise<unknown> => {
    await scene.find('rename').trigger('click')
    await scene.find('latent-name').setValue(name)
    await scene.find('latent-name').trigger('submit')
    await flushPromises()
    return scene.bridge.calls.find(({ method }) => method === 'latents.rename')?.params
  }

  it('stores the new name', async () => {
    expect(await rename(await open(), '  Naive B cells ')).toEqual({ run: 1, latent: 0, label: 'Naive B cells' })
  })

  it('goes back to the automatic name when the field is emptied', async () => {
    expect(await rename(await open(), '')).toEqual({ run: 1, latent: 0, label: null })
  })

  it('changes nothing on Escape', async () => {
    const scene = await open()
    await scene.find('rename').trigger('click')
    await scene.find('latent-name').setValue('x')
    await scene.find('latent-name').trigger('keydown', { key: 'Escape' })
    expect(scene.find('card-title').text()).toBe('B cell identity')
    expect(scene.bridge.calls.some(({ method }) => method === 'latents.rename')).toBe(false)
  })

  it('is not offered in a project that is read-only', async () => {
    const scene = await open({ open: { ...linkedTo(['BP']), readOnly: true } })
    expect(scene.page.find('[data-testid="rename"]').exists()).toBe(false)
  })
})

describe('an answer that comes too late', () => {
  it('does not replace the card chosen since', async () => {
    let answerFirst: (() => void) | undefined
    const engine = exploreEngine()
    const card = engine['latents.card']
    if (typeof card !== 'function') throw new Error('The example answers cards by a function.')
    const held = new Promise<void>((resolve) => (answerFirst = resolve))
    const scene = await open({
      engine: {
        ...engine,
        'latents.card': async (params) => {
          if (params.latent === 1) await held
          return card(params)
        },
      },
    })
    await scene.page.get('[data-latent="1"]').trigger('click')
    await scene.page.get('[data-latent="2"]').trigger('click')
    await flushPromises()
    answerFirst?.()
    await flushPromises()
    expect(scene.find('latent-card').attributes('data-latent')).toBe('2')
  })
})
