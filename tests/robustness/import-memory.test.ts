// The memory of an import does not grow with the file: three times the values, about the same peak.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { writeCells } from '../../tools/bench/import-file.mjs'
import { cliAnswer, startCli } from '../run-cli'
import { temporaryFolder } from '../temporary-folder'

const mebibyte = 1024 * 1024

/** The most memory engine and reader of a command held, together, in bytes. */
async function peakOf(...words: string[]): Promise<number> {
  const running = startCli(...words)
  const peaks = new Map<string, number>()
  const look = setInterval(() => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const status = readFileSync(`/proc/${pid}/status`, 'utf8')
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        const helper = /(engine|reader)\.js/.exec(command)?.[1]
        if (!helper || Number(/PPid:\s+(\d+)/.exec(status)?.[1]) !== running.process.pid) continue
        const kibibytes = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0)
        peaks.set(helper, Math.max(peaks.get(helper) ?? 0, kibibytes * 1024))
      } catch {
        // It ended between two looks.
      }
    }
  }, 20)
  const { code } = await running.ended
  clearInterval(look)
  expect(code).toBe(0)
  return [...peaks.values()].reduce((sum, bytes) => sum + bytes, 0)
}

describe.skipIf(process.platform !== 'linux')('memory of an import (Linux)', () => {
  it('stays the same when there are three times as many cells', async () => {
    const folder = temporaryFolder()
    const peaks: number[] = []
    for (const cells of [20_000, 60_000]) {
      const [file, project] = [join(folder, `${cells}.h5ad`), join(folder, `${cells}.latiscope`)]
      await writeCells(file, { cells, genes: 5_000, density: 0.12 })
      await cliAnswer('new', project)
      peaks.push(await peakOf('import', project, file))
    }
    const [small = 0, large = 0] = peaks
    // 24 million more values: 190 MB in the file, and several times that if they were all held at once.
    expect((large - small) / mebibyte, `${small} and ${large} bytes`).toBeLessThan(100)
    expect(large / mebibyte).toBeLessThan(1000)
  }, 180_000)
})
