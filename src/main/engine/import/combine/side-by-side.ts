// Several files of different cells as one source: their cells under each other, with a column that says which file each is from.
// Invariants: nothing is put together that does not fit (dimensions, kinds of numbers); what is lost or filled is counted and said.
import type { GeneUnion, Problem } from '@contract'
import { appError } from '@contract'
import type { GeneResolver } from '../gene-resolver'
import { counted, examples, info, warning } from '../problems'
import type { EmbeddingSource, Frame, FrameColumn, OpenSource } from '../source-reader'
import { stackedColumns } from './columns'
import { unitedExpressions } from './expressions'
import { stackedPart } from './parts'

export interface Beneath {
  readonly source: OpenSource
  readonly fileName: string
  /** What its cells are called together, unique among the files. */
  readonly sample: string
  /** The embedding to take when the names of embeddings differ between the files. */
  readonly embedding?: string | null
  /** Its own column of samples is continued instead of a new one being made. */
  readonly continued?: true
}

/** The files as one source. At least two. */
export async function sideBySide(files: readonly Beneath[], union: GeneUnion, resolver: GeneResolver): Promise<OpenSource> {
  const [first] = files as [Beneath, ...Beneath[]]
  const named = withSamples(files)
  const problems: Problem[] = files.flatMap(({ source, fileName }) => source.problems.map((problem) => inFile(problem, fileName)))
  const cells = stackedCells(files, named, problems)
  const united = await unitedExpressions(files, union, resolver)
  const embeddings = stackedEmbeddings(files, problems)
  const sizes = files.map(({ fileName, source }) => `${fileName} ${counted(source.cells.rows)}`)
  problems.push(
    info(
      'FILES_COMBINED',
      `Cells of ${files.length} files are put under each other: ${sizes.join(', ')}.`,
      'Nothing needs to be done.',
    ),
    ...united.problems,
  )
  return {
    ...first.source,
    description: `${files.length} files side by side (${first.source.description} and others)`,
    columns: united.expressions[0]?.columns ?? embeddings[0]?.dims ?? cells.columns.length,
    columnsAre: united.expressions.length > 0 ? 'gene' : first.source.columnsAre,
    cells,
    embeddings,
    expressions: united.expressions,
    logRecorded: files.every(({ source }) => source.logRecorded),
    problems,
    stops: files.flatMap(({ source }) => source.stops),
    colours: (column, levels) => {
      const of = files.map(({ source }) => source.cells.columns.find((each) => each.name === column)?.values)
      const own = of[0]
      const alike = own?.kind === 'category' && own.levels.length === levels
      return alike ? first.source.colours(column, levels) : null
    },
  }
}

const inFile = (problem: Problem, fileName: string): Problem => ({ ...problem, message: `${fileName}: ${problem.message}` })

const sampleColumn = 'sample'

/** The frames with one more column, `sample` or, where a file has its own, `file`. */
function withSamples(files: readonly Beneath[]): Frame[] {
  const own = (file: Beneath): FrameColumn | undefined => file.source.cells.columns.find(({ name }) => name === sampleColumn)
  const continued = files.some((file) => file.continued && own(file))
  const taken = !continued && files.some((file) => own(file))
  const name = taken ? 'file' : sampleColumn
  return files.map((file) => {
    const { cells } = file.source
    const given = own(file)
    if (continued && file.continued && given) return cells
    const kept = cells.columns.map((column) =>
      column.name === name ? { ...column, name: `${name} (${file.fileName})`.slice(0, 300) } : column,
    )
    const added: FrameColumn = { name, values: { kind: 'category', levels: [file.sample], codes: new Int32Array(cells.rows) } }
    return { ...cells, columns: [added, ...kept] }
  })
}

function stackedCells(files: readonly Beneath[], frames: readonly Frame[], problems: Problem[]): Frame {
  const names = files.flatMap(({ source }) => [...source.cells.index])
  const inSeveral = repeatedBetween(files)
  const prefixed = inSeveral.length > 0
  if (prefixed) {
    const message = `${counted(inSeveral.length)} cell names occur in more than one file (${examples(inSeveral)}), so the name of the file stands in front of every name.`
    problems.push(info('NAMES_PREFIXED', message, 'Nothing needs to be done.'))
  }
  let at = 0
  const index = files.flatMap(({ source, sample, continued }) =>
    source.cells.index.map(() => {
      const name = names[at++] ?? ''
      return prefixed && !continued ? `${sample}_${name}` : name
    }),
  )
  return {
    rows: index.length,
    index,
    madeUp: files.every(({ source }) => source.cells.madeUp) && !prefixed,
    columns: stackedColumns(frames),
    problems: files.flatMap(({ source }) => source.cells.problems),
  }
}

function repeatedBetween(files: readonly Beneath[]): string[] {
  const fileOf = new Map<string, number>()
  const repeated = new Set<string>()
  files.forEach(({ source }, file) => {
    for (const name of source.cells.index) {
      const before = fileOf.get(name)
      if (before !== undefined && before !== file) repeated.add(name)
      fileOf.set(name, file)
    }
  })
  return [...repeated]
}

const perFile = /pca|svd|lsi|nmf|diffmap|ica/i

/** Embeddings that all files have, by name; a single one of each file belongs together whatever it is called. Maps are left out. */
function stackedEmbeddings(files: readonly Beneath[], problems: Problem[]): EmbeddingSource[] {
  const usable = files.map(({ source, embedding }) => {
    const whole = source.embeddings.filter((each) => each.rows === source.cells.rows && each.dims > 2)
    return embedding ? whole.filter((each) => each.key === embedding || each.key === `obsm/${embedding}`) : whole
  })
  const [first = [], ...others] = usable
  const single = usable.every((of) => of.length === 1)
  const joined = first.flatMap((each): EmbeddingSource[] => {
    const same = others.map((of) => (single ? of[0] : of.find((other) => other.key === each.key)))
    if (same.some((other) => other === undefined)) return []
    return [stacked([each, ...(same as EmbeddingSource[])], files)]
  })
  const doubtful = joined.filter((each) => perFile.test(each.key) && each.found.part !== null)
  if (doubtful.length > 0) {
    const message = `${doubtful.map((each) => each.key).join(', ')}: axes that were computed for each file by itself do not mean the same in the other files.`
    problems.push(
      warning(
        'AXES_PER_FILE',
        message,
        'Use them only if they were computed for all files together; otherwise choose pca (--representation pca).',
      ),
    )
  }
  const left = first.filter((each) => !joined.some((kept) => kept.key === each.key)).map((each) => each.key)
  if (left.length > 0) {
    const message = `Not in every file, so left out: ${examples(left)}.`
    problems.push(warning('EMBEDDINGS_LEFT_OUT', message, 'Write the same representation into all files, or choose another one.'))
  }
  return joined
}

function stacked(same: readonly EmbeddingSource[], files: readonly Beneath[]): EmbeddingSource {
  const [first] = same as [EmbeddingSource, ...EmbeddingSource[]]
  const rows = same.reduce((sum, each) => sum + each.rows, 0)
  const common = { key: first.key, rows, dims: first.dims, leftOut: first.leftOut }
  const failed = same.find((each) => each.found.part === null)
  if (failed?.found.error) return { ...common, found: { part: null, error: failed.found.error } }
  const odd = same.findIndex((each) => each.dims !== first.dims)
  if (odd >= 0) {
    const why = `it has ${first.dims} dimensions in ${files[0]?.fileName}, but ${same[odd]?.dims} in ${files[odd]?.fileName}`
    const next = 'Choose files whose representation was made by the same model.'
    return { ...common, found: { part: null, error: appError('PART_UNREADABLE', { part: first.key, why, next }) } }
  }
  const parts = same.flatMap((each) => (each.found.part ? [each.found.part] : []))
  return { ...common, found: { part: stackedPart(first.key, parts), error: null } }
}
