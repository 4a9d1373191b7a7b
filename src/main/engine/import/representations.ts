// Which part of a file can be explained: the list for the review and the suggestion (16–10,000 dimensions, learned ones first).
// Invariant: nothing is joined by position; a part with another number of rows than the file has cells is never usable.
import type { RepresentationInfo } from '@contract'
import { refuse, Refusal } from '../../base/refusal'
import { examples, plural } from './problems'
import { rowsWithMissing, rowsToLookAt } from './sampling'
import type { MatrixPart, OpenSource } from './source-reader'
import { stopOf, type Stop } from './findings'

export interface Representation {
  readonly info: RepresentationInfo
  readonly part: MatrixPart | null
  /** Not in the file: made from its expression on request. */
  readonly computed: boolean
  /** Why it cannot be taken, as the refusal it leads to; null when it can. */
  readonly stop: Stop | null
}

const fewestDims = 16
const mostDims = 10_000
const mapNames = /umap|t-?sne|phate|draw_graph|diffmap_2d|force|layout|spatial/i
const learned =
  /scvi|scanvi|totalvi|peakvi|multivi|geneformer|scgpt|uce|cellplm|scfoundation|scbert|transcriptformer|cell2sentence|nicheformer|emb|latent|vae|encoder|state/i
const corrected = /harmony|bbknn|scanorama|mnn|integrated|combat/i

/** Every representation of the file, the suggested one marked. */
export async function surveyRepresentations(source: OpenSource): Promise<Representation[]> {
  const cells = source.cells.rows
  const found: Representation[] = []
  for (const embedding of source.embeddings) {
    const { key, rows, dims } = embedding
    const part = embedding.found.part
    const note = embedding.leftOut.length > 0 ? `; without ${examples(embedding.leftOut)}, which hold no numbers` : ''
    if (embedding.apart !== undefined) found.push(apart(key, rows, dims, embedding.apart))
    else if (part !== null) found.push(await judgePart(part, source, note))
    else found.push(unusable(key, rows, dims, embedding.found.error.message, { error: embedding.found.error, answeredBy: null }))
  }
  const matrix = source.expressions.find((expression) => expression.key === 'X')?.found.part
  if (matrix?.dense && matrix.columns <= mostDims)
    found.push(usable(matrix, 'the matrix itself: choose it when its columns are the dimensions', null))
  return suggest(found, cells)
}

async function judgePart(part: MatrixPart, source: OpenSource, note: string): Promise<Representation> {
  const { key, rows, columns } = part
  const cells = source.cells.rows
  if (rows !== cells) {
    const difference = rows < cells ? `${plural(cells - rows, 'cell')} missing` : `${plural(rows - cells, 'row')} too many`
    const stop = stopOf('ROW_MISMATCH', { part: key, found: rows, expected: cells })
    return unusable(
      key,
      rows,
      columns,
      `${rows} rows, but the file has ${plural(cells, 'cell')} (${difference}); not joined by position`,
      stop,
    )
  }
  const narrow =
    columns < 2 ? 'only one column' : columns === 2 || (columns === 3 && mapNames.test(key)) ? 'used for drawing only' : null
  const tooWide = columns > mostDims ? `more than ${mostDims} dimensions` : null
  const unfit = narrow ?? tooWide
  if (unfit) {
    const details = { setting: `The number of dimensions of ${key}`, range: `between 3 and ${mostDims}`, value: columns }
    return unusable(key, rows, columns, unfit, stopOf('SETTING_OUT_OF_RANGE', details))
  }
  const missing = await missingRows(part)
  if (missing.length > 0) {
    const names = examples(missing.map((row) => source.cells.index[row] ?? String(row)))
    const stop = stopOf('MISSING_NUMBERS', { count: missing.length, part: key, examples: names }, 'dropMissing')
    return usable(part, `${plural(missing.length, 'cell')} with missing numbers${note}`, stop)
  }
  return usable(part, kindOf(key, columns) + note, null)
}

async function missingRows(part: MatrixPart): Promise<number[]> {
  const looked = rowsToLookAt(part)
  const sample = await part.sample(looked)
  const rows: number[] = []
  for (let row = 0; row < sample.rows; row++) {
    const values = sample.values.subarray(sample.indptr[row], sample.indptr[row + 1])
    if (rowsWithMissing(values, Math.max(1, values.length)).length > 0) rows.push(looked[row] as number)
  }
  return rows
}

function kindOf(key: string, dims: number): string {
  if (learned.test(key)) return `learned by a model, ${dims} dimensions`
  if (/pca/i.test(key)) return `principal components, ${dims} dimensions`
  return `${dims} dimensions`
}

function unusable(key: string, rows: number, dims: number, reason: string, stop: Stop): Representation {
  return { info: { key, rows, dims, usable: false, suggested: false, reason }, part: null, computed: false, stop }
}

/** Of other cells of the file: it can be asked for, but is not looked at here. */
function apart(key: string, rows: number, dims: number, reason: string): Representation {
  const info = { key, rows, dims, usable: dims > 2 && dims <= mostDims, suggested: false, reason }
  return { info, part: null, computed: false, stop: null }
}

function usable(part: MatrixPart, reason: string, stop: Stop | null): Representation {
  const info = { key: part.key, rows: part.rows, dims: part.columns, usable: true, suggested: false, reason }
  return { info, part, computed: false, stop }
}

/** Learned before corrected before others before PCA; whole before missing; in range before too few dimensions. */
function suggest(found: readonly Representation[], cells: number): Representation[] {
  const weigh = ({ info, part, stop }: Representation): number => {
    if (!info.usable || part === null || info.key === 'X' || cells === 0) return 0
    const kind = learned.test(info.key) ? 4 : corrected.test(info.key) ? 3 : /pca/i.test(info.key) ? 2 : 1
    return kind + (info.dims >= fewestDims ? 10 : 0) + (stop === null ? 100 : 0)
  }
  let best: Representation | null = null
  for (const each of found) if (weigh(each) > (best ? weigh(best) : 0)) best = each
  return found.map((each) => {
    if (each !== best) return each
    const small =
      each.info.dims < fewestDims ? `only ${each.info.dims} dimensions, but nothing larger is in the file` : each.info.reason
    return { ...each, info: { ...each.info, suggested: true, reason: small } }
  })
}

/** The representation asked for, or the suggested one; refuses when there is none or it cannot be taken. */
export function chooseRepresentation(found: readonly Representation[], key: string | null): Representation {
  const wanted =
    key === null
      ? found.find((each) => each.info.suggested)
      : (found.find(({ info }) => info.key === key) ?? found.find(({ info }) => info.key === `obsm/${key}`))
  if (!wanted) {
    if (key === null || found.length === 0) refuse('NO_REPRESENTATION')
    refuse('CHOICE_UNKNOWN', { what: 'representation', key, known: found.map((each) => each.info.key).join(', ') })
  }
  if (wanted.part === null && !wanted.computed) {
    if (wanted.stop) throw new Refusal(wanted.stop.error)
    refuse('PART_UNREADABLE', { part: wanted.info.key, why: wanted.info.reason })
  }
  return wanted
}
