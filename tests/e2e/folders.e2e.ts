// Data that are a folder are chosen through a dialog of their own, and everything works by keyboard alone.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startApp, temporaryFolder, untilReady } from './app'
import { textOf } from './steps'

/** A folder as Cell Ranger writes it: 60 cells, 4 genes. */
function tenxFolder(parent: string): string {
  const folder = join(parent, 'filtered_feature_bc_matrix')
  mkdirSync(folder)
  const genes = ['CD3D', 'MS4A1', 'NKG7', 'LYZ']
  const cells = Array.from({ length: 60 }, (_, at) => `AAAC${String(at).padStart(4, '0')}-1`)
  const values = cells.flatMap((_, cell) =>
    genes.map((__, gene) => `${gene + 1} ${cell + 1} ${((cell * 7 + gene * 3) % 29) + 1}`),
  )
  writeFileSync(join(folder, 'barcodes.tsv'), `${cells.join('\n')}\n`)
  writeFileSync(join(folder, 'features.tsv'), genes.map((gene) => `${gene}\t${gene}\tGene Expression\n`).join(''))
  const header = `%%MatrixMarket matrix coordinate integer general\n4 60 ${values.length}\n`
  writeFileSync(join(folder, 'matrix.mtx'), `${header}${values.join('\n')}\n`)
  return folder
}

describe('a folder that is one data set', () => {
  it('is chosen, reviewed and left again by keyboard, and nothing is stored', async () => {
    const parent = temporaryFolder()
    const path = tenxFolder(parent)
    const { page, errors, close } = await startApp({ dialogs: [{ dialog: 'chooseData', path }] })
    await untilReady(page, 'start')
    await page.getByTestId('new-from-folder').focus()
    await page.keyboard.press('Enter')
    await untilReady(page, 'review')
    expect(await textOf(page, 'review-facts')).toContain('60 cells × 4 genes')
    await page.getByTestId('import-confirm').focus()
    await page.keyboard.press('Enter')
    await page.locator('input[value="pca"]').focus()
    await page.keyboard.press('Space')
    await expect.poll(() => textOf(page, 'import-confirm')).toBe('Import 60 cells')
    await page.getByTestId('import-confirm').focus()
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    await untilReady(page, 'start')
    expect(readdirSync(parent)).toEqual(['filtered_feature_bc_matrix'])
    expect(errors).toEqual([])
    await close()
  })
})
