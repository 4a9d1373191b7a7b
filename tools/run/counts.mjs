// Counts of tests over all suites. A suite that did not run, or ended badly without a failed test, counts as a failure:
// silence is never success.

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @param {readonly Counts[]} all @returns {Counts} */
export function sum(all) {
  return all.reduce(
    (total, { passed, failed, skipped }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  )
}

/**
 * The counts in what Vitest's JSON reporter wrote.
 * @param {string | null} report its text, null when there is none
 * @param {number} exitCode of Vitest
 * @returns {Counts}
 */
export function countsOfReport(report, exitCode) {
  const parsed = report === null ? null : JSON.parse(report)
  if (parsed === null || parsed.numTotalTests === 0) return { passed: 0, failed: 1, skipped: 0 }
  // A file can fail as a whole: it does not load, or something fails before or after its tests.
  const failedFiles = parsed.testResults.filter(
    (/** @type {{ status: string, assertionResults: { status: string }[] }} */ file) =>
      file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  ).length
  const failed = parsed.numFailedTests + failedFiles
  return {
    passed: parsed.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: parsed.numPendingTests + parsed.numTodoTests,
  }
}

/** @param {Counts} counts */
export function countLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}
