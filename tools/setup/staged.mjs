// One rule for everything staged in the cache: built in a folder beside, checked, stamped, then renamed into place.
// So a folder with its stamp is complete, and an interrupted set-up leaves nothing that looks finished.
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { withLock } from './lock.mjs'

const STAMP = '.latiscope-stamp'

/** @param {string} folder @param {string} recipe what the folder was made of @returns {boolean} */
export function isStaged(folder, recipe) {
  return readStamp(folder) === recipe
}

/** @param {string} folder @returns {string | null} */
function readStamp(folder) {
  try {
    return readFileSync(join(folder, STAMP), 'utf8')
  } catch {
    return null
  }
}

/**
 * Makes `folder` by `fill`, unless another set-up has done so meanwhile. What killed set-ups left behind is cleared.
 * @param {string} folder @param {string} recipe
 * @param {(into: string, scratch: string) => Promise<void>} fill gets two empty folders; scratch is thrown away
 */
export async function stage(folder, recipe, fill) {
  const parent = dirname(folder)
  await withLock(join(parent, `.lock-${basename(folder)}`), async () => {
    if (isStaged(folder, recipe)) return
    for (const name of await readdir(parent)) {
      if (name.startsWith(`${basename(folder)}.new-`)) await rm(join(parent, name), { recursive: true, force: true })
    }
    const beside = await mkdtemp(`${folder}.new-`)
    const [into, scratch] = [join(beside, 'content'), join(beside, 'scratch')]
    try {
      await mkdir(into)
      await mkdir(scratch)
      await fill(into, scratch)
      await writeFile(join(into, STAMP), recipe)
      await rm(folder, { recursive: true, force: true })
      await rename(into, folder)
    } finally {
      await rm(beside, { recursive: true, force: true })
    }
  })
}
