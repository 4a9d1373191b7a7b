// Finds the three files of a 10x matrix folder from the folder or from any one of them, in every naming that is in use.
// Invariant: only files in the same folder and with the same prefix belong together.
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

export interface MatrixFiles {
  readonly matrix: string
  /** Null when the file is not there. */
  readonly features: string | null
  readonly barcodes: string | null
}

const role = /^(.*?)(matrix|features|genes|barcodes)\.(mtx|tsv)(\.gz)?$/i

/** The files below `folder`, or how many matrices there are when it is not exactly one. */
export async function matrixFilesIn(folder: string): Promise<MatrixFiles | { readonly matrices: readonly string[] }> {
  const names = await fileNames(folder)
  const matrices = names.filter((name) => /^matrix$/i.test(role.exec(name)?.[2] ?? '') && /\.mtx(?:\.gz)?$/i.test(name))
  const prefixes = new Set(matrices.map((name) => role.exec(name)?.[1] ?? ''))
  const [prefix] = prefixes
  if (prefixes.size !== 1 || prefix === undefined) return { matrices: matrices.sort() }
  return filesWith(folder, names, prefix, matrices[0] ?? '')
}

/** The files that belong to this one by its name; null when it is no file of such a folder. */
export async function matrixFilesOf(path: string): Promise<MatrixFiles | null> {
  const found = role.exec(basename(path))
  const folder = dirname(path)
  if (!found) return null
  const names = await fileNames(folder)
  const prefix = found[1] ?? ''
  const matrix = names.find((name) => new RegExp(`^matrix\\.mtx(?:\\.gz)?$`, 'i').test(rest(name, prefix)))
  if (matrix === undefined) return null
  return filesWith(folder, names, prefix, /^matrix$/i.test(found[2] ?? '') ? basename(path) : matrix)
}

/** Names of files only: what is called like one but is a folder or a pipe would never be read to its end. */
async function fileNames(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const fitting = entries.filter(({ name }) => role.test(name))
  const isFile = await Promise.all(
    fitting.map(async (entry) => entry.isFile() || (await stat(join(folder, entry.name)).catch(() => null))?.isFile() === true),
  )
  return fitting.filter((_, at) => isFile[at]).map(({ name }) => name)
}

const rest = (name: string, prefix: string): string => (name.startsWith(prefix) ? name.slice(prefix.length) : '')

function filesWith(folder: string, names: readonly string[], prefix: string, matrix: string): MatrixFiles {
  const find = (pattern: RegExp): string | null => {
    const name = names.find((each) => pattern.test(rest(each, prefix)))
    return name === undefined ? null : join(folder, name)
  }
  const features = find(/^features\.tsv(?:\.gz)?$/i) ?? find(/^genes\.tsv(?:\.gz)?$/i)
  return { matrix: join(folder, matrix), features, barcodes: find(/^barcodes\.tsv(?:\.gz)?$/i) }
}
