// Every kind of HDF5 file of cells: told apart by the groups inside, whatever the name of the file.
import { refuse } from '../../../base/refusal'
import { openAnndata } from '../anndata/source'
import { isLoom, openLoom } from '../loom/source'
import { isMudata, openMudata } from '../mudata/source'
import { recipes } from '../other-kinds'
import type { OpenSource, SourceReader, Wanted } from '../source-reader'
import { isTenxHdf5, openTenxHdf5 } from '../tenx/hdf5'
import { withTree, type H5Tree } from './tree'

export const hdf5Reader: SourceReader = {
  kind: 'hdf5',
  accepts: (file) => file.container === 'hdf5',
  open: (file, _genes, work, wanted) => withTree(file.path, file.bytes, async (tree) => work(openTree(tree, wanted))),
}

function openTree(tree: H5Tree, wanted: Wanted): OpenSource {
  if (isMudata(tree)) return openMudata(tree, wanted)
  if (tree.has('obs') && tree.has('var')) return openAnndata(tree)
  if (isTenxHdf5(tree)) return openTenxHdf5(tree, wanted)
  if (isLoom(tree)) return openLoom(tree)
  if (tree.has('assays') && tree.has('cell.names')) refuse('EXPORT_FIRST', recipes.h5seurat(tree.fileName))
  return refuse('FILE_NOT_RECOGNISED', { file: tree.fileName, looksLike: otherHdf5(tree) })
}

/** What an HDF5 file without cells and genes may be, ending with what is inside. */
function otherHdf5(tree: H5Tree): string {
  const inside = tree.keys('/')
  const listed = inside.length === 0 ? 'nothing' : inside.slice(0, 8).join(', ') + (inside.length > 8 ? ' …' : '')
  return `it is an HDF5 file without cells (obs) and genes (var); inside: ${listed}`
}
