// How long a job of known kinds of work will still take. Each kind has its own speed, that of the later half of the time spent on it,
// so that a slow start is forgotten; before a kind has been seen, what it usually costs, corrected by how much slower or faster than
// usual the others were here.
import { RecentPace } from '../../base/recent-pace'

/** Amounts are in units of about equal time, and may be corrected on the way. */
export interface Amount {
  readonly done: number
  readonly of: number
}

interface Part {
  readonly usual: number
  done: number
  of: number
  /** Spent on this kind. */
  seconds: number
  /** By the seconds spent on this kind. */
  readonly recent: RecentPace
}

/** What is measured counts as much as the usual speed once so much of a kind, or of the whole job, is done. */
const trustInUsual = { kind: 0.05, job: 0.03 }

export class Forecast<Kind extends string> {
  private readonly parts: Map<Kind, Part>
  private last: number
  private shown = 0

  /** @param work per kind: how much there is, and the seconds one unit usually takes @param now seconds on a clock that only moves forward */
  constructor(work: Readonly<Record<Kind, { readonly of: number; readonly usual: number }>>, now: number) {
    const kinds = Object.entries(work) as [Kind, { of: number; usual: number }][]
    this.parts = new Map(
      kinds.map(([kind, { of, usual }]) => {
        const recent = new RecentPace()
        recent.note(0, 0)
        return [kind, { usual, of, done: 0, seconds: 0, recent }]
      }),
    )
    this.last = now
  }

  /** Notes how far each kind is. The time since the last note is shared out by what was done in it. */
  note(now: number, amounts: Readonly<Partial<Record<Kind, Amount>>>): void {
    const passed = now - this.last
    this.last = now
    const grown = (Object.entries(amounts) as [Kind, Amount][]).flatMap(([kind, { done, of }]) => {
      const part = this.parts.get(kind)
      if (!part) return []
      const usual = Math.max(0, done - part.done) * part.usual
      part.done = done
      part.of = of
      return [{ part, usual }]
    })
    const all = grown.reduce((sum, { usual }) => sum + usual, 0)
    if (all > 0)
      for (const { part, usual } of grown) {
        part.seconds += (passed * usual) / all
        part.recent.note(part.seconds, part.done)
      }
  }

  get secondsLeft(): number {
    const pace = this.pace
    return this.sum((part) => Math.max(0, part.of - part.done) * speedOf(part, pace))
  }

  /** Share of the time that is over, 0 to 1; it never falls. */
  get share(): number {
    const over = this.sum((part) => part.seconds)
    const all = over + this.secondsLeft
    this.shown = Math.max(this.shown, all === 0 ? 0 : over / all)
    return this.shown
  }

  /** How much slower than usual it is here. */
  private get pace(): number {
    const latest = [...this.parts.values()].map((part) => ({ ...part.recent.laterHalf, usual: part.usual }))
    const usual = latest.reduce((sum, half) => sum + half.done * half.usual, 0)
    const trusted = trustInUsual.job * this.sum((part) => part.of * part.usual)
    return usual === 0 ? 1 : (latest.reduce((sum, half) => sum + half.seconds, 0) + trusted) / (usual + trusted)
  }

  private sum(of: (part: Part) => number): number {
    return [...this.parts.values()].reduce((sum, part) => sum + of(part), 0)
  }
}

/** Seconds per unit: as measured, with the usual speed as if that had been seen on a small share. */
function speedOf(part: Part, pace: number): number {
  const { seconds, done } = part.recent.laterHalf
  const trusted = trustInUsual.kind * part.of
  return done + trusted === 0 ? 0 : (seconds + trusted * part.usual * pace) / (done + trusted)
}
