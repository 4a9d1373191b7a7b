// How long a run will still take. Two rules: the speed is that of the later half of the time so far, with the time for
// live points counted apart, so that a slow start is forgotten and a change is followed; and what comes after training is
// planned from tries of its parts, then corrected by how long they really take.
import { RecentPace } from '../base/recent-pace'

/**
 * Seconds left in a loop of equal steps. Only steps after the first note count: those before it load and compile what the
 * others find ready, and may take a hundred times as long.
 */
export class LoopTime {
  private readonly pace = new RecentPace()

  /** Notes how far the loop is. `at`: seconds on any clock that only moves forward. */
  note(at: number, step: number): void {
    this.pace.note(at, step)
  }

  /** Seconds per step over the later half of the time; null before there are two notes. */
  get secondsPerStep(): number | null {
    const { seconds, done } = this.pace.laterHalf
    return done > 0 ? seconds / done : null
  }
}

/** A part of a plan: so many equal pieces of so many seconds each, as far as a trial told. */
export interface PlannedPart {
  readonly name: string
  readonly pieces: number
  readonly seconds: number
}

const trustInPlan = 0.1

/** Follows a plan piece by piece. */
export class Plan {
  private done = 0
  private plannedDone = 0
  private startedAt: number | null = null
  private readonly doneOf = new Map<string, number>()

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

  /** Planned for one part. */
  secondsOf(name: string): number {
    return this.parts.reduce((sum, part) => sum + (part.name === name ? part.pieces * part.seconds : 0), 0)
  }

  begin(at: number): void {
    this.startedAt = at
  }

  /** A piece of `part` is complete. */
  advance(name: string): void {
    this.count(name, 1)
  }

  /** Nothing of `part` is left, however many pieces there were. */
  finish(name: string): void {
    const part = this.parts.find((each) => each.name === name)
    if (part) this.count(name, part.pieces - (this.doneOf.get(name) ?? 0))
  }

  private count(name: string, pieces: number): void {
    this.done += pieces
    this.doneOf.set(name, (this.doneOf.get(name) ?? 0) + pieces)
    this.plannedDone += pieces * (this.parts.find((part) => part.name === name)?.seconds ?? 0)
  }

  /** Seconds left: what is planned, at the pace kept so far, in which the plan counts as much as a tenth of it done. */
  secondsLeft(at: number): number {
    const rest = Math.max(0, this.seconds - this.plannedDone)
    if (this.startedAt === null || rest === 0) return rest
    const trusted = trustInPlan * this.seconds
    return rest * ((at - this.startedAt + trusted) / (this.plannedDone + trusted))
  }
}
