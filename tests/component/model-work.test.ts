// @vitest-environment happy-dom
// The Train page beyond one run: repeats with other seeds, searches for settings, more controls, other cells, other models.
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import {
  appError,
  type ApplyReport,
  type ModelImportReport,
  type ProjectSummary,
  type Run,
  type SearchReport,
  type SeedsReport,
} from '@contract'
import ExportDialog from '../../src/renderer/app/ExportDialog.vue'
import { exportOpen } from '../../src/renderer/app/overlays'
import type { FakeEngine, FakeShell } from '../../src/renderer/bridge/fake'
import TrainPage from '../../src/renderer/features/train/TrainPage.vue'
import { dataGrant, doneRun, engineAnswers, noGainRun, settings, shellAnswers, summary, token } from './example-project'
import { mountPage, type MountedPage } from './mount-page'

const seedsReport: SeedsReport = {
  run: 1,
  repeats: [4, 5],
  compared: 31,
  same: 0.7,
  reproducible: 22,
  returning: [
    { seeds: 1, latents: 4 },
    { seeds: 2, latents: 5 },
    { seeds: 3, latents: 22 },
  ],
  agreement: 0.81,
  chance: { mean: 0.32, high: 0.5, same: 0 },
  correlation: 0.77,
  histogram: { trained: [], chance: [] },
  gap: 0,
  judgement: { kind: 'good', level: 'good', message: '22 features come back in 3 of 3 seeds.', remedy: '' },
  consensus: { run: 6, latents: 26, seeds: 2 },
}
const trial = { latents: 64, firingsPerLatent: 70, explainedVariance: { train: 0.7, heldOut: 0.68 }, dead: 1, seconds: 3 }
const searchReport: SearchReport = {
  what: 'k',
  trials: [
    { ...trial, k: 4, agreement: 0.8, chance: 0.3, reproducible: 20 },
    { ...trial, k: 16, agreement: 0.6, chance: 0.3, reproducible: 9 },
  ],
  advised: 4,
  message: 'With 4 on per cell the features agree well between seeds.',
  remedy: 'Train with 4 per cell.',
  settings: { ...settings, k: 4 },
}
const applied: ApplyReport = {
  run: 1,
  file: 'new.h5ad',
  representation: 'X_pca',
  rows: 300,
  verdict: 'out-of-range',
  message: 'These cells lie far from the training cells.',
  remedy: 'Use the same preparation.',
  checks: [
    { name: 'length', training: 5, now: 12, shift: 2, level: 'bad', sentence: 'Cells are 2.4 times as far from the mean.' },
    { name: 'l0', training: 8, now: 8, shift: 0, level: 'good', sentence: 'As many features are on.' },
  ],
  explainedVariance: 0.12,
  l0: 8,
  written: [],
}
const model: ModelImportReport = {
  run: 2,
  format: 'sae-lens',
  architecture: 'jumprelu',
  latents: 32,
  dims: 50,
  metrics: { explainedVariance: { train: 0.6, heldOut: 0.55 }, l0: { train: 8, heldOut: 8 }, dead: 0, dense: 0 },
  parity: { rows: 700, maxRelativeDifference: 2e-7 },
  notes: ['The weights are used as they are stored.'],
}

function train(engine: FakeEngine = {}, shell: FakeShell = {}, runs: Run[] = [doneRun]): Promise<MountedPage> {
  const open: ProjectSummary = { ...summary, runs }
  return mountPage(TrainPage, { engine: { ...engineAnswers(open), ...engine }, shell: { ...shellAnswers, ...shell }, open })
}
const inDialog = (testid: string): HTMLElement =>
  document.querySelector<HTMLElement>(`[data-testid="${testid}"]`) ?? expect.fail(`no ${testid}`)
async function press(testid: string): Promise<void> {
  inDialog(testid).click()
  await flushPromises()
}
const sent = ({ bridge }: MountedPage, method: string): unknown => bridge.calls.find((call) => call.method === method)?.params
afterEach(() => (document.body.innerHTML = ''))

describe('repeats of a run', () => {
  it('are asked for with a number of other seeds, and said to take at most as long as the run each, as small models are trained two at a time', async () => {
    const mounted = await train({ 'seeds.start': { job: 'seeds-1', run: 1 } })
    expect(mounted.find('repeats').text()).toContain('at most about 42 s; small models are trained two at a time')
    await mounted.find('other-seeds').setValue('3')
    await mounted.find('consensus').setValue(true)
    await mounted.find('train-seeds').trigger('click')
    await flushPromises()
    expect(sent(mounted, 'seeds.start')).toEqual({ run: 1, seeds: 4, consensus: true })
    expect(mounted.find('train-seeds').text()).toBe('Training with other seeds…')
    expect(mounted.find('train-seeds').attributes('disabled')).toBeDefined()
  })

  it('say in words how many features come back, beside chance, and stand in the table', async () => {
    const { page, find } = await train({ 'seeds.read': ({ run }) => (run === 1 ? seedsReport : null) })
    const card = find('repeats').text()
    expect(card).toContain('22 features come back in 3 of 3 seeds.')
    expect(card).toContain('By chance, none would count as the same.')
    expect(card).toContain('0.81, by chance 0.32')
    expect(card).toContain('In some seeds5')
    expect(card).toContain('Run 6 holds the 26 features most seeds share.')
    expect(page.get('[data-testid="run-row"]').text()).toContain('0.81')
  })

  it('are read again when their job is done', async () => {
    let known: SeedsReport | null = null
    const { find, bridge } = await train({ 'seeds.read': () => known })
    expect(find('repeats').text()).not.toContain('come back in')
    known = seedsReport
    bridge.emit('job.done', { job: 'seeds-1', kind: 'seeds', result: seedsReport })
    await flushPromises()
    expect(find('repeats').text()).toContain('22 features come back in 3 of 3 seeds.')
  })

  it('are not offered for a model that was not trained here', async () => {
    const imported: Run = { ...doneRun, source: { kind: 'imported', of: null, note: 'sae-lens: sae' } }
    const { page, find } = await train({}, {}, [imported])
    expect(find('repeats').text()).toContain('was not trained here')
    expect(page.find('[data-testid="train-seeds"]').exists()).toBe(false)
    expect(find('run-row').text()).toContain('brought in')
  })

  it('follow a thorough run by themselves', async () => {
    const mounted = await train({ 'seeds.start': { job: 'seeds-1', run: 3 } })
    await mounted.page.get('input[value="thorough"]').setValue(true)
    await mounted.find('start-training').trigger('click')
    await flushPromises()
    expect(sent(mounted, 'run.start')).toEqual({})
    expect(sent(mounted, 'seeds.start')).toEqual({ run: 3, seeds: 3, consensus: false })
  })
})

describe('a search for settings', () => {
  it('shows what was tried with advice in words, which one button takes over', async () => {
    const mounted = await train({ 'search.start': { job: 'search-1', run: null } })
    await mounted.find('find-k').trigger('click')
    await flushPromises()
    await press('start-search')
    expect(sent(mounted, 'search.start')).toEqual({ what: 'k', settings: {} })
    mounted.bridge.emit('job.done', { job: 'search-1', kind: 'search', result: searchReport })
    await flushPromises()
    const lines = [...inDialog('search-table').querySelectorAll('tbody tr')].map((row) => row.textContent)
    expect(lines[0]).toMatch(/advised 4.*68\.0%.*0\.80 \(chance 0\.30\).*20/)
    expect(lines[1]).not.toContain('advised')
    expect(inDialog('search-advice').textContent).toContain('Train with 4 per cell.')
    await press('use-search')
    expect(mounted.bridge.calls.at(-1)).toEqual({ to: 'engine', method: 'run.advice', params: { k: 4 } })
  })

  it('for the size shows the latest one of the project at once', async () => {
    const size: SearchReport = { ...searchReport, what: 'size', advised: 64 }
    const mounted = await train({ 'search.read': ({ what }) => (what === 'size' ? size : null) })
    await mounted.find('find-size').trigger('click')
    await flushPromises()
    expect(inDialog('search-table').textContent).toContain('Cells per feature')
    expect(document.body.textContent).toContain('From the latest search in this project.')
    expect(inDialog('use-search').textContent).toContain('Use 64 features')
  })
})

describe('a finished run', () => {
  it('is compared with ICA and NMF on request', async () => {
    const mounted = await train({ 'controls.start': { job: 'controls-1', run: 1 } })
    await mounted.find('add-controls').trigger('click')
    await flushPromises()
    expect(sent(mounted, 'controls.start')).toEqual({ run: 1, wanted: ['ica', 'nmf'] })
    expect(mounted.find('add-controls').text()).toBe('Computing ICA and NMF…')
  })

  it('that has them shows what they explain', async () => {
    const pair = { train: 0.7, heldOut: 0.69 }
    const controls = doneRun.controls && {
      ...doneRun.controls,
      ica: { components: 50, converged: true, explainedVariance: pair },
      nmf: { parts: 8, cells: 560, explainedVariance: { train: 0.5, heldOut: 0.49 } },
    }
    const { page, find } = await train({}, {}, [{ ...doneRun, controls }])
    expect(find('run-details').text()).toContain('69.0% held-out, 70.0% training')
    expect(find('run-details').text()).toContain('49.0% held-out')
    expect(page.find('[data-testid="add-controls"]').exists()).toBe(false)
  })

  it('is applied to other cells, and the answer says whether they are like those of the training', async () => {
    const out = { token: token('e'), name: 'new.csv', kind: 'data' as const }
    const mounted = await train({ 'apply.start': { job: 'apply-1', run: 1 } }, { 'files.chooseExport': out })
    await mounted.find('apply-write').setValue(true)
    await mounted.find('apply-model').trigger('click')
    await flushPromises()
    expect(sent(mounted, 'apply.start')).toEqual({ run: 1, file: dataGrant.token, representation: null, out: out.token })
    mounted.bridge.emit('job.done', { job: 'apply-1', kind: 'apply', result: applied })
    await flushPromises()
    const card = mounted.find('new-cells').text()
    expect(card).toContain('Unlike the training cells.These cells lie far from the training cells. Use the same preparation.')
    expect(card).toContain('Cells are 2.4 times as far from the mean.')
    expect(card).not.toContain('As many features are on.')
    expect(card).toContain('12.0% of the differences between these cells explained')
  })

  it('is not applied when no file is chosen', async () => {
    const mounted = await train({}, { 'files.chooseData': null })
    await mounted.find('apply-model').trigger('click')
    await flushPromises()
    expect(sent(mounted, 'apply.start')).toBeUndefined()
  })
})

describe('a model of another tool', () => {
  const folder = { token: token('f'), name: 'sae', kind: 'data' as const }

  it('is chosen as a folder, brought in as a run and reported with its check', async () => {
    const mounted = await train(
      { 'model.import': { job: 'model-1', run: null } },
      { 'files.chooseModel': ({ what }) => (what === 'folder' ? folder : null) },
      [doneRun, noGainRun],
    )
    await mounted.find('import-model').trigger('click')
    await flushPromises()
    await press('model-folder')
    expect(sent(mounted, 'model.import')).toEqual({ file: folder.token, format: null })
    mounted.bridge.emit('job.done', { job: 'model-1', kind: 'model', result: model })
    await flushPromises()
    expect(document.body.textContent).toContain('Run 2: 32 features from SAELens.')
    expect(inDialog('model-report').textContent).toContain('It explains 55.0% of the differences between the cells here.')
    expect(inDialog('model-report').textContent).toContain('largest difference 2e-7')
    expect(document.body.textContent).toContain('The weights are used as they are stored.')
    expect(mounted.page.get('h2').text()).toContain('Run 2')
  })

  it('that does not fit is refused in words', async () => {
    const error = appError('MODEL_UNFIT', { file: 'sae', why: 'it takes rows of 64 numbers, the cells here have 50' })
    const mounted = await train({ 'model.import': () => ({ ok: false, error }) }, { 'files.chooseModel': folder })
    await mounted.find('import-model').trigger('click')
    await flushPromises()
    await press('model-file')
    expect(mounted.project.errors.map(({ message }) => message)).toEqual([error.message])
  })
})

describe('the export', () => {
  it('writes the model as a new folder for another tool', async () => {
    const file = { token: token('e'), name: 'sae', kind: 'data' as const }
    const mounted = await mountPage(ExportDialog, {
      engine: { ...engineAnswers(), 'export.table': { written: [{ path: '/home/a/sae/cfg.json', bytes: 10 }] } },
      shell: { ...shellAnswers, 'files.chooseExport': file },
      open: summary,
    })
    exportOpen.value = true
    await flushPromises()
    await press('export-model')
    document.querySelector<HTMLInputElement>('input[value="dictionary-learning"]')?.click()
    await flushPromises()
    expect(inDialog('export-write').textContent).toBe('Name a new folder…')
    await press('export-write')
    expect(sent(mounted, 'export.table')).toEqual({ run: 1, what: 'dictionary-learning', file: file.token })
    expect(document.body.textContent).toContain('/home/a/sae/cfg.json')
    exportOpen.value = false
  })
})
