// What a start argument asks for, among the switches Chromium adds of its own.
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { emptyRequest, readArguments, readHandedOver } from '../../src/main/shell/launch'

describe('the start arguments', () => {
  it.each([
    [[], emptyRequest],
    [['--sample', 'pbmc'], { projectPath: null, sample: 'pbmc' }],
    [['--sample=synthetic'], { projectPath: null, sample: 'synthetic' }],
    [['--sample', 'other'], emptyRequest],
    [['--sample'], emptyRequest],
    [['.', '--user-data-dir=/x', '--no-sandbox'], emptyRequest],
    [['cells.h5ad'], emptyRequest],
    [['--open=p.latiscope'], emptyRequest],
  ])('%j ask for %j', (argv, request) => {
    expect(readArguments(argv, '/work')).toEqual(request)
  })

  it('name a project, relative to the folder they were typed in', () => {
    expect(readArguments(['.', 'study/My Project.LATISCOPE'], '/home')).toEqual({
      projectPath: resolve('/home/study/My Project.LATISCOPE'),
      sample: null,
    })
  })

  it('prefer a project to a sample', () => {
    expect(readArguments(['--sample', 'pbmc', '/p.latiscope'], '/')).toEqual({ projectPath: '/p.latiscope', sample: null })
  })
})

describe('a request handed over by a second start', () => {
  it.each([null, undefined, 'x', 7, { projectPath: 3, sample: {} }, { projectPath: '/etc/passwd', sample: 'other' }])(
    'that is %j asks for nothing',
    (value) => {
      expect(readHandedOver(value)).toEqual(emptyRequest)
    },
  )

  it('keeps project and sample', () => {
    expect(readHandedOver({ projectPath: '/p.latiscope', sample: null })).toEqual({ projectPath: '/p.latiscope', sample: null })
    expect(readHandedOver({ sample: 'pbmc' })).toEqual({ projectPath: null, sample: 'pbmc' })
  })
})
