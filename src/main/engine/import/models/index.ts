// One door for models of other tools: which tool wrote a file or folder, and the model in one form.
import { existsSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import type { ModelFormat } from '@contract'
import { refuse } from '../../../base/refusal'
import { dictionaryLearningFile, readDictionaryLearning } from './dictionary-learning'
import type { ForeignModel } from './foreign-model'
import { isSaeLensFolder, readOwnSafetensors, readSaeLens } from './sae-lens'
import { startsAsSafetensors } from './safetensors-file'
import { isSparsifyFolder, readSparsify } from './sparsify'

export type { ForeignModel, ForeignRule } from './foreign-model'

/** Reads a model; `format` null finds out. Refuses with FILE_NOT_FOUND, FILE_NOT_RECOGNISED, FILE_DAMAGED, FILE_UNSAFE, MODEL_UNFIT. */
export function readForeignModel(path: string, format: ModelFormat | null): ForeignModel {
  if (!existsSync(path)) refuse('FILE_NOT_FOUND', { file: basename(path) })
  switch (format ?? formatOf(path)) {
    case 'sae-lens':
      return readSaeLens(path)
    case 'sparsify':
      return readSparsify(path)
    case 'safetensors':
      return readOwnSafetensors(path)
    case 'dictionary-learning':
      return readDictionaryLearning(dictionaryLearningFile(path) ?? notOne(path))
  }
}

function formatOf(path: string): ModelFormat {
  if (isSaeLensFolder(path)) return 'sae-lens'
  if (isSparsifyFolder(path)) return 'sparsify'
  if (dictionaryLearningFile(path) !== null) return 'dictionary-learning'
  if (statSync(path).isDirectory()) return notOne(path)
  // A file cut off inside its header is told apart by its ending only.
  return /\.safetensors$/i.test(path) || startsAsSafetensors(path) ? 'safetensors' : notOne(path)
}

const notOne = (path: string): never =>
  refuse('FILE_NOT_RECOGNISED', {
    file: basename(path),
    looksLike: 'no model of SAELens, dictionary_learning, sparsify or a safetensors file was found there',
    next: 'Choose the weights of the model, or the folder they were saved in.',
  })
