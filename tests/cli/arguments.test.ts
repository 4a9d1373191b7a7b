import { describe, expect, it } from 'vitest'
import { ExportKind } from '@contract'
import { Refusal } from '../../src/main/base/refusal'
import { helpText, parseCommand } from '../../src/main/cli/arguments'
import { table } from '../../src/main/cli/readable'

function codeOf(words: string[]): string {
  try {
    parseCommand(words)
  } catch (thrown) {
    return thrown instanceof Refusal ? thrown.error.code : String(thrown)
  }
  return 'no error'
}

describe('the words of the command line', () => {
  it('are read into a verb, its files and its options', () => {
    expect(
      parseCommand([
        'import',
        'p.latiscope',
        'f.h5ad',
        '--representation',
        'obsm/X_pca',
        '--role',
        'a=donor',
        '--role',
        'b=batch',
        '--drop-missing',
      ]),
    ).toMatchObject({
      verb: 'import',
      words: ['p.latiscope', 'f.h5ad'],
      options: { representation: 'obsm/X_pca', role: ['a=donor', 'b=batch'], 'drop-missing': true },
    })
  })

  it.each([
    [[]],
    [['nonsense']],
    [['train']],
    [['train', 'p', 'q']],
    [['train', 'p', '--colour', 'red']],
    [['train', 'p', '--k']],
  ])('%j is wrong usage', (words) => {
    expect(codeOf(words)).toBe('USAGE')
  })

  it.each([[['simulate', 'small']]])('%j is not available yet', (words) => {
    expect(codeOf(words)).toBe('NOT_AVAILABLE')
  })

  it('are explained by --help, each option of a verb', () => {
    expect(helpText('train')).toContain('--latents N')
    expect(helpText(undefined)).toContain('import PROJECT FILE')
    for (const kind of ExportKind.options) expect(helpText('export')).toContain(kind)
  })
})

it('a readable table puts numbers right and shows absent values as a dash', () => {
  expect(
    table(
      ['name', 'n'],
      [
        ['a', 1],
        ['long', null],
        ['b', 123],
      ],
    ),
  ).toBe('name    n\na       1\nlong    –\nb     123')
})
