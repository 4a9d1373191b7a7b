// Heights of the small bars that show how values are spread. Pure.
export interface ValueBar {
  readonly label: string
  readonly share: number
  /** 0..1 of the space for bars. */
  readonly height: number
  /** True for a bar too high to draw at scale; its share is then written above it. */
  readonly cut: boolean
}

/** The first class (zeros) is usually far larger than all others: bars are scaled to the others, and a larger one is cut and labelled. */
export function histogramBars(classes: readonly { readonly label: string; readonly share: number }[]): ValueBar[] {
  const others = Math.max(0, ...classes.slice(1).map((entry) => entry.share))
  const top = others > 0 ? others * 1.4 : Math.max(...classes.map((entry) => entry.share), 1e-9)
  return classes.map(({ label, share }) => ({ label, share, height: Math.min(1, share / top), cut: share > top }))
}
