// Zarr folders and zip archives of cells: AnnData, MuData, and the table of a SpatialData folder.
import { closeSync, openSync } from 'node:fs'
import { refuse } from '../../../base/refusal'
import { openAnndata } from '../anndata/source'
import { isMudata, openMudata } from '../mudata/source'
import type { Recognised } from '../recognise'
import type { OpenSource, SourceReader, Wanted } from '../source-reader'
import { Archive } from '../zip/archive'
import { folderStore, zipStore } from './store'
import { ZarrTree } from './tree'

/** Pieces are kept elsewhere, so the archive keeps little. */
const keptBytes = 2 ** 26

export const zarrReader: SourceReader = {
  kind: 'zarr',
  accepts: (file) => file.container === 'zarr',
  async open(file, _genes, work, wanted) {
    if (file.folder) return work(openTree(file, new ZarrTree(folderStore(file.path, file.fileName)), wanted))
    const handle = openSync(file.path, 'r')
    try {
      const archive = new Archive(handle, file.bytes, file.fileName, keptBytes)
      return await work(openTree(file, new ZarrTree(zipStore(archive, file.fileName)), wanted))
    } finally {
      closeSync(handle)
    }
  },
}

function openTree(file: Recognised, tree: ZarrTree, wanted: Wanted): OpenSource {
  if (isMudata(tree)) return named(openMudata(tree, wanted), 'zarr-mudata', 'MuData folder (Zarr)')
  const tables = tree.keys('tables').filter((name) => tree.has(`tables/${name}/obs`))
  const root = tree.has('obs') && tree.has('var') ? tree : tables[0] === undefined ? null : tree.below(`tables/${tables[0]}`)
  if (root) return named(openAnndata(root), 'zarr', root === tree ? 'AnnData folder (Zarr)' : 'SpatialData folder (Zarr)')
  const inside = tree.keys('/')
  const listed = inside.length === 0 ? 'nothing' : inside.slice(0, 8).join(', ') + (inside.length > 8 ? ' …' : '')
  const looksLike = `it is a Zarr folder without cells (obs) and genes (var); inside: ${listed}`
  return refuse('FILE_NOT_RECOGNISED', { file: file.fileName, looksLike })
}

const named = (source: OpenSource, kind: string, description: string): OpenSource => ({
  ...source,
  kind,
  description,
  endings: ['.zarr', '.zarr.zip', '.zip'],
})
