// @vitest-environment happy-dom
// The start page: every way into a project, and what it asks of engine and shell.
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { appError } from '@contract'
import { place } from '../../src/renderer/bridge/navigation'
import { pendingSource } from '../../src/renderer/bridge/project-actions'
import StartPage from '../../src/renderer/features/projects/StartPage.vue'
import { dataGrant, emptyProject, engineAnswers, projectGrant, shellAnswers, summary } from './example-project'
import { mountPage, type Scene } from './mount-page'

const scene: Scene = { engine: engineAnswers(), shell: shellAnswers }
afterEach(() => (document.body.innerHTML = ''))

describe('the start page', () => {
  it('says that it is usable and lists recent projects, missing ones with a way out', async () => {
    const { page } = await mountPage(StartPage, scene)
    expect(document.documentElement.dataset['ready']).toBe('start')
    expect(page.text()).toContain('Bone marrow atlas')
    expect(page.text()).toContain('File was moved or the drive is not connected')
    expect(page.text()).toContain('Remove from list')
  })

  it('shows one sentence instead of an empty list', async () => {
    const { page } = await mountPage(StartPage, { ...scene, shell: { ...shellAnswers, 'recent.list': [] } })
    expect(page.text()).toContain('Projects you open appear here.')
  })

  it('leads a chosen data file into the review without storing anything', async () => {
    const { find, bridge } = await mountPage(StartPage, scene)
    await find('new-project').trigger('click')
    await flushPromises()
    expect(pendingSource.value).toEqual(dataGrant)
    expect(place.value.page).toBe('data')
    expect(bridge.calls.map((call) => call.method)).not.toContain('project.create')
  })

  it('makes the sample project when it is opened for the first time, taking every suggestion', async () => {
    const { find, bridge } = await mountPage(StartPage, {
      ...scene,
      engine: { ...engineAnswers(), 'project.create': emptyProject },
    })
    await find('open-sample').trigger('click')
    await flushPromises()
    const methods = bridge.calls.filter((call) => call.to === 'engine').map((call) => call.method)
    expect(methods).toEqual(['project.create', 'import.start'])
    expect(bridge.calls.at(-1)?.params).toEqual({
      file: dataGrant.token,
      choice: { representation: null, expression: null, roles: {}, dropMissing: false, renameDuplicates: false },
    })
    expect(place.value.page).toBe('data')
  })

  it('opens the sample project made before and shows its features', async () => {
    const shell = { ...shellAnswers, 'sample.files': { project: projectGrant, data: dataGrant, exists: true } }
    const { find, project, bridge } = await mountPage(StartPage, { ...scene, shell })
    await find('open-sample-synthetic').trigger('click')
    await flushPromises()
    expect(bridge.calls.find((call) => call.method === 'sample.files')?.params).toEqual({ sample: 'synthetic' })
    expect(project.summary).toEqual(summary)
    expect(place.value.page).toBe('features')
  })

  it('reports a project that cannot be opened and stays', async () => {
    const error = appError('FILE_TOO_NEW', { file: 'atlas.latiscope', version: 9, supported: 1 })
    const { find, project } = await mountPage(StartPage, {
      ...scene,
      engine: { ...engineAnswers(), 'project.open': () => ({ ok: false, error }) },
    })
    await find('open-project').trigger('click')
    await flushPromises()
    expect(project.errors).toEqual([error])
    expect(place.value.page).toBe('start')
  })
})
