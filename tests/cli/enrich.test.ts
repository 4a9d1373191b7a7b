// The verb enrich through the built command line: shapes, exit codes and sentences; the numbers are tested beside the presets.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Enrichment } from '@contract'
import { cli, cliAnswer } from '../run-cli'
import { shared } from '../shared-folder'
import { temporaryFolder } from '../temporary-folder'

const names = (from: number, to: number): string => Array.from({ length: to - from }, (_, at) => `G${from + at}`).join('\n')

function smallCase(): { genes: string; background: string; gmt: string } {
  const folder = temporaryFolder()
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  return {
    genes: write('genes.txt', names(0, 15)),
    background: write('background.txt', names(0, 300)),
    gmt: write(
      'sets.gmt',
      `A (GO:0000001)\tx\t${names(0, 40).replaceAll('\n', '\t')}\nB\tx\t${names(60, 90).replaceAll('\n', '\t')}\n`,
    ),
  }
}

describe('the verb enrich', () => {
  it('says what to do with gene2go and with relations that the built-in ontology does not hold', async () => {
    const { genes, background } = smallCase()
    const folder = temporaryFolder()
    const [gene2go, obo] = [join(folder, 'gene2go'), join(folder, 'small.obo')]
    const head = '#tax_id\tGeneID\tGO_ID\tEvidence\tQualifier\tGO_term\tPubMed\tCategory'
    writeFileSync(gene2go, `${head}\n9606\t1\tGO:0000001\tIDA\tinvolved_in\tA\t-\tProcess\n`)
    writeFileSync(obo, 'format-version: 1.2\n\n[Term]\nid: GO:0000001\nname: A\nnamespace: biological_process\n')
    const lists = ['enrich', '--genes', genes, '--background', background]
    const numbered = await cli(...lists, '--obo', obo, '--associations', gene2go)
    expect(numbered.code).toBe(3)
    expect(numbered.json).toMatchObject({ error: { code: 'INSTALL_FIRST' } })
    const every = await cli(...lists, '--relations', 'all')
    expect(every.code).toBe(3)
    expect(every.json).toMatchObject({ error: { code: 'RELATIONS_NOT_BUILT_IN' } })
  })

  it('answers the whole family of a file of gene sets, without a project', async () => {
    const { genes, background, gmt } = smallCase()
    const answer = await cliAnswer<Enrichment>('enrich', '--genes', genes, '--background', background, '--gmt', gmt)
    expect(answer).toMatchObject({ preset: 'latiscope', study: { given: 15, counted: 15 }, warnings: [], problems: [] })
    expect(answer.terms.map((term) => [term.id, term.name, term.overlap, term.termSize])).toEqual([
      ['GO:0000001', 'A (GO:0000001)', 15, 40],
      ['B', 'B', 0, 30],
    ])
    expect(Object.keys(answer.terms[0] ?? {})).toEqual(
      'id name overlap termSize studySize backgroundSize pValue qValue oddsRatio genes'.split(' '),
    )
  })

  it('takes the built-in ontology when no sets are named', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'genes'), 'CD3D\nCD3E\nCD3G\nCD247\nLCK\nZAP70\nMS4A1\nCD79A\nCD79B\nLYN\n')
    writeFileSync(
      join(folder, 'all'),
      `CD3D\nCD3E\nCD3G\nCD247\nLCK\nZAP70\nMS4A1\nCD79A\nCD79B\nLYN\nACTB\nGAPDH\nTUBB\nnonsense1\n`,
    )
    const answer = await cliAnswer<Enrichment>(
      ...[
        'enrich',
        '--genes',
        join(folder, 'genes'),
        '--background',
        join(folder, 'all'),
        '--preset',
        'goatools',
        '--aspect',
        'CC',
      ],
    )
    expect(answer.sets).toMatchObject({ release: '2022-07-01', relations: 'is_a' })
    expect(answer.background).toEqual({ given: 14, counted: 13 })
    expect(answer.problems.map((problem) => problem.code)).toContain('GENES_UNKNOWN')
    expect(answer.terms.map((term) => term.name)).toContain('plasma membrane')
  })

  it.each([
    [['--background', 'b'], 'USAGE', 2],
    [['--genes', 'g'], 'USAGE', 2],
    [['--genes', 'g', '--background', 'b', '--obo', 'o'], 'USAGE', 2],
    [['--genes', 'g', '--background', 'b', '--gmt', 's', '--aspect', 'BP'], 'USAGE', 2],
    [['--genes', 'g', '--background', 'b', '--preset', 'david'], 'USAGE', 2],
    [['--genes', 'no-such-file', '--background', 'b'], 'FILE_NOT_FOUND', 3],
  ])('refuses %j', async (words, code, exit) => {
    expect(await cli('enrich', ...words)).toMatchObject({ code: exit, json: { error: { code } } })
  })

  it.skipIf(shared === null)('refuses an ontology whose terms are parents of each other (needs ../shared)', async () => {
    const { genes, background } = smallCase()
    const file = (name: string): string => join(shared ?? '', 'data/ugly', name)
    const lists = ['--genes', genes, '--background', background]
    const answer = await cli('enrich', ...lists, '--obo', file('cycle.obo'), '--associations', file('gaf21-not.gaf'))
    expect(answer).toMatchObject({ code: 3, json: { error: { code: 'FILE_DAMAGED' } } })
  })
})
