// PyTorch files (.pt, .pth): plain tensors, alone or in dictionaries and lists. Everything else in them could run code and is refused.
// Invariant: the pickle inside is read as a description, never executed (pickle.ts).
import { closeSync, openSync } from 'node:fs'
import { limits } from '@contract'
import { refuse, Refusal } from '../../../base/refusal'
import { collectionSource, unreadable, type List } from '../npy/collection'
import type { ArrayType } from '../npy/header'
import type { Recognised } from '../recognise'
import type { EmbeddingSource, OpenSource, SourceReader } from '../source-reader'
import { Archive, type Member } from '../zip/archive'
import { isTensor, NotPlain, readPickle, type Plain, type StoredTensor } from './pickle'
import { ListRoom, tensorParts, type Tensor, type TensorType } from './tensor'

export const torchReader: SourceReader = {
  kind: 'torch',
  accepts: (file) => file.container === 'torch',
  async open(file, _genes, work) {
    const handle = openSync(file.path, 'r')
    try {
      return await work(openTorch(file, new Archive(handle, file.bytes, file.fileName)))
    } finally {
      closeSync(handle)
    }
  },
}

const largestDescription = 64 * 1024 * 1024

function openTorch(file: Recognised, archive: Archive): OpenSource {
  const members = new Map(archive.members().map((member) => [member.name, member]))
  const description = [...members.values()].find((member) => /^(?:[^/]+\/)?data\.pkl$/.test(member.name))
  if (!description || description.size > largestDescription)
    return refuse('FILE_DAMAGED', { file: file.fileName, why: 'its list of tensors is missing or too long' })
  const prefix = description.name.replace(/data\.pkl$/, '')
  const order = members.get(`${prefix}byteorder`)
  const bigEndian = order !== undefined && Buffer.from(archive.open(order)(0, 8)).toString('latin1').startsWith('big')
  const found = plainOf(archive.open(description)(0, description.size), file.fileName)
  const name = file.fileName.replace(/\.[a-z0-9]+$/i, '').slice(0, limits.nameLength) || 'tensor'
  const [tensors, lists] = flattened(found, name)
  const embeddings: EmbeddingSource[] = []
  const room = new ListRoom(file.bytes)
  for (const [key, stored] of tensors) {
    try {
      const { part, list } = tensorParts(
        tensorOf(key, stored, members.get(`${prefix}data/${stored.member}`), archive, bigEndian, file.fileName),
        room,
      )
      if (list) lists.push(list)
      else embeddings.push({ key, rows: part.rows, dims: part.columns, found: { part, error: null }, leftOut: [] })
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown
      embeddings.push(unreadable(key, thrown))
    }
  }
  const about = { kind: 'torch', description: 'PyTorch file', endings: ['.pt', '.pth', '.bin', '.ckpt'] }
  return collectionSource({ embeddings, lists, problems: [] }, about, file.fileName)
}

function plainOf(bytes: Uint8Array, file: string): Plain {
  try {
    return readPickle(bytes)
  } catch (thrown) {
    if (!(thrown instanceof NotPlain)) throw thrown
    const what = `a PyTorch file that holds more than plain tensors (${thrown.message}), which`
    const next =
      'Save its numbers alone where it was made, in Python: numpy.save("embedding.npy", tensor.float().numpy()); ' +
      'a file of torch.save(tensor, path) or of a dictionary of tensors is read as it is.'
    return refuse('PICKLE_REFUSED', { file, what, next })
  }
}

/** Tensors and lists of text with their names, dictionaries inside dictionaries joined by a slash; each is visited once. */
function flattened(value: Plain, name: string): [Map<string, StoredTensor>, List[]] {
  const tensors = new Map<string, StoredTensor>()
  const lists: List[] = []
  const seen = new Set<Plain>()
  const walk = (each: Plain, path: readonly string[]): void => {
    const key = (path.length === 0 ? name : path.join('/')).slice(0, limits.nameLength)
    if (isTensor(each)) tensors.set(key, each)
    if (typeof each !== 'object' || each === null || path.length > 8 || seen.has(each)) return
    seen.add(each)
    if (each.is === 'dict') for (const [inner, item] of each.entries) walk(item, [...path, String(inner)])
    if (each.is !== 'list') return
    const texts = each.items.filter((item) => typeof item === 'string')
    if (texts.length > 0 && texts.length === each.items.length)
      lists.push({ name: path.at(-1) ?? name, length: texts.length, values: { kind: 'text', texts } })
    else if (each.items.length <= 1000) each.items.forEach((item, at) => walk(item, [...path, String(at)]))
  }
  walk(value, [])
  return [tensors, lists]
}

const types: Readonly<Record<string, TensorType>> = {
  FloatStorage: plain('f', 4),
  DoubleStorage: plain('f', 8),
  HalfStorage: plain('f', 2),
  BFloat16Storage: 'bfloat16',
  LongStorage: plain('i', 8),
  IntStorage: plain('i', 4),
  ShortStorage: plain('i', 2),
  CharStorage: plain('i', 1),
  ByteStorage: plain('u', 1),
  BoolStorage: plain('b', 1),
}

function plain(kind: ArrayType['kind'], size: number): ArrayType {
  return { kind, size, bigEndian: false }
}

function tensorOf(
  name: string,
  { storage, shape, strides, offset }: StoredTensor,
  member: Member | undefined,
  archive: Archive,
  bigEndian: boolean,
  file: string,
): Tensor {
  const type = types[storage]
  if (!type) return refuse('ARRAY_UNFIT', { file, why: `tensor ${name} has the type ${storage}` })
  if (!member) return refuse('FILE_DAMAGED', { file, why: `the numbers of tensor ${name} are missing` })
  if (bigEndian && type === 'bfloat16')
    return refuse('ARRAY_UNFIT', { file, why: `tensor ${name} was written on an unusual computer` })
  const ordered = bigEndian && type !== 'bfloat16' ? { ...type, bigEndian } : type
  return { file, name, type: ordered, shape, strides, offset, bytes: archive.open(member), size: member.size }
}
