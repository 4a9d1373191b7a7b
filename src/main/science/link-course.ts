// How far a linking is, as two kinds of work: values looked at while genes are ranked, and latents tested against terms. Passes that
// are still to come are expected to be like those so far, so that time left can be told from the first pass on.
import { passCost, pairsPerPass } from './gene-ranking'

/** In units of about equal time. */
export interface WorkDone {
  readonly done: number
  /** Never less than `done`. */
  readonly of: number
}

export interface LinkStep {
  readonly phase: 'linking' | 'shuffling'
  /** Values looked at. */
  readonly ranked: WorkDone
  /** Latents and shuffled copies. */
  readonly tested: WorkDone
}

interface Extent {
  readonly cells: number
  readonly genes: number
  readonly stored: number
}

export class LinkCourse {
  private phase: LinkStep['phase'] = 'linking'
  private tested = 0
  /** Work of the passes that are complete, and of the one that runs. */
  private complete = 0
  private pass = 0
  private share = 0
  private pairs = 0
  private members = 0
  private left: Record<LinkStep['phase'], number>

  /** @param latents that are on in enough cells */
  constructor(
    private readonly extent: Extent,
    private readonly latents: number,
    private readonly copies: number,
  ) {
    this.left = { linking: latents, shuffling: copies }
  }

  startCopies(): void {
    this.phase = 'shuffling'
    this.left.linking = 0
  }

  /** A pass over the genes begins. @param members cells of all its pairs */
  beginPass(pairs: number, members: number): void {
    this.pairs += pairs
    this.members += members
    this.left[this.phase] = Math.max(0, this.left[this.phase] - pairs)
    this.pass = this.workOf(1, members)
  }

  at(share: number): void {
    this.share = share
  }

  endPass(): void {
    this.complete += this.pass
    this.pass = 0
    this.share = 0
  }

  test(): void {
    this.tested++
  }

  step(): LinkStep {
    const { linking, shuffling } = this.left
    const most = pairsPerPass(this.extent.genes)
    const passes = Math.ceil(linking / most) + Math.ceil(shuffling / most)
    const each = this.pairs === 0 ? 0 : this.members / this.pairs
    return {
      phase: this.phase,
      ranked: {
        done: this.complete + this.pass * this.share,
        of: this.complete + this.pass + this.workOf(passes, each * (linking + shuffling)),
      },
      tested: { done: this.tested, of: Math.max(this.tested, this.latents + this.copies) },
    }
  }

  private workOf(passes: number, members: number): number {
    const { stored, cells } = this.extent
    return passes * stored * passCost + (members * stored) / Math.max(1, cells)
  }
}
