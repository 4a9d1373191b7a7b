// A file that is not what its name says: the user reads what it is and what to do, and nothing is stored.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startApp, temporaryFolder, untilReady, writePng } from './app'
import { textOf } from './steps'

describe('a file that cannot be imported', () => {
  it.each([
    ['a picture named .h5ad', (path: string) => writePng(path), /PNG/],
    ['an empty file', (path: string) => writeFileSync(path, ''), /empty/],
  ])('%s gets a sentence with a remedy', async (_name, write, sentence) => {
    const path = join(temporaryFolder(), 'cells.h5ad')
    write(path)
    const { page, close } = await startApp({ dialogs: [{ dialog: 'chooseData', path }] })
    await untilReady(page, 'start')
    await page.getByTestId('new-project').click()
    await expect.poll(() => textOf(page, 'error-panel'), { timeout: 30_000 }).toMatch(sentence)
    const text = await textOf(page, 'error-panel')
    expect(text).toContain('cells.h5ad')
    expect(text).not.toContain(path)
    const remedy = await page.evaluate(() => document.querySelector('[data-testid="error-panel"] .remedy')?.textContent ?? '')
    expect(remedy).toMatch(/[A-Z].{20,}\./)
    expect(await page.evaluate(() => document.querySelector('[data-testid="import-confirm"]'))).toBeNull()
    await close()
  })
})
