// Several NumPy arrays in one archive (.npz), among them the sparse matrices that SciPy saves.
// Invariant: every array is judged like a file of its own; one that cannot be read costs only itself.
import { closeSync, openSync } from 'node:fs'
import type { Problem } from '@contract'
import { Refusal } from '../../../base/refusal'
import type { Recognised } from '../recognise'
import type { EmbeddingSource, OpenSource, SourceReader } from '../source-reader'
import { Archive } from '../zip/archive'
import { collectionSource, labelOf, listOf, unreadable, type List } from './collection'
import { arrayPart, type ByteReader } from './reader'
import { isSparseArchive, sparseSource } from './sparse'

export const npzReader: SourceReader = {
  kind: 'npz',
  accepts: (file) => file.container === 'npz',
  async open(file, _genes, work) {
    const handle = openSync(file.path, 'r')
    try {
      return await work(openArchive(file, new Archive(handle, file.bytes, file.fileName)))
    } finally {
      closeSync(handle)
    }
  },
}

function openArchive(file: Recognised, archive: Archive): OpenSource {
  const members = archive.members().filter((member) => member.name.endsWith('.npy'))
  if (isSparseArchive(members)) return sparseSource(file, archive, members)
  const embeddings: EmbeddingSource[] = []
  const lists: List[] = []
  const problems: Problem[] = []
  for (const member of members) {
    const name = labelOf(member.name.slice(0, -4))
    try {
      const bytes = archive.open(member)
      const list = listOf(name, bytes, member.size, file.fileName)
      if (list) lists.push(list)
      else embeddings.push(embeddingOf(name, bytes, member.size, problems))
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown
      embeddings.push(unreadable(name, thrown))
    }
  }
  const about = { kind: 'npz', description: 'NumPy archive', endings: ['.npz'] }
  return collectionSource({ embeddings, lists, problems }, about, file.fileName)
}

function embeddingOf(key: string, bytes: ByteReader, size: number, problems: Problem[]): EmbeddingSource {
  const found = arrayPart(key, bytes, size, `array ${key}`)
  problems.push(...found.problems)
  return { key, rows: found.part.rows, dims: found.part.columns, found: { part: found.part, error: null }, leftOut: [] }
}
