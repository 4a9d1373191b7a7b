// Every file of the reference data, dropped on the window as a person would: the review, the refusal and the import are
// those of the engine. What they must be, file by file, is asserted in tests/engine.
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { Refusal } from '../../src/main/base/refusal'
import { inspectFile } from '../../src/main/engine/import'
import { loadOntology } from '../../src/main/engine/ontology'
import { shared } from '../shared-folder'
import { startApp, temporaryFolder, untilReady } from './app'
import { ask, drop, textOf } from './steps'

const { genes } = loadOntology(resolve(import.meta.dirname, '../../resources/ontology'), new Date('2023-01-01'))
const data = join(shared ?? '', 'data')
/** Ontologies and gene sets belong to linking, the tables of genes to mapping; neither holds cells. */
const otherKinds = /\.(obo|gaf|gmt|md)$/

/** Files and folders that a person could take for cells. */
function candidates(): string[] {
  if (!shared) return []
  return ['embeddings', 'h5ad', 'h5mu', 'simulation', 'tables', 'tenx', 'ugly'].flatMap((folder) =>
    readdirSync(join(data, folder))
      .filter((name) => !otherKinds.test(name))
      .map((name) => `${folder}/${name}`),
  )
}

/** What the engine says of a file: the code of its refusal, or rows and stops of the look. */
async function expected(path: string): Promise<string> {
  try {
    const found = await inspectFile(path, genes)
    const stops = found.problems.filter((problem) => problem.level === 'stop')
    return `${found.rows} rows, ${stops.length} stops`
  } catch (thrown) {
    return thrown instanceof Refusal ? thrown.error.code : String(thrown)
  }
}

const shown = (page: Page): Promise<{ name: string; code: string; button: string; ready: string }> =>
  page.evaluate(() => ({
    name: document.querySelector('[data-testid="review-name"]')?.textContent?.trim() ?? '',
    code: document.querySelector('[data-testid="error-panel"] .code')?.textContent?.trim() ?? '',
    button: document.querySelector('[data-testid="import-confirm"]')?.textContent?.trim() ?? '',
    ready: document.documentElement.dataset['ready'] ?? '',
  }))

describe.skipIf(!shared)('files dropped on the window (needs ../shared)', () => {
  it('every one is reviewed, imported or refused as the engine says', { timeout: 600_000 }, async () => {
    const folder = temporaryFolder()
    const files = candidates()
    const outcomes = new Map<string, string>()
    for (const file of files) outcomes.set(file, await expected(join(data, file)))
    const importable = files.filter((file) => / 0 stops$/.test(outcomes.get(file) ?? ''))
    const dialogs = importable.map((_, at) => ({ dialog: 'newProject' as const, path: join(folder, `project-${at}.latiscope`) }))
    const { page, errors, close } = await startApp({ dialogs })
    await untilReady(page, 'start')
    const session = await page.context().newCDPSession(page)
    const seen = new Map<string, string>()
    for (const file of files) {
      await drop(session, join(data, file))
      const name = file.split('/').at(-1) ?? ''
      await expect
        .poll(() => shown(page), { timeout: 60_000, interval: 50, message: file })
        .toMatchObject({ name, ready: 'review' })
      const { code, button } = await shown(page)
      if (code !== '') {
        seen.set(file, code)
        continue
      }
      const stops = /^Fix (\d+)/.exec(button)?.[1]
      const rows = /([\d,]+) cells?\b/.exec(await textOf(page, 'review-facts'))?.[1] ?? ''
      seen.set(file, `${rows.replace(/\D/g, '')} rows, ${stops ?? 0} stops`)
      if (stops !== undefined) continue
      await page.getByTestId('import-confirm').click()
      await expect.poll(() => textOf(page, 'stored-rows'), { timeout: 60_000, interval: 50, message: file }).toMatch(/\d/)
      const { data: stored } = await ask<{ data: { rows: number } | null }>(page, 'project.summary', {})
      expect(stored?.rows, file).toBeGreaterThan(0)
    }
    expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(outcomes))
    expect(importable.length).toBeGreaterThan(15)
    expect(readdirSync(folder).filter((name) => name.endsWith('.latiscope'))).toHaveLength(importable.length)
    expect(errors).toEqual([])
    await close()
  })
})
