// Tokens instead of paths: what a token allows, and what happens when files move underneath.
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Grant } from '../../src/main/base/host-protocol'
import { Grants } from '../../src/main/shell/grants'
import { temporaryFolder } from '../temporary-folder'

describe('a granted file', () => {
  it('is known to the window by a token of 128 random bits and its name only', () => {
    const grants = new Grants(() => {})
    const granted = grants.give('/home/somebody/cells.h5ad', 'data')
    expect(granted).toEqual({ token: expect.stringMatching(/^[a-f0-9]{32}$/) as string, name: 'cells.h5ad', kind: 'data' })
    expect(JSON.stringify(granted)).not.toContain('somebody')
  })

  it('is told to the engine once, with its path', () => {
    const told: Grant[] = []
    const grants = new Grants((grant) => told.push(grant))
    const first = grants.give('/data/p.latiscope', 'project')
    const second = grants.give('/data/p.latiscope', 'project')
    expect(second.token).toBe(first.token)
    expect(told).toEqual([{ token: first.token, path: '/data/p.latiscope', purpose: 'project' }])
  })

  it('has another token for another purpose, and a new one for every export', () => {
    const grants = new Grants(() => {})
    const tokens = (['project', 'data', 'export', 'export'] as const).map((purpose) => grants.give('/data/x', purpose).token)
    expect(new Set(tokens).size).toBe(4)
  })

  it('may be used for its own purpose only, an export once', () => {
    const grants = new Grants(() => {})
    const data = grants.give('/data/x.h5ad', 'data').token
    expect([grants.use(data, 'data'), grants.use(data, 'data'), grants.use(data, 'project'), grants.use(data, 'export')]).toEqual(
      [true, true, false, false],
    )
    const written = grants.give('/data/x.csv', 'export').token
    expect([grants.use(written, 'export'), grants.use(written, 'export')]).toEqual([true, false])
    expect(grants.use('f'.repeat(32), 'data')).toBe(false)
  })

  it('stays the file it was when the link that led to it is swapped', () => {
    const folder = temporaryFolder()
    const told: Grant[] = []
    mkdirSync(join(folder, 'real'))
    writeFileSync(join(folder, 'real', 'cells.h5ad'), 'cells')
    writeFileSync(join(folder, 'secret'), 'secret')
    symlinkSync(join(folder, 'real', 'cells.h5ad'), join(folder, 'link.h5ad'))
    new Grants((grant) => told.push(grant)).give(join(folder, 'link.h5ad'), 'data')
    rmSync(join(folder, 'link.h5ad'))
    symlinkSync(join(folder, 'secret'), join(folder, 'link.h5ad'))
    expect(told[0]?.path).toMatch(/real[\\/]cells\.h5ad$/)
  })
})
