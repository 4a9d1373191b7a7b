// The formats that can be read, in the order in which they are asked. A new format is added here and nowhere else.
import { refuse } from '../../base/refusal'
import type { GeneResolver } from './gene-resolver'
import { arrowReader } from './arrow/reader'
import { hdf5Reader } from './hdf5/reader'
import { npzReader } from './npy/archive'
import { npyReader } from './npy/reader'
import { parquetReader } from './parquet/reader'
import { recognise, type Recognised } from './recognise'
import { noAnswers, type OpenSource, type ReadingAnswers, type SourceReader } from './source-reader'
import { tableReader } from './table/reader'
import { safetensorsReader } from './tensors/safetensors'
import { torchReader } from './tensors/torch'
import { tenxFolderReader } from './tenx/folder'
import { workbookReader } from './workbook/reader'
import { zarrReader } from './zarr/reader'

const readers: readonly SourceReader[] = [
  hdf5Reader,
  zarrReader,
  npyReader,
  npzReader,
  parquetReader,
  arrowReader,
  workbookReader,
  torchReader,
  safetensorsReader,
  tenxFolderReader,
  tableReader,
]

/** Recognises the file by its content and opens it for the time of `work`. */
export async function withSource<T>(
  path: string,
  genes: GeneResolver,
  work: (source: OpenSource, file: Recognised) => Promise<T>,
  answers: ReadingAnswers = noAnswers,
): Promise<T> {
  const file = await recognise(path)
  const reader = readers.find((candidate) => candidate.accepts(file))
  if (!reader) refuse('FILE_NOT_RECOGNISED', { file: file.fileName, looksLike: file.looksLike })
  return reader.open(file, genes, (source) => work(source, file), answers)
}
