// @vitest-environment happy-dom
// The Train page: advice with reasons, a run from start to verdict, links to genes and terms.
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { appError, type ProjectSummary, type Run, type TrainRequest } from '@contract'
import { place } from '../../src/renderer/bridge/navigation'
import TrainPage from '../../src/renderer/features/train/TrainPage.vue'
import { adviceFor, doneRun, engineAnswers, noGainRun, settings, shellAnswers, summary } from './example-project'
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

  it('writes a long share so that it fits its field, and sends nothing when the field is only passed through', async () => {
    const advised = (request: TrainRequest) => adviceFor({ heldOut: 311 / 1556, ...request })
    const engine = { ...engineAnswers(fresh), 'run.advice': advised }
    const { page, find, bridge } = await mountPage(TrainPage, { ...scene(fresh), engine })
    await find('expert').trigger('click')
    const field = page.findAll<HTMLInputElement>('.xp input').find(({ element }) => element.value.startsWith('0.1998'))
    expect(field?.element.value).toBe('0.199871')
    const asked = bridge.calls.length
    await field?.trigger('change')
    await flushPromises()
    expect(find('advice').text()).not.toContain('Changed from recommended')
    expect(bridge.calls.slice(asked).filter(({ params }) => JSON.stringify(params).includes('heldOut'))).toEqual([])
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

  it('puts a second run into the queue while one is training', async () => {
    const { find, bridge } = await mountPage(TrainPage, scene(withRuns(trainingRun)))
    bridge.emit('job.progress', { job: 'train-1', kind: 'train', step: 1, of: 10, secondsLeft: null, phase: 'training' })
    await flushPromises()
    expect(find('start-training').text()).toBe('Add run to queue')
    expect(find('start-training').attributes('disabled')).toBeUndefined()
  })

  it('measures time and memory on request, and forgets them when a setting changes', async () => {
    const measured = {
      seconds: 250,
      memoryBytes: 6e8,
      diskBytes: 4e7,
      projectBytes: 3e7,
      firingsPerLatent: 70,
      advice: ['70 cells per feature; 80 are needed.'],
      settings,
    }
    const engine = { ...engineAnswers(fresh), 'run.estimate': measured }
    const { page, find } = await mountPage(TrainPage, { ...scene(fresh), engine })
    await find('measure').trigger('click')
    await flushPromises()
    expect(find('estimate').text()).toBe('4 min 10 s, 600 MB of memory, 40 MB of disk')
    expect(find('advice').text()).toContain('70 cells per feature; 80 are needed.')
    await page.get('input[value="quick"]').setValue(true)
    await flushPromises()
    expect(page.find('[data-testid="estimate"]').exists()).toBe(false)
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
      point: {
        ...{ step: 1700, loss: 0.2, explainedTrain: 0.858, explainedHeldOut: 0.849, l0: 8.01, dead: 2 },
        ...{ density: [2, 0, 0, 0, 0, 0, 0, 0, 0, 30, 0, 0, 0, 0, 0, 0, 5], dense: 4, controls: doneRun.controls ?? undefined },
      },
    })
    await flushPromises()
    expect(page.find('[label*="2 never on"]').attributes('label')).toMatch(/4 on in over half\.$/)
    expect(find('run-verdict').text()).toContain('Good so far.84.9% of')
    expect(page.text()).toContain('67.3% · 31.0%')
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
    expect(sentence).toContain('Explains 86 % of the differences between held-out cells, 18.9 points more than PCA.')
    expect(sentence).toContain('Train a second seed to see what is reproducible.')
  })

  it('is told plainly when it is no better than PCA', async () => {
    const { find } = await mountPage(TrainPage, scene(withRuns(noGainRun)))
    expect(find('run-verdict').text()).toContain('No gain.')
    expect(find('run-verdict').text()).toContain('2 points below PCA with 8 axes')
  })

  it('that was interrupted says so in words, and goes on where it stood', async () => {
    const interrupted: Run = { ...trainingRun, state: 'interrupted', resumeStep: 1200 }
    const engine = { ...engineAnswers(withRuns(interrupted)), 'run.resume': { job: 'train-2', run: 3 } }
    const { find, bridge } = await mountPage(TrainPage, { ...scene(withRuns(interrupted)), engine })
    expect(find('run-state').text()).toBe('interrupted')
    expect(find('run-verdict').text()).toContain('The project is safe, and the run can go on.')
    expect(find('resume-run').text()).toBe('Continue from step 1,200')
    await find('resume-run').trigger('click')
    await flushPromises()
    expect(bridge.calls.find((call) => call.method === 'run.resume')?.params).toEqual({ run: 3 })
  })

  it('is paused, or stopped and kept, while it trains; a finished one says where it was stopped', async () => {
    const open = withRuns(trainingRun)
    const engine = { ...engineAnswers(open), 'run.pause': {}, 'run.stop': { job: 'train-1', run: 3 } }
    const { find, bridge } = await mountPage(TrainPage, { ...scene(open), engine })
    bridge.emit('job.progress', { job: 'train-1', kind: 'train', step: 1, of: 10, secondsLeft: null, phase: 'training' })
    await flushPromises()
    await find('pause-run').trigger('click')
    await find('stop-run').trigger('click')
    await flushPromises()
    expect(
      bridge.calls.filter(({ method }) => method === 'run.pause' || method === 'run.stop').map(({ params }) => params),
    ).toEqual([{ run: 3 }, { run: 3 }])
    const stopped = await mountPage(TrainPage, scene(withRuns({ ...doneRun, stoppedAt: 900 })))
    expect(stopped.page.text()).toContain('stopped at step 900 of 3,000')
  })

  it('that is unfinished is discarded only after a second word', async () => {
    const paused: Run = { ...trainingRun, state: 'paused', resumeStep: 1200 }
    const open = withRuns(paused)
    const { page, find, bridge } = await mountPage(TrainPage, {
      ...scene(open),
      engine: { ...engineAnswers(open), 'run.discard': {} },
    })
    expect(page.text()).toContain('Step 1,200 of 3,000')
    expect(find('run-row').text()).toContain('paused at 40%')
    await find('discard-run').trigger('click')
    await flushPromises()
    expect(bridge.calls.some(({ method }) => method === 'run.discard')).toBe(false)
    expect(document.body.textContent).toContain('What it learned in 1,200 steps is removed')
    document.querySelector<HTMLElement>('[data-testid="discard-confirm"]')?.click()
    await flushPromises()
    expect(bridge.calls.find(({ method }) => method === 'run.discard')?.params).toEqual({ run: 3 })
  })

  it('warns when the present state could not be kept', async () => {
    const { find, bridge } = await mountPage(TrainPage, scene(withRuns(trainingRun)))
    const problem = { message: 'The disk is full.', remedy: 'Free some space.' }
    bridge.emit('run.checkpoint', { run: 3, step: 400, problem })
    await flushPromises()
    expect(find('run-verdict').text()).toContain('The disk is full. Free some space.')
    bridge.emit('run.checkpoint', { run: 3, step: 800, problem: null })
    await flushPromises()
    expect(find('run-verdict').text()).not.toContain('The disk is full.')
  })

  it('stands beside another one with what differs first', async () => {
    const { page, find } = await mountPage(TrainPage, scene(summary))
    for (const tick of page.findAll('input[type="checkbox"]')) await tick.setValue(true)
    await find('compare-runs').trigger('click')
    await flushPromises()
    const lines = [...document.querySelectorAll('[data-testid="compare-table"] tr')].map((row) => row.textContent ?? '')
    expect(lines[1]).toBe('TypeBatch top-kTop-k')
    expect(lines.find((line) => line.startsWith('Explained, held-out'))).toMatch(/65\.0%.*86\.2%|86\.2%.*65\.0%/)
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
  it('has every number under its own heading, as it is copied', async () => {
    const { page, find, bridge } = await mountPage(TrainPage, scene(withRuns(doneRun)))
    const heads = page.findAll('thead th').map((head) => head.text())
    const cells = page.findAll('[data-testid="run-row"] td').map((cell) => cell.text())
    const under = (head: string) => cells[heads.indexOf(head)]
    const { metrics } = doneRun
    expect(under('Dead')).toBe(`${((100 * (metrics?.dead ?? 0)) / doneRun.settings.latents).toFixed(1)}%`)
    expect(under('Training')).toBe(`${(100 * (metrics?.explainedVariance.train ?? 0)).toFixed(1)}%`)
    expect(under('Stability')).toBe('—')
    await find('copy-table').trigger('click')
    const copied = bridge.calls.find(({ method }) => method === 'clipboard.write')?.params as { text: string }
    const [head, line] = copied.text.split('\n').map((row) => row.split('\t'))
    expect(head).toEqual(heads)
    expect(line?.[heads.indexOf('Training')]).toBe(String(metrics?.explainedVariance.train))
  })

  it('shows what a running run reached so far', async () => {
    const open = withRuns(trainingRun)
    const engine = { ...engineAnswers(open), 'run.history': [] }
    const { find, bridge } = await mountPage(TrainPage, { ...scene(open), engine })
    const point = { step: 1700, loss: 0.2, explainedTrain: 0.858, explainedHeldOut: 0.849, l0: 8.01, dead: 2 }
    bridge.emit('run.point', { run: 3, point })
    await flushPromises()
    expect(find('run-row').text()).toContain('84.9%')
  })

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
