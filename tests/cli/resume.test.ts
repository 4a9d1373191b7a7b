// Pausing, going on and estimating from the command line.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openProject } from '../../src/main/engine/project/project'
import { cli, cliAnswer, hasNative, sampleFile, startCli } from '../run-cli'
import { runPrint } from '../run-print'

const long = ['--latents', '64', '--k', '8', '--steps', '3000']
const folder = mkdtempSync(join(tmpdir(), 'latiscope-test-'))
const project = join(folder, 'p.latiscope')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(!hasNative)('a training from the command line (needs the native TensorFlow)', () => {
  beforeAll(async () => {
    process.env['LATISCOPE_CACHE'] = join(folder, 'cache')
    await cliAnswer('new', project)
    await cliAnswer('import', project, sampleFile, '--representation', 'obsm/X_pca')
  })

  it('that is stopped with Ctrl+C ends with 130 and goes on later to the same bytes', async () => {
    await cliAnswer('train', project, ...long)
    const running = startCli('train', project, ...long)
    await vi.waitFor(() => expect(running.stderr()).toMatch(/"step":\d{2,},"of":3000/), { timeout: 60_000, interval: 20 })
    running.process.kill('SIGINT')
    expect((await running.ended).code).toBe(130)
    const opened = openProject(project)
    expect(opened.runs.get(2)?.state).toBe('cancelled')
    opened.close()
    const resumed = startCli('train', project, '--resume', '2')
    const { code, json, stderr } = await resumed.ended
    expect([code, json['run'], json['stoppedAt']]).toEqual([0, 2, null])
    const steps = stderr.split('\n').flatMap((line) => /"step":(\d+),"of":3000/.exec(line)?.[1] ?? [])
    expect(Number(steps[0])).toBeGreaterThan(1)
    expect(runPrint(project, 2)).toBe(runPrint(project, 1))
  })

  it('can be resumed only while it is unfinished, with the settings it had', async () => {
    expect(await cli('train', project, '--resume', '1')).toMatchObject({
      code: 3,
      json: { error: { code: 'RUN_NOT_RESUMABLE' } },
    })
    expect(await cli('train', project, '--resume', '99')).toMatchObject({ code: 3, json: { error: { code: 'RUN_NOT_FOUND' } } })
    expect(await cli('train', project, '--resume', '1', '--k', '9')).toMatchObject({
      code: 2,
      json: { error: { code: 'USAGE' } },
    })
  })

  it('is estimated without storing anything', async () => {
    const answer = await cliAnswer<Record<string, unknown>>('train', project, ...long, '--estimate')
    expect(answer).toMatchObject({ firingsPerLatent: (560 * 8) / 64, settings: { latents: 64, k: 8, steps: 3000 } })
    expect(answer['seconds']).toBeGreaterThan(0.1)
    expect(answer['memoryBytes']).toBeGreaterThan(1e8)
    expect(answer['diskBytes']).toBeGreaterThan(1e5)
    expect(answer['advice']).toEqual([expect.stringContaining('70 cells to learn from')])
    const opened = openProject(project)
    expect(opened.runs.list()).toHaveLength(2)
    opened.close()
  })
})
