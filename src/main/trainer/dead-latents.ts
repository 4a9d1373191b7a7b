// Which latents have not fired lately. A latent is dead when none of the last `deadAfter` training rows turned it on.
export class DeadLatents {
  private readonly lastFired: Float64Array
  private seen = 0

  constructor(
    latents: number,
    private readonly deadAfter: number,
  ) {
    this.lastFired = new Float64Array(latents)
  }

  /** For each latent, how many rows had been seen when it last fired (not copied); and how many there are now. */
  save(): { readonly lastFired: Float64Array; readonly seen: number } {
    return { lastFired: this.lastFired, seen: this.seen }
  }

  restore({ lastFired, seen }: { readonly lastFired: ArrayLike<number>; readonly seen: number }): void {
    this.lastFired.set(lastFired)
    this.seen = seen
  }

  /** Takes note of a batch: `fired` names the latents that were on. */
  update(fired: Int32Array, rows: number): void {
    this.seen += rows
    for (const latent of fired) this.lastFired[latent] = this.seen
  }

  /** Counts latents as just on, because they restarted. */
  revive(latents: Int32Array): void {
    for (const latent of latents) this.lastFired[latent] = this.seen
  }

  /** Numbers of the dead latents, ascending. */
  list(): Int32Array {
    const dead: number[] = []
    for (let latent = 0; latent < this.lastFired.length; latent++) {
      if (this.seen - (this.lastFired[latent] as number) >= this.deadAfter) dead.push(latent)
    }
    return Int32Array.from(dead)
  }
}
