// @vitest-environment happy-dom
// The window around the pages: project tabs, search, errors, a restarted data process, keys.
import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { appError } from '@contract'
import App from '../../src/renderer/app/App.vue'
import { place } from '../../src/renderer/bridge/navigation'
import type { FakeEngine } from '../../src/renderer/bridge/fake'
import { engineAnswers, projectGrant, shellAnswers, summary } from './example-project'
import { mountPage, type MountedPage } from './mount-page'

/** The shared listener of the store is set up by the window itself here. */
const openWindow = async (engine: FakeEngine = engineAnswers({ ...summary, runs: [] })): Promise<MountedPage> => {
  const shell = { ...shellAnswers, 'launch.request': { project: projectGrant, sample: null } }
  const mounted = await mountPage(App, { engine, shell })
  await flushPromises()
  return mounted
}
let opened: MountedPage
beforeEach(async () => (opened = await openWindow()))
afterEach(() => {
  opened.page.unmount()
  document.body.innerHTML = ''
})
const press = (key: string, ctrlKey = true) =>
  window.dispatchEvent(new KeyboardEvent('keydown', { key, ctrlKey, bubbles: true, cancelable: true }))

describe('the window', () => {
  it('opens the project it was started with and shows where its results come from', () => {
    expect(opened.find('project-name').text()).toBe('Blood cells')
    expect(place.value.page).toBe('train')
    const line = opened.page.get('footer').text()
    expect(line).toContain('700 cells × 765 genes')
    expect(line).toContain('X_pca')
    expect(line).toContain('Gene Ontology 2026-01-23')
    expect(line).toContain('741 genes')
  })

  it('says what rows are where they are genes, which have no columns of genes', async () => {
    opened.page.unmount()
    const data = summary.data && { ...summary.data, rows: 3976, genes: 0, rowKind: 'genes' as const, expression: null }
    opened = await openWindow(engineAnswers({ ...summary, data, runs: [] }))
    const line = opened.page.get('footer').text()
    expect(line).toContain('3,976 genes')
    expect(line).not.toContain('cells')
    expect(line).not.toContain('0 genes ')
  })

  it('moves between pages by tab and by key, and says why later pages are closed', async () => {
    await opened.find('tab-data').trigger('click')
    expect(place.value.page).toBe('data')
    press('2')
    expect(place.value.page).toBe('train')
    press('4')
    expect(place.value.page).toBe('concepts')
    press('5')
    expect(place.value.page).toBe('concepts')
    expect(opened.find('tab-compare').attributes('aria-disabled')).toBe('true')
    expect(opened.find('tab-compare').attributes('title')).toBe('Comes with a later version.')
  })

  it('finds genes, terms and features and opens the chosen one with Enter', async () => {
    press('k')
    await flushPromises()
    const field = document.querySelector<HTMLInputElement>('[data-testid="global-search-input"]')
    if (!field) throw new Error('The search field did not open.')
    field.value = 'CD79'
    field.dispatchEvent(new Event('input'))
    await flushPromises()
    const hits = [...document.querySelectorAll('[data-testid="search-hit"]')].map((hit) => hit.textContent)
    expect(hits[0]).toContain('CD79A')
    expect(hits[1]).toContain('B cell activation')
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown' }))
    await flushPromises()
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }))
    await flushPromises()
    expect(place.value).toEqual({
      page: 'features',
      detail: { find: { by: 'term', key: 'GO:0042113', title: 'B cell activation' } },
    })
  })

  it('shows an error once with its remedy until it is closed', async () => {
    const error = appError('DISK_FULL')
    opened.bridge.emit('job.failed', { job: 'link-1', kind: 'link', error })
    opened.bridge.emit('job.failed', { job: 'link-2', kind: 'link', error })
    await flushPromises()
    const panels = opened.page.findAll('[data-testid="error-panel"]')
    expect(panels).toHaveLength(1)
    expect(panels[0]?.text()).toContain('Free some space')
    await opened.page.get('[data-testid="error-panel"] button[aria-label="Close"]').trigger('click')
    expect(opened.page.find('[data-testid="error-panel"]').exists()).toBe(false)
  })

  it('does not call a cancelled job an error', async () => {
    opened.bridge.emit('job.failed', { job: 'train-1', kind: 'train', error: appError('CANCELLED') })
    await flushPromises()
    expect(opened.page.find('[data-testid="error-panel"]').exists()).toBe(false)
    expect(opened.page.get('[role="status"]').text()).toBe('')
  })

  it('says that the data process was restarted and that nothing is lost', async () => {
    opened.bridge.emit('engine.restarted', { reopened: true, error: appError('ENGINE_GONE') })
    await flushPromises()
    expect(opened.page.text()).toContain('Your project is open again. Nothing that was stored is lost.')
  })

  it('tells screen readers of a job at its start, its quarters and its end only', async () => {
    const status = () => opened.page.get('[role="status"]').text()
    const progress = (step: number) =>
      opened.bridge.emit('job.progress', { job: 'link-5', kind: 'link', step, of: 100, secondsLeft: 5, phase: 'x' })
    progress(1)
    await flushPromises()
    expect(status()).toBe('Link to genes and terms started.')
    progress(10)
    await flushPromises()
    expect(status()).toBe('Link to genes and terms started.')
    progress(51)
    await flushPromises()
    expect(status()).toBe('Link to genes and terms: 50 per cent.')
    opened.bridge.emit('job.done', { job: 'link-5', kind: 'link', result: {} })
    await flushPromises()
    expect(status()).toBe('Link to genes and terms is done.')
  })

  it('closes the project on request of the menu', async () => {
    opened.bridge.emit('menu.command', { command: 'file.close' })
    await flushPromises()
    expect(opened.project.summary).toBeNull()
    expect(place.value.page).toBe('start')
  })
})
