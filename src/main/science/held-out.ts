// Which rows a model never sees in training, so that its numbers can be checked on new cells. Pure, seeded.
import type { SeededRandom } from '../base/random'

export interface HeldOut {
  readonly train: Uint32Array
  readonly heldOut: Uint32Array
  /** True when whole groups (donors) were set aside. */
  readonly byGroup: boolean
}

/**
 * Sets aside `target` of `rows` rows: whole groups when `groups` (codes, −1 = missing) is given and whole groups can be
 * set aside without losing more than 40 % of the rows, single rows otherwise. Both lists ascend.
 */
export function chooseHeldOut(rows: number, target: number, groups: Int32Array | null, random: SeededRandom): HeldOut {
  const chosen = groups === null ? null : wholeGroups(rows, target, groups, random)
  const isHeldOut = new Uint8Array(rows)
  if (chosen) {
    for (let row = 0; row < rows; row++) isHeldOut[row] = chosen.has((groups as Int32Array)[row] as number) ? 1 : 0
  } else {
    const all = Uint32Array.from({ length: rows }, (_, row) => row)
    for (const row of random.sample(all, target)) isHeldOut[row] = 1
  }
  const count = isHeldOut.reduce((sum, held) => sum + held, 0)
  const heldOut = new Uint32Array(count)
  const train = new Uint32Array(rows - count)
  let held = 0
  let trained = 0
  for (let row = 0; row < rows; row++) {
    if (isHeldOut[row] === 1) heldOut[held++] = row
    else train[trained++] = row
  }
  return { train, heldOut, byGroup: chosen !== null }
}

function wholeGroups(rows: number, target: number, groups: Int32Array, random: SeededRandom): Set<number> | null {
  const sizes = new Map<number, number>()
  for (const code of groups) if (code >= 0) sizes.set(code, (sizes.get(code) ?? 0) + 1)
  if (sizes.size < 3) return null
  const order = random.shuffle(Int32Array.from([...sizes.keys()].sort((a, b) => a - b)))
  const chosen = new Set<number>()
  let total = 0
  for (const code of order) {
    const size = sizes.get(code) as number
    if (total + size > 0.4 * rows) continue
    chosen.add(code)
    total += size
    if (total >= target) return chosen
  }
  return null
}
