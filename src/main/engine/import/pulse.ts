// A sign of life from deep inside long reading, where nothing else of the process gets its turn.
// Invariant: at most a few signs a second, whatever calls; who hears them may throw to end the reading.
let listener: (() => void) | null = null
let last = 0
const betweenMs = 250

/** Who hears the signs; one at a time. */
export function onPulse(heard: () => void): void {
  listener = heard
}

/** To be called between pieces of work that may each take a while. */
export function pulse(): void {
  if (listener === null) return
  const now = performance.now()
  if (now - last < betweenMs) return
  last = now
  listener()
}
