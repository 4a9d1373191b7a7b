// The zoom levels of the window, 50 to 200 %. Pure.
const levels = [0.5, 0.67, 0.75, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2] as const

/** The next level above (1) or below (−1) `factor`, or the usual one (0). */
export function nextZoom(factor: number, step: 1 | 0 | -1): number {
  if (step === 0) return 1
  if (step === 1) return levels.find((level) => level > factor + 0.005) ?? 2
  return levels.findLast((level) => level < factor - 0.005) ?? 0.5
}
