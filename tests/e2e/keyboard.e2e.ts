// From the start page to the first picture of features without a mouse: only Tab, Enter, Space and arrow keys are pressed.
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startApp, temporaryFolder, untilReady } from './app'
import { ask, countOf, tabTo, textOf, untilRun } from './steps'

const sample = resolve(import.meta.dirname, '../../resources/sample/pbmc68k_reduced.h5ad')

const presets = '[role="radiogroup"][aria-label="Length of the run"]'
const testId = (id: string): string => `[data-testid="${id}"]`

describe('the whole way by keyboard alone', () => {
  it('imports a file, answers the review, trains, and ends at the map of the cells', async () => {
    const folder = temporaryFolder()
    const { page, errors, close } = await startApp({
      dialogs: [
        { dialog: 'chooseData', path: sample },
        { dialog: 'newProject', path: join(folder, 'by-keys.latiscope') },
      ],
    })
    await untilReady(page, 'start')
    await tabTo(page, testId('new-project'))
    await page.keyboard.press('Enter')
    await untilReady(page, 'review')

    // Another representation and back by arrow keys, then the one primary button.
    await tabTo(page, testId('representation'))
    const chosen = (): Promise<string> => page.locator(`${testId('representation')} input:checked`).inputValue()
    const suggested = await chosen()
    await page.keyboard.press('ArrowDown')
    await expect.poll(chosen).not.toBe(suggested)
    await page.keyboard.press('ArrowUp')
    await expect.poll(chosen).toBe(suggested)
    await tabTo(page, testId('import-confirm'))
    await page.keyboard.press('Enter')
    await expect.poll(() => textOf(page, 'stored-rows'), { timeout: 60_000 }).toBe('700 cells × 765 genes')

    await tabTo(page, testId('go-train'))
    await page.keyboard.press('Enter')
    await untilReady(page, 'train')
    await tabTo(page, presets)
    await page.keyboard.press('ArrowUp')
    await expect.poll(() => page.locator(`${presets} input:checked`).inputValue()).toBe('quick')
    await tabTo(page, testId('start-training'))
    await page.keyboard.press('Enter')
    await untilRun(page, 'done')
    await tabTo(page, testId('tab-features'), 'Shift+Tab')
    await page.keyboard.press('Enter')
    await untilReady(page, 'features')
    await tabTo(page, testId('cell-map'))
    expect(await countOf(page, 'latent-row')).toBeGreaterThan(5)
    await expect.poll(() => page.locator('[data-testid="cell-map"] canvas').count(), { timeout: 30_000 }).toBeGreaterThan(0)
    expect((await ask<{ data: { rows: number } }>(page, 'project.summary', {})).data.rows).toBe(700)
    expect(errors).toEqual([])
    await close()
  })
})
