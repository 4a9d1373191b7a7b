// @vitest-environment happy-dom
// The import review: nothing silent, nothing stored before the user confirms, a stop has to be answered first.
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { appError, type Granted, type Problem } from '@contract'
import DataPage from '../../src/renderer/features/data/DataPage.vue'
import { dataGrant, emptyProject, engineAnswers, inspection, projectGrant, shellAnswers, summary, token } from './example-project'
import { mountPage, type Scene } from './mount-page'

const missing: Problem = { level: 'stop', ...appError('MISSING_NUMBERS', { count: 37, part: 'X_scVI', examples: 'AAAC-1' }) }
const answers = (problems: readonly Problem[]) => ({
  ...engineAnswers(),
  'source.inspect': { ...inspection, problems: [...problems] },
})
const review = (problems: readonly Problem[] = []): Scene => ({
  engine: answers(problems),
  shell: shellAnswers,
  review: dataGrant,
})
afterEach(() => (document.body.innerHTML = ''))

describe('the import review', () => {
  it('takes the suggested parts and says why, with unusable ones disabled', async () => {
    const { page, find } = await mountPage(DataPage, review())
    const radios = page.findAll<HTMLInputElement>('input[type="radio"]')
    expect(radios.map((radio) => [radio.element.value, radio.element.checked, radio.element.disabled])).toEqual([
      ['X_scVI', true, false],
      ['X_pca', false, false],
      ['X_umap', false, true],
    ])
    expect(page.text()).toContain('used for drawing only')
    expect(find('expression-verdict').text()).toBe('raw counts')
    expect(find('import-confirm').text()).toBe('Import 24,318 cells')
  })

  it('does not import while a stop is open, and names the number of problems', async () => {
    const { find, bridge } = await mountPage(DataPage, review([missing]))
    const button = find('import-confirm')
    expect(button.text()).toBe('Fix 1 problem first')
    expect(button.attributes('aria-disabled')).toBe('true')
    await button.trigger('click')
    await flushPromises()
    expect(bridge.calls.map((call) => call.method)).toEqual(['source.inspect'])
    expect(document.activeElement?.getAttribute('data-testid')).toBe('answer-MISSING_NUMBERS')
  })

  it('computes a representation only when it is chosen, and then needs nothing else', async () => {
    const reason = 'computed here: PCA of the log values, 50 axes on the 2,000 most variable genes'
    const computed = { key: 'pca', rows: 24_318, dims: 50, usable: true, suggested: false, reason }
    const lacking: Problem = { level: 'stop', ...appError('NO_REPRESENTATION') }
    const found = { ...inspection, representations: [computed], problems: [lacking] }
    const engine = { ...engineAnswers(), 'source.inspect': found, 'project.summary': () => emptyProject }
    const { page, find, bridge } = await mountPage(DataPage, { ...review(), engine })
    const radio = page.get<HTMLInputElement>('input[type="radio"]')
    expect(radio.element.checked).toBe(false)
    expect(page.text()).toContain(reason)
    expect(find('import-confirm').text()).toBe('Fix 1 problem first')
    await radio.setValue(true)
    expect(find('import-confirm').text()).toBe('Import 24,318 cells')
    await find('import-confirm').trigger('click')
    await flushPromises()
    const start = bridge.calls.find((call) => call.method === 'import.start')
    expect(start?.params).toMatchObject({ choice: { representation: 'pca' } })
  })

  it('joins a file of cell columns at once, and keeps what was found when it does not match', async () => {
    const meta = { token: token('c'), name: 'cells.csv', kind: 'data' } as const
    let joins = true
    const tissue = { name: 'tissue', kind: 'category', levels: 2, examples: ['blood', 'spleen'], role: null } as const
    const named = { ...inspection, metadata: [...inspection.metadata, { ...tissue, examples: [...tissue.examples] }] }
    const engine = {
      ...engineAnswers(),
      'source.inspect': ({ beside }: { beside?: unknown }) => {
        if (!beside) return inspection
        return joins
          ? named
          : { ok: false as const, error: appError('JOIN_NO_MATCH', { file: meta.name, here: 'a', there: 'b' }) }
      },
    }
    const { page, find, bridge } = await mountPage(DataPage, {
      ...review(),
      engine,
      shell: { ...shellAnswers, 'files.chooseData': meta },
    })
    await find('beside-metadata').trigger('click')
    await flushPromises()
    expect(bridge.calls.at(-1)?.params).toMatchObject({ beside: { metadata: meta.token, ids: null, byPosition: false } })
    expect(page.text()).toContain('tissue')
    joins = false
    await find('by-position').setValue(true)
    await flushPromises()
    expect(page.text()).toContain('None of the cell names match')
    expect(page.text()).toContain('tissue')
    expect(find('import-confirm').text()).toBe('Fix 1 problem first')
    joins = true
    await find('by-position').setValue(false)
    await flushPromises()
    await find('import-confirm').trigger('click')
    await flushPromises()
    const start = bridge.calls.find((call) => call.method === 'import.start')
    expect(start?.params).toMatchObject({ beside: { metadata: meta.token, byPosition: false } })
  })

  it('imports with the answer once the stop is answered, then shows the stored facts', async () => {
    let open = emptyProject
    const engine = { ...answers([missing]), 'project.summary': () => open }
    const { page, find, bridge } = await mountPage(DataPage, { ...review(), engine })
    await find('answer-MISSING_NUMBERS').setValue(true)
    await find('import-confirm').trigger('click')
    await flushPromises()
    const start = bridge.calls.find((call) => call.method === 'import.start')
    expect(start?.params).toEqual({
      file: dataGrant.token,
      choice: {
        representation: 'X_scVI',
        expression: 'layers/counts',
        roles: { cell_type: 'cell-type', donor_id: 'donor', site: 'batch' },
        dropMissing: true,
        renameDuplicates: false,
      },
    })
    expect(bridge.calls.find((call) => call.method === 'project.create')?.params).toEqual({
      file: projectGrant.token,
      name: 'bone_marrow_donors',
    })
    open = summary
    bridge.emit('job.done', { job: 'import-1', kind: 'import', result: {} })
    await flushPromises()
    expect(page.text()).toContain('700 cells × 765 genes')
    expect(document.documentElement.dataset['ready']).toBe('data')
  })

  it('drops the stop of the suggested representation when another one is chosen', async () => {
    const { page, find } = await mountPage(DataPage, review([missing]))
    await page.get('input[value="X_pca"]').setValue(true)
    expect(find('import-confirm').text()).toBe('Import 24,318 cells')
  })

  it('turns a refusal of the import into a problem that can be answered', async () => {
    const { page, find, bridge } = await mountPage(DataPage, review())
    await page.get('input[value="X_pca"]').setValue(true)
    await find('import-confirm').trigger('click')
    await flushPromises()
    bridge.emit('job.failed', {
      job: 'import-1',
      kind: 'import',
      error: appError('MISSING_NUMBERS', { count: 2, part: 'X_pca', examples: 'a, b' }),
    })
    await flushPromises()
    expect(find('import-confirm').text()).toBe('Fix 1 problem first')
    expect(page.text()).toContain('2 cells contain missing numbers in X_pca')
  })

  it('shows progress and can be cancelled while importing', async () => {
    const { page, find, bridge } = await mountPage(DataPage, review())
    await find('import-confirm').trigger('click')
    await flushPromises()
    bridge.emit('job.progress', {
      job: 'import-1',
      kind: 'import',
      step: 3,
      of: 4,
      secondsLeft: 2,
      phase: 'Reading the expression',
    })
    await flushPromises()
    expect(page.text()).toContain('Reading the expression')
    expect(page.get('[role="progressbar"]').attributes('aria-valuenow')).toBe('75')
    await page
      .findAll('button')
      .find((button) => button.text() === 'Cancel')
      ?.trigger('click')
    expect(bridge.calls.at(-1)).toEqual({ to: 'engine', method: 'job.cancel', params: { job: 'import-1' } })
  })

  it('stores nothing when the user gives no place for the project', async () => {
    const { find, bridge } = await mountPage(DataPage, { ...review(), shell: { ...shellAnswers, 'files.newProject': null } })
    await find('import-confirm').trigger('click')
    await flushPromises()
    expect(bridge.calls.map((call) => call.method)).toEqual(['source.inspect', 'files.newProject'])
    expect(find('import-confirm').text()).toBe('Import 24,318 cells')
  })

  it('says what is wrong with a file that cannot be read, and what to do', async () => {
    const error = appError('FILE_TRUNCATED', { file: 'liver.h5ad', expected: 3100, found: 1200 })
    const { find } = await mountPage(DataPage, { ...review(), engine: { 'source.inspect': () => ({ ok: false, error }) } })
    expect(find('error-panel').text()).toContain('The file liver.h5ad ends early')
    expect(find('error-panel').text()).toContain('Download or copy it again.')
    expect(find('error-panel').text()).toContain('FILE_TRUNCATED')
  })

  it('shows how gene names were understood, with the evidence for the species', async () => {
    const { find } = await mountPage(DataPage, review())
    expect(find('species-evidence').text()).toBe(
      '92% of the names are human genes as spelled, 1% of the names are mouse genes as spelled',
    )
    expect(find('gene-table').text()).toBe('GENCODE 48, part of the program')
    expect(find('known-genes').text()).toBe('enough')
    const card = find('gene-names').text()
    expect(card).toContain('16,821 of 18,204')
    expect(card).toContain('SEPT2 → SEPTIN2')
    expect(card).toContain('shared by several genes12')
    expect(card).toContain('1,290 of the 1,383 unknown names look like a clone')
    expect(card).not.toContain('Bare numbers')
  })

  it('looks again with another species, and imports with it', async () => {
    const { find, bridge } = await mountPage(DataPage, review())
    await find('species').setValue('mouse')
    await flushPromises()
    expect(bridge.calls.at(-1)?.params).toMatchObject({ choice: { genes: { species: 'mouse' } } })
    await find('import-confirm').trigger('click')
    await flushPromises()
    const start = bridge.calls.find((call) => call.method === 'import.start')
    expect(start?.params).toMatchObject({ choice: { genes: { species: 'mouse' } } })
  })

  it('takes the gene table of the user and goes back to the bundled one', async () => {
    const table: Granted = { token: token('e'), name: 'zebrafish.csv', kind: 'data' }
    const { page, find, bridge } = await mountPage(DataPage, {
      ...review(),
      shell: { ...shellAnswers, 'files.chooseData': table },
    })
    await find('choose-gene-table').trigger('click')
    await flushPromises()
    expect(bridge.calls.at(-1)).toMatchObject({ method: 'source.inspect', params: { geneTable: table.token } })
    expect(find('gene-table').text()).toBe('zebrafish.csv')
    await find('table-species').setValue('zebrafish')
    await find('table-species').trigger('change')
    await flushPromises()
    expect(bridge.calls.at(-1)?.params).toMatchObject({ geneTable: table.token, choice: { genes: { species: 'zebrafish' } } })
    await page.get('[aria-label="Take the gene table zebrafish.csv away"]').trigger('click')
    await flushPromises()
    expect(bridge.calls.at(-1)?.params).not.toHaveProperty('geneTable')
    expect(find('gene-table').text()).toBe('GENCODE 48, part of the program')
  })

  it('takes positions of genes for peaks along to the import', async () => {
    const bed: Granted = { token: token('f'), name: 'genes.bed', kind: 'data' }
    const { find, bridge } = await mountPage(DataPage, { ...review(), shell: { ...shellAnswers, 'files.chooseData': bed } })
    await find('beside-positions').trigger('click')
    await flushPromises()
    await find('import-confirm').trigger('click')
    await flushPromises()
    const start = bridge.calls.find((call) => call.method === 'import.start')
    expect(start?.params).toMatchObject({ beside: { genePositions: bed.token } })
  })

  it('asks for a folder where expression is a folder', async () => {
    const { find, bridge } = await mountPage(DataPage, review())
    await find('beside-expression-folder').trigger('click')
    await flushPromises()
    expect(bridge.calls.find((call) => call.method === 'files.chooseData')?.params).toEqual({ what: 'folder' })
    expect(bridge.calls.at(-1)?.params).toMatchObject({ beside: { expression: dataGrant.token } })
  })

  it('marks suggested roles, shows colours of the file, and leaves identifiers out', async () => {
    const { page } = await mountPage(DataPage, review())
    expect(page.findAll('[data-testid="role-reason"]')).toHaveLength(3)
    expect(page.find('[aria-label="Colours of the file; they are used in all pictures."]').findAll('i')).toHaveLength(2)
    expect(page.text()).toContain('left out: an identifier')
    await page.get('select[aria-label="Role of site"]').setValue('none')
    expect(page.findAll('[data-testid="role-reason"]')).toHaveLength(2)
  })

  it('never shows options of the command line', async () => {
    const { page } = await mountPage(DataPage, review([missing]))
    expect(page.text()).toContain('Leave these cells out, or choose another representation.')
    expect(page.text()).not.toMatch(/--[a-z]/)
  })

  it('copies a report that names no options of the command line, with everything else as it is', async () => {
    const fromCells = { ...missing, remedy: 'Leave these cells out (--drop-missing), or choose another representation.' }
    const report = `Latiscope: look into x\n\nProblems:\n  stop ${fromCells.code}: ${fromCells.message} ${fromCells.remedy}\n`
    const engine = { ...answers([fromCells]), 'source.inspect': { ...inspection, problems: [fromCells], report } }
    const { page, bridge } = await mountPage(DataPage, { ...review(), engine })
    await page
      .findAll('button')
      .find((button) => button.text() === 'Copy report')
      ?.trigger('click')
    const copied = bridge.calls.find(({ method }) => method === 'clipboard.write')?.params
    expect(copied).toEqual({ text: report.replace(' (--drop-missing)', '') })
  })

  it('gives the lines to type in R, one command a line', async () => {
    const next =
      'In R: obj <- readRDS("x.rds"); f::a(obj, "d.h5ad"), or g::b(as.S(obj), "d.h5ad"). Without extra packages: ' +
      'writeMM(t(counts), "m.mtx"), write.csv(obj@meta, "m.csv") and write.csv(E(obj, "pca"), "e.csv").'
    const error = appError('EXPORT_FIRST', { file: 'x.rds', what: 'an R object', next })
    const { find } = await mountPage(DataPage, { ...review(), engine: { 'source.inspect': () => ({ ok: false, error }) } })
    expect(find('recipe').get('pre').text().split('\n')).toEqual([
      'obj <- readRDS("x.rds")',
      'f::a(obj, "d.h5ad")',
      '# or: g::b(as.S(obj), "d.h5ad")',
      '# without extra packages:',
      'writeMM(t(counts), "m.mtx")',
      'write.csv(obj@meta, "m.csv")',
      'write.csv(E(obj, "pca"), "e.csv")',
    ])
  })

  it('gives each role to one column only', async () => {
    const { page, find, bridge } = await mountPage(DataPage, review())
    await page.get('select[aria-label="Role of site"]').setValue('donor')
    await find('import-confirm').trigger('click')
    await flushPromises()
    const start = bridge.calls.find((call) => call.method === 'import.start')
    expect(start?.params).toMatchObject({ choice: { roles: { cell_type: 'cell-type', site: 'donor', donor_id: null } } })
  })

  it('lets a role that was found be taken away', async () => {
    const { page, find, bridge } = await mountPage(DataPage, review())
    await page.get('select[aria-label="Role of cell_type"]').setValue('none')
    await find('import-confirm').trigger('click')
    await flushPromises()
    const start = bridge.calls.find((call) => call.method === 'import.start')
    expect(start?.params).toMatchObject({ choice: { roles: { cell_type: null, donor_id: 'donor' } } })
  })
})

describe('the Data page', () => {
  it('shows the stored facts of an open project', async () => {
    const { page } = await mountPage(DataPage, { engine: engineAnswers(), shell: shellAnswers, open: summary })
    expect(page.text()).toContain('760 known to the gene ontology')
    expect(page.text()).toContain('log values')
    expect(page.findAll('input')).toHaveLength(0)
  })

  it('finds the gene nearest to a peak and says how far it is', async () => {
    const block = {
      key: 'Peaks',
      type: 'Peaks',
      features: 20,
      verdict: 'counts',
      linked: 20,
      perRow: { total: 812.4, detected: 3.25 },
    }
    const data = summary.data && { ...summary.data, features: [block] }
    const nearestGene = { symbol: 'ISG15', distance: 4801 }
    const read = { feature: 'chr1:6000-6500', detected: 27, nearestGene, values: new Float32Array(1) }
    const engine = { ...engineAnswers(), 'feature.read': read }
    const { find } = await mountPage(DataPage, { engine, shell: shellAnswers, open: { ...summary, data } })
    expect(find('per-row').text()).toBe('per cell on average 812 counts, 3.3 detected')
    await find('feature-name').setValue('chr1:6000-6500')
    await find('feature-name').trigger('submit')
    await flushPromises()
    expect(find('feature-answer').text()).toBe('chr1:6000-6500: nearest gene ISG15, 4,801 base pairs away; seen in 27 cells.')
  })

  it('offers to choose a file when the project is empty', async () => {
    const { page } = await mountPage(DataPage, { engine: engineAnswers(), shell: shellAnswers, open: emptyProject })
    expect(page.text()).toContain('No data yet')
    expect(document.documentElement.dataset['ready']).toBe('data-empty')
  })
})
