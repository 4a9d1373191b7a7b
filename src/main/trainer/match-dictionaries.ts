// Which latents return in other dictionaries: matching of the first one with each other one, beside the same matching with
// a shuffled copy (chance), and the latents that several dictionaries share. Reads and writes as base/trainer-work.ts says.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seededRandom, type SeededRandom } from '../base/random'
import type { ConsensusWork, MatchOutcome, MatchWork } from '../base/trainer-work'
import type { DenseMath } from './dense-math'
import type { Pause } from './encode'
import { matchRows } from './one-to-one'
import { unitRows } from './weight-health'

const shuffleStream = 12

export async function matchDictionaries(work: MatchWork, math: DenseMath, pause: Pause): Promise<MatchOutcome> {
  const first = decoderOf(work, 0)
  const gaps: number[] = []
  for (let at = 1; at < work.latents.length; at++) {
    const other = decoderOf(work, at)
    const { partner, cosine, gap } = await matchRows(math, first, other, work.dims, pause)
    const shuffled = shuffledCopy(other, work.dims, seededRandom(work.seed + at, shuffleStream))
    const chance = await matchRows(math, first, shuffled, work.dims, pause)
    writeFileSync(join(work.scratch, `partner-${at}.i32`), partner)
    writeFileSync(join(work.scratch, `cosine-${at}.f32`), cosine)
    writeFileSync(join(work.scratch, `chance-${at}.f32`), chance.cosine)
    gaps.push(gap)
  }
  return { kind: 'match', gaps }
}

/**
 * Chance: every dimension keeps its values but deals them out anew among the rows. So dimensions that all rows use much,
 * such as the first principal components, count as much as before, but the directions are gone.
 */
export function shuffledCopy(decoder: Float32Array, dims: number, random: SeededRandom): Float32Array {
  const rows = decoder.length / dims
  const unit = unitRows(decoder, dims)
  const out = new Float32Array(decoder.length)
  for (let dim = 0; dim < dims; dim++) {
    const order = random.shuffle(Uint32Array.from({ length: rows }, (_, row) => row))
    order.forEach((from, row) => (out[row * dims + dim] = unit[from * dims + dim] as number))
  }
  return unitRows(out, dims)
}

/**
 * Templates grow dictionary by dictionary: each is matched one-to-one with the templates so far (the mean direction of
 * their members); what is matched with at least `same` joins, what is not becomes a template of its own.
 */
export async function shareLatents(work: ConsensusWork, math: DenseMath, pause: Pause): Promise<Int32Array> {
  const { dims } = work
  const count = work.latents.length
  let sums = new Float32Array(0)
  const members: number[][] = []
  for (let at = 0; at < count; at++) {
    const rows = unitRows(decoderOf(work, at), dims)
    const { partner, cosine } = await matchRows(math, rows, sums, dims, pause)
    const fresh: number[] = []
    partner.forEach((template, row) => {
      if (template < 0 || (cosine[row] as number) < work.same) return void fresh.push(row)
      ;(members[template] as number[])[at] = row
      for (let dim = 0; dim < dims; dim++)
        sums[template * dims + dim] = (sums[template * dims + dim] as number) + (rows[row * dims + dim] as number)
    })
    const grown = new Float32Array(sums.length + fresh.length * dims)
    grown.set(sums)
    fresh.forEach((row, place) => {
      grown.set(rows.subarray(row * dims, (row + 1) * dims), sums.length + place * dims)
      const own = new Array<number>(count).fill(-1)
      own[at] = row
      members.push(own)
    })
    sums = grown
  }
  const flat = Int32Array.from(members.flat())
  writeFileSync(join(work.scratch, 'members.i32'), flat)
  return flat
}

function decoderOf(work: MatchWork | ConsensusWork, at: number): Float32Array {
  const bytes = readFileSync(join(work.scratch, `decoder-${at}.f32`))
  const rows = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
  if (rows.length !== (work.latents[at] as number) * work.dims) throw new Error(`decoder-${at}.f32 has the wrong size`)
  return rows
}
