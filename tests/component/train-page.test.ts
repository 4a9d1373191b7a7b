// @vitest-environment happy-dom
// The Train page: advice with reasons, a run from start to verdict, links to genes and terms.
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { appError, type ProjectSummary, type Run } from '@contract'
import { place } from '../../src/renderer/bridge/navigation'
import TrainPage from '../../src/renderer/features/train/TrainPage.vue'
import { doneRun, engineAnswers, noGainRun, shellAnswers, summary } from './example-project'
import { mountPage, type Scene } from './mount-page'

const fresh: ProjectSummary = { ...summary, runs: [] }
const trainingRun: Run = {
  ...doneRun,
  id: 3,
  state: 'training',
  metrics: null,
  controls: null,
  densityHistogram: null,
  seconds: null,
  linkedAspects: [],
}
const withRuns = (...runs: Run[]): ProjectSummary => ({ ...summary, runs })
const scene = (open: ProjectSummary): Scene => ({ engine: engineAnswers(open), shell: shellAnswers, open })
afterEach(() => (document.body.innerHTML = ''))

describe('the settings of a new run', () => {
  it('shows the recommended numbers with the sentence they follow from', async () => {
    const { find } = await mountPage(TrainPage, scene(fresh))
    expect(find('advice').text()).toContain('You have 560 cells to train on. 64 features give each about 70 cells')
    expect(find('advice').text()).toContain('140')
    expect(find('advice').text()).toContain('Fewer than 80')
    expect(document.documentElement.dataset['ready']).toBe('train')
  })

  it('starts the recommended run without sending any setting', async () => {
    const { find, bridge } = await mountPage(TrainPage, scene(fresh))
    await find('start-training').trigger('click')
    await flushPromises()
    expect(bridge.calls.find((call) => call.method === 'run.start')?.params).toEqual({})
  })

  it('sends half the steps for a quick look', async () => {
    const { page, find, bridge } = await mountPage(TrainPage, scene(fresh))
    await page.get('input[value="quick"]').setValue(true)
    await find('start-training').trigger('click')
    await flushPromises()
    expect(bridge.calls.find((call) => call.method === 'run.start')?.params).toEqual({ steps: 1500 })
  })

  it('counts what an expert changed and takes it back on reset', async () => {
    const { page, find, bridge } = await mountPage(TrainPage, scene(fresh))
    await find('expert').trigger('click')
    const features = page.findAll<HTMLInputElement>('.xp input')[0]
    await features?.setValue('32')
    await flushPromises()
    expect(find('advice').text()).toContain('Changed from recommended: 1 setting')
    expect(bridge.calls.at(-1)).toEqual({ to: 'engine', method: 'run.advice', params: { latents: 32 } })
    await find('reset-settings').trigger('click')
    await flushPromises()
    expect(find('advice').text()).toContain('Recommended')
  })

  it('refuses to start a second run while one is training', async () => {
    const { find, bridge } = await mountPage(TrainPage, scene(withRuns(trainingRun)))
    bridge.emit('job.progress', { job: 'train-1', kind: 'train', step: 1, of: 10, secondsLeft: null, phase: 'training' })
    await flushPromises()
    expect(find('start-training').attributes('disabled')).toBeDefined()
  })
})

describe('a run', () => {
  it('shows progress and live numbers, and is cancelled on request', async () => {
    const { page, find, bridge } = await mountPage(TrainPage, {
      ...scene(withRuns(trainingRun)),
      engine: { ...engineAnswers(withRuns(trainingRun)), 'run.history': [] },
    })
    bridge.emit('job.progress', { job: 'train-1', kind: 'train', step: 1700, of: 3000, secondsLeft: 108, phase: 'training' })
    bridge.emit('run.point', {
      run: 3,
      point: { step: 1700, loss: 0.2, explainedTrain: 0.858, explainedHeldOut: 0.849, l0: 8.01, dead: 2 },
    })
    await flushPromises()
    expect(find('run-state').text()).toBe('training')
    expect(page.text()).toContain('Step 1,700 of 3,000')
    expect(page.text()).toContain('1 min 48 s left')
    expect(page.text()).toContain('84.9% train 85.8%')
    await find('cancel-run').trigger('click')
    expect(bridge.calls.at(-1)).toEqual({ to: 'engine', method: 'job.cancel', params: { job: 'train-1' } })
  })

  it('is judged in words beside its controls', async () => {
    const { find } = await mountPage(TrainPage, scene(withRuns(doneRun)))
    const sentence = find('run-verdict').text()
    expect(sentence).toContain('Good.')
    expect(sentence).toContain('gap 0.9 points')
    expect(sentence).toContain('19 points above PCA with 8 axes and 55 points above the untrained copy')
  })

  it('is told plainly when it is no better than PCA', async () => {
    const { find } = await mountPage(TrainPage, scene(withRuns(noGainRun)))
    expect(find('run-verdict').text()).toContain('No gain.')
    expect(find('run-verdict').text()).toContain('2 points below PCA with 8 axes')
  })

  it('that was interrupted says so in words', async () => {
    const { find } = await mountPage(TrainPage, scene(withRuns({ ...trainingRun, state: 'interrupted' })))
    expect(find('run-state').text()).toBe('interrupted')
    expect(find('run-verdict').text()).toContain('The project is safe. Start the run again.')
  })

  it('that failed shows message and remedy', async () => {
    let open = withRuns(trainingRun)
    const { find, bridge } = await mountPage(TrainPage, {
      ...scene(open),
      engine: { ...engineAnswers(), 'project.summary': () => open, 'run.start': { job: 'train-9', run: 3 } },
    })
    await find('start-training').trigger('click')
    await flushPromises()
    const error = appError('TRAINER_GONE', { why: 'signal 9' })
    open = withRuns({ ...trainingRun, state: 'failed', error: error.message })
    bridge.emit('job.failed', { job: 'train-9', kind: 'train', error })
    bridge.emit('project.changed', {})
    await flushPromises()
    expect(find('run-state').text()).toBe('failed')
    expect(find('error-panel').text()).toContain('Your project is safe. Start the run again')
  })

  it('is linked to genes and processes, then leads to its features', async () => {
    let open = withRuns({ ...doneRun, linkedAspects: [] })
    const { find, bridge } = await mountPage(TrainPage, {
      ...scene(open),
      engine: { ...engineAnswers(), 'project.summary': () => open },
    })
    expect(find('link-run').text()).toBe('Link to genes and terms')
    await find('link-run').trigger('click')
    await flushPromises()
    expect(bridge.calls.find((call) => call.method === 'link.start')?.params).toMatchObject({
      run: 1,
      aspect: 'BP',
      background: 'detected',
      evidence: 'all',
    })
    open = withRuns(doneRun)
    bridge.emit('job.done', { job: 'link-1', kind: 'link', result: {} })
    await flushPromises()
    expect(find('link-run').text()).toBe('Link again')
    await find('open-features').trigger('click')
    expect(place.value.page).toBe('features')
  })

  it('cannot be linked without expression, and the reason is said', async () => {
    const bare: ProjectSummary = { ...summary, data: summary.data && { ...summary.data, expression: null }, runs: [doneRun] }
    const { page, find } = await mountPage(TrainPage, scene(bare))
    expect(find('link-run').attributes('disabled')).toBeDefined()
    expect(page.text()).toContain('no gene expression')
  })
})

describe('the table of runs', () => {
  it('sorts by a column and shows the chosen run above', async () => {
    const { page, find } = await mountPage(TrainPage, scene(summary))
    const ids = () => page.findAll('[data-testid="run-row"]').map((row) => row.get('button').text())
    expect(ids()).toEqual(['2', '1'])
    const heldOut = page.findAll('th button').find((head) => head.text() === 'Explained, held-out')
    await heldOut?.trigger('click')
    expect(ids()).toEqual(['1', '2'])
    await page.findAll('[data-testid="run-row"]')[1]?.trigger('click')
    await flushPromises()
    expect(find('run-verdict').text()).toContain('No gain.')
  })
})
