// How long a run will still take. Two rules: the speed is that of the later half of the time so far, so that a slow
// start is forgotten and a change is followed; and what comes after training is planned from a trial of its parts, then
// corrected by how long they really take.

const mostMarks = 512

/** Seconds left in a loop of equal steps. Knows nothing of earlier sessions: only steps taken here count. */
export class LoopTime {
  private marks: { readonly at: number; readonly step: number }[]

  /** `at`: seconds on any clock that only moves forward. */
  constructor(at: number, step: number) {
    this.marks = [{ at, step }]
  }

  /** Notes how far the loop is. */
  note(at: number, step: number): void {
    this.marks.push({ at, step })
    if (this.marks.length > mostMarks) this.marks = this.marks.filter((_, place) => place % 2 === 0)
  }

  /** Seconds per step over the later half of the time; null before there are two notes. */
  get secondsPerStep(): number | null {
    const first = this.marks[0]
    const last = this.marks.at(-1)
    if (!first || !last) return null
    const half = (first.at + last.at) / 2
    const from = this.marks.findLast((mark) => mark.at <= half && mark.step < last.step) ?? first
    return last.step > from.step ? (last.at - from.at) / (last.step - from.step) : null
  }
}

/** A part of a plan: so many equal pieces of so many seconds each, as far as a trial told. */
export interface PlannedPart {
  readonly name: string
  readonly pieces: number
  readonly seconds: number
}

/** Follows a plan piece by piece. */
export class Plan {
  private done = 0
  private plannedDone = 0
  private startedAt: number | null = null

  constructor(private readonly parts: readonly PlannedPart[]) {}

  get pieces(): number {
    return this.parts.reduce((sum, part) => sum + part.pieces, 0)
  }

  get piecesDone(): number {
    return this.done
  }

  get seconds(): number {
    return this.parts.reduce((sum, part) => sum + part.pieces * part.seconds, 0)
  }

  begin(at: number): void {
    this.startedAt = at
  }

  /** A piece of `part` is complete. */
  advance(name: string): void {
    this.done++
    this.plannedDone += this.parts.find((part) => part.name === name)?.seconds ?? 0
  }

  /** Seconds left: what is planned, at the pace kept so far once a twentieth is done. */
  secondsLeft(at: number): number {
    const rest = Math.max(0, this.seconds - this.plannedDone)
    if (this.startedAt === null || this.plannedDone < 0.05 * this.seconds) return rest
    return rest * ((at - this.startedAt) / this.plannedDone)
  }
}
