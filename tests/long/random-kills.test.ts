// kill -9 of the command at random moments of import, training and linking: the project always opens, nothing that was
// stored is lost, and its pages stay whole.
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { openProject } from '../../src/main/engine/project/project'
import { cliAnswer, hasNative, sampleFile, startCli } from '../run-cli'
import { temporaryFolder } from '../temporary-folder'

const kills = 50

describe.skipIf(!hasNative)('50 random kills (needs the native TensorFlow)', () => {
  it('lose nothing that was stored', async () => {
    const random = seededRandom(5)
    const project = join(temporaryFolder(), 'p.latiscope')
    await cliAnswer('new', project)
    let stored = { rows: 0, done: 0 }
    for (let kill = 0; kill < kills; kill++) {
      const words =
        stored.rows === 0
          ? ['import', project, sampleFile]
          : random.uniform() < 0.7
            ? ['train', project, '--latents', '32', '--k', '4']
            : ['link', project]
      const running = startCli(...words)
      const timer = setTimeout(() => running.process.kill('SIGKILL'), random.uniform() * 2_500)
      await running.ended
      clearTimeout(timer)
      const now = await readProject(project)
      expect(now.rows).toBeGreaterThanOrEqual(stored.rows)
      expect(now.done).toBeGreaterThanOrEqual(stored.done)
      stored = now
    }
    expect(stored).toMatchObject({ rows: 700 })
    expect(stored.done).toBeGreaterThan(0)
  })
})

/** Opens the project as the engine does; helpers of a killed command may need a moment to let go of it. */
async function readProject(file: string): Promise<{ rows: number; done: number }> {
  for (let attempt = 0; ; attempt++) {
    try {
      const project = openProject(file)
      const states = project.runs.list().map((run) => run.state)
      const rows = project.dataset.get()?.rows ?? 0
      if (rows > 0) expect(project.dataset.cellNames()).toHaveLength(rows)
      project.close()
      const db = new Database(file, { readonly: true })
      expect(db.pragma('quick_check', { simple: true })).toBe('ok')
      db.close()
      expect(states).not.toContain('training')
      return { rows, done: states.filter((state) => state === 'done').length }
    } catch (thrown) {
      if (attempt === 5 || !String(thrown).includes('FILE_LOCKED')) throw thrown
    }
  }
}
