// The loadings that scanpy leaves beside its principal components: obsm/X_pca was made with varm/PCs, genes of `var` × axes.
import { Refusal } from '../../../base/refusal'
import type { DataTree } from '../data-tree'
import type { Frame, LoadingSource, MatrixPart } from '../source-reader'
import { densePart, fieldPart } from './dense'

const components = 'obsm/X_pca'
const key = 'varm/PCs'

/** Null where the file has none for this representation, or none that can be read. @param genes the table `var` */
export function loadingsOf(tree: DataTree, representation: string, genes: Frame): LoadingSource | null {
  if (representation !== components) return null
  try {
    const part = loadingPart(tree)
    return part?.rows === genes.rows ? { key, genes: genes.index, part } : null
  } catch (thrown) {
    if (thrown instanceof Refusal) return null
    throw thrown
  }
}

function loadingPart(tree: DataTree): MatrixPart | null {
  if (tree.kind('varm') === 'dataset') {
    const array = tree.array('varm')
    const field = array.fields?.find(({ name }) => name === 'PCs')
    return field ? fieldPart(key, array, field) : null
  }
  return tree.kind(key) === 'dataset' ? densePart(key, tree.array(key)) : null
}
