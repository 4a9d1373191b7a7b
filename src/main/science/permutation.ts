// Shuffled copies of a latent: its activations dealt anew to the rows of the same stratum, so that only the link to genes is broken.
import type { SeededRandom } from '../base/random'
import type { LatentActivation, Strata } from './choose-cells'

/** A copy with the same activation values in every stratum, on other rows. */
export function shuffleWithinStrata(activation: LatentActivation, strata: Strata, random: SeededRandom): LatentActivation {
  const valuesOf = strata.members.map((): number[] => [])
  activation.cells.forEach((cell, at) => valuesOf[strata.codes[cell] as number]?.push(activation.values[at] as number))
  const dealt: { cell: number; value: number }[] = []
  valuesOf.forEach((values, stratum) => {
    const rows = random.sample(strata.members[stratum] as Uint32Array, values.length)
    random.shuffle(values).forEach((value, at) => dealt.push({ cell: rows[at] as number, value }))
  })
  dealt.sort((a, b) => a.cell - b.cell)
  return { cells: Uint32Array.from(dealt, (one) => one.cell), values: Float32Array.from(dealt, (one) => one.value) }
}
