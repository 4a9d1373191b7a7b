// The process that reads files may be killed, hang or be cancelled: the user gets a sentence, the engine lives, the project is untouched.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { writeCells } from '../../tools/bench/import-file.mjs'
import { openProject } from '../../src/main/engine/project/project'
import { cliAnswer, sampleFile, startCli, type RunningCli } from '../run-cli'
import { temporaryFolder } from '../temporary-folder'

const linux = process.platform === 'linux'

function childrenOf(pid: number, part: string): number[] {
  const list = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
  return list.split('\n').flatMap((line) => {
    const [child, parent] = line.trim().split(/\s+/).map(Number)
    return parent === pid && line.includes(part) && child !== undefined ? [child] : []
  })
}

/** What is in a project file: every table with its number of rows. Bytes of pages that were free before do not count. */
function contents(file: string): Record<string, unknown> {
  const db = new Database(file, { readonly: true })
  const tables = db.prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all()
  const rows = tables.map(({ name }) => [name, db.prepare(`SELECT count(*) AS rows FROM "${name}"`).get()])
  const integrity: unknown = db.pragma('integrity_check')
  db.close()
  return { ...Object.fromEntries(rows), integrity, bytes: statSync(file).size }
}
const scratchOf = (cache: string): string[] => readdirSync(join(cache, 'scratch'))

interface Started {
  readonly project: string
  readonly before: unknown
  readonly cache: string
  readonly running: RunningCli
  readonly reader: number
}

let folder: string
let large: string

/** An import that takes long enough to be met in the middle of a phase. */
async function importing(phase: string): Promise<Started> {
  const project = join(temporaryFolder(), 'p.latiscope')
  const cache = temporaryFolder()
  await cliAnswer('new', project)
  const before = contents(project)
  const running = startCli({ LATISCOPE_CACHE: cache }, 'import', project, large)
  await vi.waitFor(() => expect(running.stderr()).toContain(`"phase":"${phase}"`), { timeout: 60_000, interval: 5 })
  return { project, before, cache, running, reader: childrenOf(running.process.pid as number, 'reader.js')[0] as number }
}

describe.skipIf(!linux)('the process that reads a file (Linux)', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latiscope-test-'))
    large = join(folder, 'large.h5ad')
    await writeCells(large, { cells: 12_000, genes: 6_000, density: 0.1 })
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('killed in the middle: a sentence with a remedy, nothing stored, and the same project imports afterwards', async () => {
    const { project, before, running, reader, cache } = await importing('Reading the expression')
    process.kill(reader, 'SIGKILL')
    const { code, json } = await running.ended
    expect(code).toBe(3)
    expect(json['error']).toMatchObject({ code: 'FILE_LIBRARY_FAILED' })
    expect(String((json['error'] as { message: string }).message)).toContain('large.h5ad (it ended with SIGKILL)')
    expect(String((json['error'] as { remedy: string }).remedy)).toContain('your project is unchanged')
    expect(contents(project)).toEqual(before)
    expect(scratchOf(cache)).toEqual([])
    expect(await cliAnswer('import', project, sampleFile, '--representation', 'obsm/X_pca')).toMatchObject({ rows: 700 })
  }, 120_000)

  it('stuck: it is ended after a while and said so', async () => {
    const { project, before, running, reader } = await importing('Reading the expression')
    process.kill(reader, 'SIGSTOP')
    const { code, json } = await running.ended
    expect(code).toBe(3)
    expect(String((json['error'] as { message: string }).message)).toMatch(/did not answer for \d+ seconds/)
    expect(contents(project)).toEqual(before)
  }, 120_000)

  it.each(['Reading the expression', 'storing'])(
    'Ctrl+C while %s: nothing is left behind',
    async (phase) => {
      const { project, before, running, cache } = await importing(phase)
      running.process.kill('SIGINT')
      const { code } = await running.ended
      const opened = openProject(project)
      const stored = opened.dataset.get()
      opened.close()
      // The last moment may be missed: then all of it is there.
      expect([code, stored === null]).toEqual(code === 130 ? [130, true] : [0, false])
      if (code === 130) expect(contents(project)).toEqual(before)
      expect(scratchOf(cache)).toEqual([])
    },
    120_000,
  )

  it('killed engine while storing: the project opens as it was', async () => {
    const { project, running } = await importing('storing')
    for (const pid of childrenOf(running.process.pid as number, 'engine.js')) process.kill(pid, 'SIGKILL')
    await running.ended
    const opened = openProject(project)
    const stored = opened.dataset.get()
    opened.close()
    expect(stored).toBeNull()
  }, 120_000)
})
