// The static checks: types, lint and format. Each counts as one test of `npm test`.
import { start, toolPaths } from './programs.mjs'

/** @type {readonly { name: string, args: readonly string[] }[]} */
const checks = [
  { name: 'types', args: [toolPaths.vueTsc, '--noEmit', '-p', '.'] },
  { name: 'types of the tools', args: [toolPaths.vueTsc, '--noEmit', '-p', 'tools'] },
  { name: 'lint', args: [toolPaths.eslint, '.', '--max-warnings', '0'] },
  { name: 'format', args: [toolPaths.prettier, '--check', '--log-level', 'warn', '.'] },
]

/**
 * @param {import('../setup.mjs').Equipment} equipment
 * @returns {Promise<import('./counts.mjs').Counts>}
 */
export async function runChecks({ node, repository }) {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const { name, args } of checks) {
    const code = await start(node, args, { cwd: repository })
    process.stdout.write(`${code === 0 ? 'passed' : 'FAILED'}: ${name}\n`)
    if (code === 0) counts.passed += 1
    else counts.failed += 1
  }
  return counts
}
