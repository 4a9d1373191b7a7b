// Runs the named benchmarks (tools/bench/NAME.mjs, each exporting `run`) one after another, never two at once, and
// writes their rows as one JSON document or as a table.

/**
 * @typedef {{ name: string, case: string | null, ours: number, peer?: number | null, peerName?: string | null,
 *   unit: string, detail?: Record<string, unknown> }} Measured
 * @typedef {Measured & { peer: number | null, peerName: string | null, ratio: number | null }} Row
 */

/**
 * A row in the fixed shape: ratio is peer ÷ ours, so that higher is better; null where there is no peer.
 * @param {Measured} measured @returns {Row}
 */
export function completeRow({ name, case: shape, ours, peer = null, peerName = null, unit, detail = {} }) {
  return { name, case: shape, ours, peer, peerName, unit, ratio: peer === null || ours === 0 ? null : peer / ours, detail }
}

/** @param {readonly Row[]} rows @returns {string} */
export function table(rows) {
  const lines = rows.map((row) => [
    row.name,
    row.case ?? '',
    `${round(row.ours)} ${row.unit}`,
    row.peer === null ? '–' : `${round(row.peer)} ${row.unit} (${row.peerName ?? 'peer'})`,
    row.ratio === null ? '–' : `${round(row.ratio)} ×`,
    Object.entries(row.detail ?? {})
      .map(([key, value]) => `${key} ${typeof value === 'number' ? round(value) : JSON.stringify(value)}`)
      .join(', '),
  ])
  const all = [['benchmark', 'case', 'ours', 'peer', 'ratio', 'detail'], ...lines]
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((cells) => (cells[column] ?? '').length)))
  return all
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function round(/** @type {number} */ value) {
  return Number(value.toPrecision(3))
}

if (process.argv[1]?.endsWith('bench-runner.mjs')) {
  const isJson = process.argv.includes('--json')
  /** @type {Row[]} */
  const rows = []
  for (const name of process.argv.slice(2).filter((argument) => !argument.startsWith('--'))) {
    const { run } = await import(new URL(`../bench/${name}.mjs`, import.meta.url).href)
    /** @type {Measured[]} */
    const measured = await run({ json: isJson, large: process.argv.includes('--large'), env: process.env })
    rows.push(...measured.map(completeRow))
  }
  process.stdout.write(isJson ? `${JSON.stringify(rows)}\n` : `${table(rows)}\n`)
}
