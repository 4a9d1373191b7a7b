// Is a latent local, regional or global over the values of a column, such as cell types? Judged by effect size, so that the answer
// does not depend on the number of cells. Rule and reasons: docs/linking.md.

export interface BreadthJudgement {
  readonly breadth: 'local' | 'regional' | 'global'
  /** Levels in which the latent is clearly stronger than elsewhere, strongest first. */
  readonly marked: readonly number[]
  /** exp of the entropy of the mean activation per level: 1 = one level only, number of levels = even. */
  readonly effective: number
}

/** A level with fewer rows, or fewer active ones, is not judged: a few cells make any mean. */
const fewestCells = 5
const strongerBy = 2
/** A marked level is at least this strong beside the strongest. */
const leastBeside = 0.25

/**
 * @param mass sum of the activation in each level @param sizes rows in each level @param active active rows in each level
 * @param total sum of the activation over all rows @param rows all rows
 * @returns null without activation or with fewer than two levels of at least 5 rows
 */
export function judgeBreadth(
  { mass, sizes, active }: { readonly mass: Float64Array; readonly sizes: Float64Array; readonly active: Float64Array },
  total: number,
  rows: number,
): BreadthJudgement | null {
  const levels = Array.from(sizes.keys()).filter((level) => (sizes[level] as number) >= fewestCells)
  const means = levels.map((level) => (mass[level] as number) / (sizes[level] as number))
  const sum = means.reduce((all, mean) => all + mean, 0)
  if (levels.length < 2 || !(sum > 0)) return null
  const shares = means.map((mean) => mean / sum)
  const effective = Math.exp(-shares.reduce((all, share) => all + (share > 0 ? share * Math.log(share) : 0), 0))
  const order = levels.map((level, at) => ({ level, mean: means[at] as number }))
  order.sort((a, b) => b.mean - a.mean || a.level - b.level)
  const marked: number[] = []
  let [restMass, restRows] = [total, rows]
  const strongest = order[0]?.mean ?? 0
  for (const { level, mean } of order) {
    restMass -= mass[level] as number
    restRows -= sizes[level] as number
    // Against the weaker cells only: a very strong level must not hide a second one.
    const clearly = mean >= (strongerBy * Math.max(0, restMass)) / restRows && mean >= leastBeside * strongest
    if (restRows < fewestCells || !clearly) break
    if ((active[level] as number) >= fewestCells) marked.push(level)
  }
  const breadth = marked.length === 1 ? 'local' : marked.length > 1 && marked.length <= levels.length / 2 ? 'regional' : 'global'
  return { breadth, marked, effective }
}
