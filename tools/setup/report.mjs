// What set-up tells the person at the terminal. Everything goes to stderr: stdout belongs to the command line's JSON.

/** A reason to stop that the person can act on. Its message is one sentence: what, why, what to do. */
export class SetupProblem extends Error {}

/** @param {string} sentence */
export function say(sentence) {
  process.stderr.write(`latiscope: ${sentence}\n`)
}

/** @param {number} bytes @returns {string} */
export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`
}

/**
 * One progress line: rewritten in place on a terminal, a new line per tenth elsewhere (logs stay short).
 * @param {string} label
 * @param {number} total bytes; 0 when unknown
 */
export function progress(label, total) {
  const onTerminal = Boolean(process.stderr.isTTY)
  let lastTenth = -1
  const text = (/** @type {number} */ done) =>
    total > 0
      ? `${label}: ${String(Math.min(100, Math.floor((100 * done) / total))).padStart(3)} % of ${megabytes(total)}`
      : `${label}: ${megabytes(done)}`
  return {
    /** @param {number} done bytes so far */
    at(done) {
      const tenth = Math.floor(total > 0 ? Math.min(10, (10 * done) / total) : done / 2e7)
      if (onTerminal) process.stderr.write(`\r\u001b[Klatiscope: ${text(done)}`)
      else if (tenth > lastTenth) say(text(done))
      lastTenth = Math.max(lastTenth, tenth)
    },
    end() {
      if (onTerminal) process.stderr.write('\r\u001b[K')
    },
  }
}
