// An import asks for room on the disks before it writes, and scratch files of processes that died are removed.
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { refuseWithoutSpace, spaceFor } from '../../src/main/engine/import/space'
import { sweepCache } from '../../src/main/engine/analysis/checkpoint-folders'
import { makeScratch, Scratch } from '../../src/main/engine/scratch/folder'
import { temporaryFolder } from '../temporary-folder'
import { codeOf, sentenceOf } from './fixtures/reading'

const project = { folder: '/p', where: 'the project', bytes: 4e9 }
const cache = { folder: '/c', where: 'the cache folder', bytes: 3e9 }

describe('room for an import', () => {
  it('is enough when each disk has what it needs', async () => {
    const facts = (folder: string) => Promise.resolve({ device: folder === '/p' ? 1 : 2, free: 4e9 })
    expect(await codeOf(refuseWithoutSpace([project, cache], facts))).toBe('accepted')
  })

  it('is short when one disk has to hold both', async () => {
    const facts = () => Promise.resolve({ device: 1, free: 4e9 })
    expect(await sentenceOf(refuseWithoutSpace([project, cache], facts))).toBe(
      'The import would need about 7.0 GB of disk space on the disk of the project and the cache folder; 4.0 GB are free.',
    )
  })

  it('is looked up on real folders', async () => {
    const folder = temporaryFolder()
    expect(await codeOf(refuseWithoutSpace([{ folder, where: 'here', bytes: 1 }]))).toBe('accepted')
    expect(await codeOf(refuseWithoutSpace([{ folder, where: 'here', bytes: 1e18 }]))).toBe('NOT_ENOUGH_DISK')
  })

  it('grows with the values: a million cells with counts of 2,000 genes each take about 10 GB', () => {
    const needed = spaceFor(1e6, 512, 10, { stored: 2e9, verdict: 'counts' })
    expect(needed.project / 1e9).toBeGreaterThan(8)
    expect(needed.project / 1e9).toBeLessThan(14)
  })
})

describe('scratch folders', () => {
  it('left behind by a process that is gone are removed, those of living ones stay', () => {
    const folder = temporaryFolder()
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    const abandoned = join(folder, 'scratch', `${pid}-0-17`)
    mkdirSync(abandoned, { recursive: true })
    const own = makeScratch(folder)
    sweepCache(folder, Date.now())
    expect([existsSync(abandoned), existsSync(own.folder)]).toEqual([false, true])
  })

  it('give lists and texts back as they were', () => {
    const scratch = new Scratch(temporaryFolder())
    const numbers = Float64Array.from({ length: 600_000 }, (_, at) => at / 3)
    expect(new Float64Array(scratch.read(scratch.write('numbers', numbers)))).toEqual(numbers)
    const { text, ends } = scratch.writeTexts('texts', ['a', '', 'µm\n', 'é'])
    expect(Buffer.from(scratch.read(text)).toString('utf8')).toBe('aµm\né')
    expect([...new Float64Array(scratch.read(ends))]).toEqual([1, 1, 5, 7])
  })
})
