// @vitest-environment happy-dom
// Linking from the window: what can be chosen and asked for, the stored results, the library of ontologies.
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { limits, type InstalledOntology, type LinkingSummary } from '@contract'
import { useOntologyLibrary } from '../../src/renderer/bridge/ontology-library'
import OntologyLibrary from '../../src/renderer/app/OntologyLibrary.vue'
import { exploreEngine, linkedTo, openFeatures } from './explore-scene'
import { mountPage, type MountedPage } from './mount-page'

const builtIn: InstalledOntology = {
  id: 'go',
  name: 'Gene Ontology, human (built in)',
  kind: 'go',
  bundled: true,
  species: 'human',
  release: '2022-07-01',
  annotations: '2022-07-01',
  checksum: 'a'.repeat(64),
  licence: 'CC BY 4.0',
  attribution: 'Gene Ontology Consortium',
  installedAt: null,
  files: [],
  terms: 43_558,
  genes: 20_692,
  aspects: ['BP', 'MF', 'CC'],
  hasEvidence: true,
  outdated: true,
}
const sets: InstalledOntology = {
  ...builtIn,
  id: 'reactome',
  name: 'Reactome',
  kind: 'sets',
  bundled: false,
  aspects: ['BP'],
  hasEvidence: false,
  outdated: false,
}
const mouse: InstalledOntology = { ...builtIn, id: 'mgi', name: 'MGI', bundled: false, species: 'mouse' }
const result = (id: number, change: Partial<LinkingSummary> = {}): LinkingSummary => ({
  id,
  name: 'Gene Ontology, human (built in)',
  createdAt: '2026-11-20T10:00:00.000Z',
  shown: false,
  outdated: false,
  evidence: 'all',
  null: 'donor',
  ontologyRelease: '2022-07-01',
  annotationRelease: '2022-07-01',
  appVersion: '1.0.0',
  report: {
    run: 1,
    aspect: 'BP',
    preset: 'latiscope',
    method: 'ora',
    tested: { latents: 32, terms: 1_024 },
    background: { kind: 'detected', genes: 752 },
    significant: { latents: 24, pairs: 300 },
    shuffled: { copies: 20, withTerm: 1, within: 'donor' },
    withTerm: 25,
    published: null,
    backgrounds: [],
    chance: [],
    sentence: '25 of 32 have a term; of the copies 1 of 20.',
    warnings: [],
  },
  ...change,
})

let opened: MountedPage | null = null
afterEach(() => {
  opened?.page.unmount()
  opened = null
  document.body.innerHTML = ''
  vi.restoreAllMocks()
})
const inBody = (testid: string): HTMLElement[] => [...document.body.querySelectorAll<HTMLElement>(`[data-testid="${testid}"]`)]
async function click(testid: string, at = 0): Promise<void> {
  inBody(testid)[at]?.click()
  await flushPromises()
}
async function pick(testid: string, value: string): Promise<void> {
  const [select] = inBody(testid)
  if (!(select instanceof HTMLSelectElement)) throw new Error(`${testid} is no list`)
  select.value = value
  select.dispatchEvent(new Event('change'))
  await flushPromises()
}
async function type(testid: string, value: string): Promise<void> {
  const input = inBody(testid)[0]?.querySelector('input')
  if (!input) throw new Error(`${testid} has no field`)
  input.value = value
  input.dispatchEvent(new Event('input'))
  input.dispatchEvent(new Event('change'))
  await flushPromises()
}
const asked = (method: string): unknown => opened?.bridge.calls.findLast((call) => call.method === method)?.params

async function openDialog(stored: LinkingSummary[] = [], species = 'human'): Promise<void> {
  opened = await openFeatures({
    open: linkedTo(['BP'], { species }),
    engine: exploreEngine(['BP'], {
      'ontology.list': [builtIn, sets, mouse],
      'link.list': stored,
      'link.show': {},
      'link.start': { job: 'link-9', run: 1 },
    }),
    shell: { 'files.chooseText': ({ what }) => ({ token: 'b'.repeat(32), name: `${what}.txt`, kind: 'data' }) },
  })
  await opened.find('link-open').trigger('click')
  await flushPromises()
}

describe('the linking dialog', () => {
  it('offers every relation only for ontologies that hold more than is_a and part_of', async () => {
    await openDialog()
    const values = (): string[] =>
      [...(inBody('link-relations')[0]?.querySelectorAll('option') ?? [])].map((option) => option.value)
    expect(values()).not.toContain('all')
    await pick('link-ontology', 'mgi')
    await pick('link-relations', 'all')
    await pick('link-ontology', '')
    await click('link-with')
    expect(asked('link.start')).not.toHaveProperty('relations')
  })

  it('shows how another background would change each stored result', async () => {
    const { report } = result(1)
    const effect = { genes: 752, terms: 1_024, significant: { latents: 36, pairs: 683 }, gained: 0, lost: 0 }
    const other = { genes: 702, terms: 1_024, significant: { latents: 37, pairs: 632 }, gained: 14, lost: 65 }
    const backgrounds = [
      { kind: 'detected' as const, ...effect },
      { kind: 'annotated' as const, ...other },
    ]
    await openDialog([result(1, { report: { ...report, backgrounds } })])
    await click('link-tab-stored')
    const shown = inBody('stored-backgrounds')[0]?.textContent ?? ''
    for (const number of ['702', '632', '14', '65']) expect(shown).toContain(number)
  })

  it('says what each choice means, and changes the meaning with the choice', async () => {
    await openDialog()
    expect(inBody('meaning-background')[0]?.textContent).toContain('could have been found')
    await pick('link-background', 'annotated')
    expect(inBody('meaning-background')[0]?.textContent).toContain('without any term')
  })

  it('asks the engine for exactly what was chosen', async () => {
    await openDialog()
    await pick('link-ontology', 'reactome')
    await pick('link-relations', 'is_a')
    await pick('link-null', 'type')
    await type('link-shuffles', '40')
    await click('link-with')
    expect(asked('link.start')).toMatchObject({
      aspect: 'BP',
      ontology: 'reactome',
      relations: 'is_a',
      null: 'type',
      shuffles: 40,
      background: 'detected',
    })
    expect(asked('link.start')).not.toHaveProperty('orthologs')
  })

  it('asks for other sizes of lists and terms only when they were chosen and mean something', async () => {
    await openDialog()
    await click('link-with')
    expect(asked('link.start')).not.toHaveProperty('studySize')
    expect(asked('link.start')).not.toHaveProperty('termSize')
    opened?.page.unmount()
    document.body.innerHTML = ''
    await openDialog()
    await pick('link-studySize', '200')
    await pick('link-termSize', '5-200')
    await click('link-with')
    expect(asked('link.start')).toMatchObject({ studySize: 200, termSize: { least: 5, most: 200 } })
    opened?.page.unmount()
    document.body.innerHTML = ''
    await openDialog()
    await pick('link-studySize', '200')
    await pick('link-preset', 'goatools')
    expect(inBody('link-studySize')[0]).toHaveProperty('disabled', true)
    expect(inBody('meaning-termSize')[0]?.textContent).toBe('The rules of this tool fix it.')
    await click('link-with')
    expect(asked('link.start')).not.toHaveProperty('studySize')
  })

  it('takes no more shuffled copies than the engine does', async () => {
    await openDialog()
    await type('link-shuffles', '100000')
    await click('link-with')
    expect(asked('link.start')).toMatchObject({ shuffles: limits.shuffles })
  })

  it('offers orthologs for mouse data and human annotations only', async () => {
    await openDialog()
    expect(inBody('link-orthologs')).toEqual([])
    opened?.page.unmount()
    document.body.innerHTML = ''
    await openDialog([], 'mouse')
    expect(inBody('link-orthologs')).toHaveLength(1)
    await click('link-orthologs')
    await pick('link-ontology', 'mgi')
    expect(inBody('link-orthologs')).toEqual([])
    await pick('link-ontology', 'reactome')
    expect(inBody('link-orthologs')[0]).toHaveProperty('checked', false)
    await click('link-orthologs')
    await click('link-with')
    expect(asked('link.start')).toMatchObject({ orthologs: true })
  })

  it('keeps the list test for the rules of another tool and says why', async () => {
    await openDialog()
    await pick('link-method', 'gsea')
    await pick('link-preset', 'goatools')
    expect(inBody('link-method')[0]).toHaveProperty('disabled', true)
    expect(inBody('meaning-method')[0]?.textContent).toBe('Only the list test follows the rules of another tool.')
    await click('link-with')
    expect(asked('link.start')).toMatchObject({ preset: 'goatools', method: 'ora' })
  })

  it('waits for the file of an own background and sends its token', async () => {
    await openDialog()
    await pick('link-background', 'file')
    expect(inBody('link-with')[0]).toHaveProperty('disabled', true)
    await click('link-file-genes')
    await click('link-with')
    expect(asked('link.start')).toMatchObject({ background: 'file', backgroundFile: 'b'.repeat(32) })
  })

  it('tests against gene sets from a file without installing them', async () => {
    await openDialog()
    await pick('link-ontology', '(files)')
    expect(inBody('link-with')[0]).toHaveProperty('disabled', true)
    await click('link-file-gmt')
    await click('link-with')
    expect(asked('link.start')).toMatchObject({ files: { gmt: 'b'.repeat(32), obo: null, associations: null } })
  })

  it('lists stored results with the null beside them, marks old ones and shows another one on request', async () => {
    await openDialog([result(2, { shown: true }), result(1, { outdated: true })])
    await click('link-tab-stored')
    const [newest, older] = inBody('stored-linking')
    expect(newest?.textContent).toContain('24 of 32 features')
    expect(newest?.textContent).toContain('1 of 20 copies')
    expect(newest?.textContent).toContain('25 of 32 have a term')
    expect(older?.textContent).toContain('older release')
    expect(inBody('stored-shown')).toHaveLength(1)
    await click('show-linking')
    expect(asked('link.show')).toEqual({ linking: 1 })
  })
})

describe('the library of ontologies', () => {
  async function openLibrary(): Promise<void> {
    opened = await mountPage(OntologyLibrary, {
      engine: {
        'ontology.list': [builtIn, sets],
        'ontology.remove': {},
        'ontology.install': { ontology: { ...sets, name: 'Mine' }, problems: [] },
      },
      shell: { 'files.chooseText': ({ what }) => ({ token: 'c'.repeat(32), name: `${what}.gmt`, kind: 'data' }) },
    })
    await useOntologyLibrary().open()
    await flushPromises()
  }

  it('shows release, species, licence and age', async () => {
    await openLibrary()
    const [first] = inBody('ontology')
    for (const words of ['human', '2022-07-01', 'CC BY 4.0', 'older than two years', 'built in'])
      expect(first?.textContent).toContain(words)
    expect(inBody('ontology-old')).toHaveLength(1)
  })

  it('installs from a file and says what came of it', async () => {
    await openLibrary()
    expect(inBody('ontology-install')[0]).toHaveProperty('disabled', true)
    await click('install-gmt')
    await click('ontology-install')
    expect(asked('ontology.install')).toMatchObject({ gmt: 'c'.repeat(32), obo: null, name: null, taxon: null })
    expect(inBody('ontology-installed')[0]?.textContent).toContain('Mine is installed')
  })

  it('removes one only after asking, and never the built-in one', async () => {
    await openLibrary()
    expect(inBody('ontology-remove')).toHaveLength(1)
    await click('ontology-remove')
    expect(asked('ontology.remove')).toBeUndefined()
    await click('ontology-remove-sure')
    expect(asked('ontology.remove')).toEqual({ id: 'reactome' })
  })
})
