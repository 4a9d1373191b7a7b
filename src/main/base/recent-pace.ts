// How fast something goes of late: over the later half of the time so far, so that a slow start is forgotten and a change is followed.

interface Mark {
  readonly seconds: number
  readonly done: number
}

/** More marks than these are thinned out to every other one. */
const mostMarks = 512

export class RecentPace {
  private marks: Mark[] = []

  /** Notes how much is done. `seconds`: on any clock that only moves forward. */
  note(seconds: number, done: number): void {
    this.marks.push({ seconds, done })
    if (this.marks.length > mostMarks) this.marks = this.marks.filter((_, place) => place % 2 === 0)
  }

  /** What was done in the later half of the time between the first note and the last, and in how many seconds; zeros before there are two. */
  get laterHalf(): Mark {
    const first = this.marks[0]
    const last = this.marks.at(-1)
    if (!first || !last) return { seconds: 0, done: 0 }
    const half = (first.seconds + last.seconds) / 2
    const from = this.marks.findLast((mark) => mark.seconds <= half && mark.done < last.done) ?? first
    return { seconds: last.seconds - from.seconds, done: last.done - from.done }
  }
}
