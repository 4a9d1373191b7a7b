// Files that cannot be imported: a sentence, a remedy, exit 3, and a project that did not change by a byte.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cli, cliAnswer, sampleFile } from '../run-cli'
import { temporaryFolder } from '../temporary-folder'

const png = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex')

describe('a file that cannot be imported', () => {
  it.each([
    ['a picture named .h5ad', () => png, 'FILE_NOT_RECOGNISED', /PNG/],
    ['a truncated h5ad', () => readFileSync(sampleFile).subarray(0, 900_000), 'FILE_TRUNCATED', /ends early/],
    ['an empty file', () => Buffer.alloc(0), 'FILE_EMPTY', /empty/],
    ['a missing file', () => null, 'FILE_NOT_FOUND', /does not exist/],
  ])('%s is refused in plain words and leaves the project as it was', async (_name, content, code, words) => {
    const folder = temporaryFolder()
    const project = join(folder, 'p.latiscope')
    const file = join(folder, 'cells.h5ad')
    await cliAnswer('new', project)
    const before = readFileSync(project)
    const bytes = content()
    if (bytes) writeFileSync(file, bytes)
    const answer = await cli('import', project, file, '--representation', 'obsm/X_pca')
    const error = answer.json['error'] as { code: string; message: string; remedy: string }
    expect(answer.code).toBe(3)
    expect(error.code).toBe(code)
    expect(error.message).toMatch(words)
    expect(error.remedy.length).toBeGreaterThan(20)
    expect(readFileSync(project).equals(before)).toBe(true)
  })

  it('is refused by inspect as well', async () => {
    const file = join(temporaryFolder(), 'cells.h5ad')
    writeFileSync(file, png)
    expect((await cli('inspect', file)).code).toBe(3)
  })
})

describe('a wrong word', () => {
  it('ends with 2 and says which verbs and options there are', async () => {
    const { code, json } = await cli('trian', 'p')
    expect(code).toBe(2)
    expect(json['error']).toMatchObject({ code: 'USAGE' })
  })

  it('of a later version ends with 2 and NOT_AVAILABLE', async () => {
    expect(await cli('simulate', 'small')).toMatchObject({ code: 2, json: { error: { code: 'NOT_AVAILABLE' } } })
    const folder = temporaryFolder()
    await cliAnswer('new', join(folder, 'p.latiscope'))
    expect(await cli('train', join(folder, 'p.latiscope'), '--arch', 'gated')).toMatchObject({
      code: 3,
      json: { error: { code: 'NO_DATA' } },
    })
  })

  it.each([
    [['--list-size', '5'], '15 to 500'],
    [['--term-size', '500-10'], 'for example 10-500'],
    [['--term-size', '10'], 'for example 10-500'],
  ])('for a size of lists or terms ends with 2 and says which there are: %j', async (words, says) => {
    const project = join(temporaryFolder(), 'p.latiscope')
    await cliAnswer('new', project)
    const { code, json } = await cli('link', project, ...words)
    expect(code).toBe(2)
    expect(json['error']).toMatchObject({ code: 'USAGE', message: expect.stringContaining(says) as string })
  })

  it('naming a latent, run or gene that is not there says so', async () => {
    const folder = temporaryFolder()
    const project = join(folder, 'p.latiscope')
    await cliAnswer('new', project)
    expect(await cli('latent', project, '--id', '3')).toMatchObject({ code: 3, json: { error: { code: 'RUN_NOT_FOUND' } } })
  })
})

describe('doctor', () => {
  it('tells versions, backend, processor and ontology', async () => {
    const doctor = await cliAnswer<Record<string, Record<string, unknown>>>('doctor')
    expect(doctor).toMatchObject({
      node: process.versions.node,
      electron: process.env['LATISCOPE_ELECTRON_VERSION'] ?? null,
    })
    expect(doctor['backend']?.['name']).toMatch(/^(tensorflow|cpu)$/)
    expect(doctor['backend']?.['native'] === true || doctor['backend']?.['problem'] !== null).toBe(true)
    expect(doctor['ontology']).toMatchObject({ release: '2022-07-01' })
    expect(doctor['cpu']?.['model']).toBeTruthy()
  })
})
