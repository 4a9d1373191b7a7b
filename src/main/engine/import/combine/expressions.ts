// Expression matrices of several files as one: the same genes in the same columns, numbers of the same kind.
// Invariant: matrices of different kinds are only put together after both were brought to log values per 10,000.
import type { AppError, GeneUnion, Problem } from '@contract'
import { appError } from '@contract'
import type { Csr } from '../../../base/sparse'
import { changeRows, countsPerCell, depthFactors, totalsOf } from '../../../science/normalise'
import { judge, type Judgement } from '../../../science/verdict'
import { onScale } from '../expressions'
import type { GeneResolver } from '../gene-resolver'
import { counted, info, warning } from '../problems'
import { rowsToLookAt } from '../sampling'
import type { ExpressionSource, MatrixPart, OpenSource } from '../source-reader'
import { unitedGenes } from './genes'
import { changedPart, movedColumns, stackedPart } from './parts'

interface File {
  readonly source: OpenSource
  readonly fileName: string
}

interface United {
  readonly expressions: readonly ExpressionSource[]
  readonly problems: readonly Problem[]
}

/** Matrices that every file has, by their key. */
export async function unitedExpressions(files: readonly File[], union: GeneUnion, resolver: GeneResolver): Promise<United> {
  const [first, ...others] = files.map(({ source }) => source.expressions)
  const expressions: ExpressionSource[] = []
  const problems: Problem[] = []
  for (const each of first ?? []) {
    const same = [each, ...others.flatMap((of) => of.filter((other) => other.key === each.key).slice(0, 1))]
    if (same.length === files.length) expressions.push(await united(same, files, { union, resolver, problems }))
  }
  const left = (first ?? []).filter((each) => !expressions.some((kept) => kept.key === each.key)).map((each) => each.key)
  if (left.length > 0 || (expressions.length === 0 && files.some(({ source }) => source.expressions.length > 0))) {
    const message = `Expression that is not in every file is left out${left.length > 0 ? `: ${left.join(', ')}` : ''}.`
    problems.push(warning('EXPRESSION_LEFT_OUT', message, 'Use files that hold the same matrices.'))
  }
  return { expressions, problems }
}

interface Uniting {
  readonly union: GeneUnion
  readonly resolver: GeneResolver
  readonly problems: Problem[]
}

async function united(
  same: readonly ExpressionSource[],
  files: readonly File[],
  { union, resolver, problems }: Uniting,
): Promise<ExpressionSource> {
  const { key, featureType } = same[0] as ExpressionSource
  const genes = unitedGenes(
    same.map((each) => each.genes),
    union,
    resolver,
  )
  const rows = same.reduce((sum, each) => sum + each.rows, 0)
  const columns = genes.genes.rows
  const common = { key, rows, columns, genes: genes.genes, ...(featureType === undefined ? {} : { featureType }) }
  const failed = (error: AppError): ExpressionSource => ({ ...common, found: { part: null, error } })
  const broken = same.find((each) => each.found.part === null)
  if (broken?.found.error) return failed(broken.found.error)
  if (columns === 0) {
    const next = 'Check that the files are of the same species and name genes alike.'
    return failed(appError('PART_UNREADABLE', { part: key, why: 'the files share no gene', next }))
  }
  const parts = same.flatMap((each) => (each.found.part ? [each.found.part] : []))
  const judged: Judgement[] = []
  for (const [at, part] of parts.entries()) {
    judged.push(judge(await part.sample(rowsToLookAt(part)), files[at]?.source.logRecorded === true && !/count|raw/.test(key)))
  }
  const scaled = sameScale(parts, judged, files, key, problems)
  if (scaled === null) {
    const kinds = judged.map(({ verdict }, at) => `${files[at]?.fileName} holds ${verdict} values`).join(', ')
    const next = 'Write all files with counts, or import one of them alone.'
    return failed(appError('PART_UNREADABLE', { part: key, why: `the kinds of numbers do not fit together (${kinds})`, next }))
  }
  problems.push(...geneNotes(key, union, genes))
  const moved = scaled.map((part, at) => movedColumns(part, genes.places[at] ?? new Int32Array(0), columns))
  return { ...common, found: { part: stackedPart(key, moved), error: null } }
}

function geneNotes(
  key: string,
  union: GeneUnion,
  { shared, all, byMeaning }: { shared: number; all: number; byMeaning: boolean },
): Problem[] {
  const problems: Problem[] = []
  if (byMeaning) {
    const message = `${key}: the files name genes differently (symbols, Ensembl ids); they are matched by the gene they mean.`
    problems.push(info('GENES_MATCHED', message, 'Nothing needs to be done.'))
  }
  if (shared === all) return problems
  const some = counted(all - shared)
  if (union === 'all') {
    const message = `${key}: ${some} of ${counted(all)} genes are not in every file; where a gene is missing it counts as not seen.`
    problems.push(
      warning(
        'GENES_FILLED',
        message,
        'To compare files by such genes would be wrong; use the shared genes (--genes shared) to be safe.',
      ),
    )
  } else {
    const message = `${key}: ${counted(shared)} genes are in all files and are taken; ${some} others are left out.`
    problems.push(info('GENES_SHARED', message, 'To keep them, with missing ones counted as not seen, use --genes all.'))
  }
  return problems
}

const toLog: readonly Judgement['verdict'][] = ['counts', 'log1p', 'log2', 'normalised']

/** The parts as they are when all hold the same kind of numbers, otherwise log values per 10,000; null where that cannot be. */
function sameScale(
  parts: readonly MatrixPart[],
  judged: readonly Judgement[],
  files: readonly File[],
  key: string,
  problems: Problem[],
): readonly MatrixPart[] | null {
  const [first] = judged
  const targets = judged.map(({ target }) => target).filter((target) => target !== null)
  const alike = judged.every(({ verdict }) => verdict === first?.verdict)
  const logged = first?.verdict === 'log1p' || first?.verdict === 'log2'
  const sameTarget = !logged || targets.every((target) => Math.abs(target / (targets[0] ?? 1) - 1) <= 0.01)
  if (alike && sameTarget) return parts
  if (!judged.every(({ verdict }) => toLog.includes(verdict))) return null
  const kinds = judged.map(
    ({ verdict, target }, at) =>
      `${files[at]?.fileName} ${verdict}${target === null ? '' : ` (total ${counted(Math.round(target))})`}`,
  )
  const message = `${key}: the files hold different kinds of numbers (${kinds.join(', ')}); all are brought to log values of counts per 10,000.`
  problems.push(info('SCALES_UNITED', message, 'Nothing needs to be done.'))
  return parts.map((part, at) => {
    const judgement = judged[at] as Judgement
    return changedPart(part, part.columns, (rows) => perTenThousand(rows, judgement))
  })
}

/** Values of any kind that has a depth as log values per 10,000. */
function perTenThousand(rows: Csr, judgement: Judgement): Csr {
  const { verdict, target } = judgement
  const { change } = onScale(judgement)
  const matrix = change === 'none' ? rows : { ...rows, values: rows.values.slice() }
  changeRows(matrix, change, change === 'log1p' ? depthFactors(totalsOf(rows)) : null)
  if ((verdict !== 'log1p' && verdict !== 'log2') || target === null || Math.abs(target / countsPerCell - 1) <= 0.01)
    return matrix
  const factor = countsPerCell / target
  return { ...matrix, values: matrix.values.map((value) => Math.log1p(Math.expm1(value) * factor)) }
}
