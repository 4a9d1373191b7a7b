// Ontology, annotation and gene set files of users: odd and broken ones, each with what must be said about it.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { Refusal } from '../../src/main/base/refusal'
import { parseAssociations } from '../../src/main/engine/ontology/read-associations'
import { parseGeneList, parseGmt } from '../../src/main/engine/ontology/read-gene-sets'
import { parseObo } from '../../src/main/engine/ontology/read-obo'
import { readTextFile, textBounds, type TextFile } from '../../src/main/engine/ontology/text-lines'
import { shared } from '../shared-folder'

const scratch = mkdtempSync(join(tmpdir(), 'ontology-files-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const read = (path: string): TextFile => readTextFile(path, 'a text')
const ugly = (name: string): TextFile => read(join(shared ?? '', 'data/ugly', name))
function made(name: string, content: string | Buffer): TextFile {
  writeFileSync(join(scratch, name), content)
  return read(join(scratch, name))
}
function refusal(work: () => unknown): { code: string; message: string } {
  try {
    work()
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown.error
    throw thrown
  }
  throw new Error('nothing was refused')
}
const pairsOf = (file: TextFile): string[] => parseAssociations(file).pairs.map(({ symbol, term }) => `${symbol} ${term}`)
const messages = (problems: readonly { message: string }[]): string => problems.map((one) => one.message).join(' ')

describe.skipIf(!shared)('odd files of the collection (needs ../shared)', () => {
  it('truncated.obo: the whole terms are used, the half one is not, and the file may be cut', () => {
    const { terms, problems, release } = parseObo(ugly('truncated.obo'))
    expect([...terms.keys()]).toEqual(['GO:0008150', 'GO:0000001'])
    expect(release).toBe('2022-07-01')
    expect(messages(problems)).toMatch(/truncated\.obo may be cut.*GO:0000002/)
  })

  it('cycle.obo: refused, naming the terms that are each other’s parent', () => {
    const { code, message } = refusal(() => parseObo(ugly('cycle.obo')))
    expect(code).toBe('FILE_DAMAGED')
    expect(message).toMatch(/GO:0000001 and GO:0000002 are each other's parent/)
  })

  it('gaf21-not.gaf: two pairs are used, five lines are set aside with reasons', () => {
    const { pairs, setAside, problems } = parseAssociations(ugly('gaf21-not.gaf'))
    expect(pairs.map(({ symbol, term }) => `${symbol} ${term}`)).toEqual(['CD3D GO:0000001', 'HBB GO:0000001'])
    expect(setAside.total).toBe(5)
    expect(messages(problems)).toMatch(/2 with NOT \(lines 3, 4\).*1 without data.*1 without symbol.*9 of 17 columns \(line 8\)/)
  })

  it('gaf22-not.gaf: a pair counts once, NOT is left out, the empty qualifier is reported', () => {
    const file = ugly('gaf22-not.gaf')
    expect(pairsOf(file)).toContain('NKG7 GO:0000002')
    expect(pairsOf(file).filter((pair) => pair.startsWith('CD3D'))).toEqual(['CD3D GO:0000001'])
    expect(messages(parseAssociations(file).problems)).toMatch(/qualifier GAF 2\.2 asks for \(line 7\)/)
  })

  it('odd.gmt: four sets, with what was repaired and what was left out', () => {
    const { sets, setAside, problems } = parseGmt(ugly('odd.gmt'))
    expect(sets.map(({ id, genes }) => [id, genes])).toEqual([
      ['SET_A', ['CD3D', 'MS4A1']],
      ['SET_A (2)', ['LYZ', 'HBB']],
      ['GO:0006412', ['RPL3', 'RPS6']],
      ['../../evil', ['CD3D']],
    ])
    expect(setAside.total).toBe(2)
    expect(messages(problems)).toMatch(/1 without genes \(line 1\), 1 without tabs \(line 6\).*SET_A.*2 weights/)
  })

  it('no file of the collection makes a reader stop with anything but an error of the list', () => {
    const folder = join(shared ?? '', 'data/ugly')
    let tried = 0
    for (const entry of readdirSync(folder, { withFileTypes: true }).filter((one) => one.isFile())) {
      for (const parse of [parseObo, parseAssociations, parseGmt, parseGeneList]) {
        try {
          parse(read(join(folder, entry.name)))
        } catch (thrown) {
          expect(thrown, entry.name).toBeInstanceOf(Refusal)
        }
        tried++
      }
    }
    expect(tried).toBeGreaterThan(200)
  }, 60_000)

  it('published files with mistakes on purpose are read', () => {
    const folder = join(shared ?? '', 'data/ontology')
    expect(parseAssociations(read(join(folder, 'goa_human_illegal.gaf'))).pairs.length).toBeGreaterThan(0)
    expect(parseAssociations(read(join(folder, 'fig1a.gaf'))).pairs.length).toBeGreaterThan(0)
    expect(parseObo(read(join(folder, 'goslim_generic.obo'))).terms.size).toBeGreaterThan(100)
  })
})

describe('an ontology file', () => {
  const term = (id: string, ...lines: string[]): string => ['[Term]', `id: ${id}`, `name: name of ${id}`, ...lines, ''].join('\n')

  it('of any namespace is read: alternative ids, successors of obsolete terms, modifiers and comments', () => {
    const ontology = parseObo(
      made(
        'cl.obo',
        [
          'format-version: 1.2',
          'default-namespace: cell',
          '',
          term('CL:0000000'),
          term('CL:0000001', 'alt_id: CL:0000009', 'is_a: CL:0000000 {source="x"} ! cell'),
          term('CL:0000002', 'is_obsolete: true', 'replaced_by: CL:0000003'),
          term('CL:0000003', 'is_obsolete: true', 'replaced_by: CL:0000001'),
          term('CL:0000004', 'is_obsolete: true', 'replaced_by: CL:0000005'),
          term('CL:0000005', 'is_obsolete: true', 'replaced_by: CL:0000004'),
        ].join('\n'),
      ),
    )
    expect([...ontology.terms.keys()]).toEqual(['CL:0000000', 'CL:0000001'])
    expect(ontology.terms.get('CL:0000001')?.parents).toEqual([{ id: 'CL:0000000', relation: 'is_a' }])
    expect(['CL:0000009', 'CL:0000002', 'CL:0000004', 'CL:7'].map((id) => ontology.resolve(id)?.id ?? null)).toEqual([
      'CL:0000001',
      'CL:0000001',
      null,
      null,
    ])
  })

  it('with a long circle is refused at once, naming it', () => {
    const circle = Array.from({ length: 30_000 }, (_, at) => term(`X:${at}`, `is_a: X:${(at + 1) % 30_000}`)).join('\n')
    const start = performance.now()
    expect(refusal(() => parseObo(made('circle.obo', circle))).message).toMatch(/X:0 → X:1 → .*circle of parents/)
    expect(performance.now() - start).toBeLessThan(5000)
  })

  it('without terms is refused', () => {
    expect(refusal(() => parseObo(made('no.obo', 'a,b\n1,2\n'))).code).toBe('TEXT_NOT_RECOGNISED')
  })
})

describe('a table of associations', () => {
  it('may list several terms per gene, one per line, or the term first', () => {
    expect(pairsOf(made('a.tsv', 'A\tGO:0000001;GO:0000002\nB\tGO:0000001\nB\tGO:0000001\n'))).toEqual([
      'A GO:0000001',
      'A GO:0000002',
      'B GO:0000001',
    ])
    expect(pairsOf(made('b.tsv', 'GO:0000001\tA\nGO:0000002\tB\n'))).toEqual(['A GO:0000001', 'B GO:0000002'])
  })

  it('without any term is refused with the lines that failed', () => {
    expect(refusal(() => parseAssociations(made('c.tsv', 'A\nB\n'))).message).toMatch(/2 without a tab \(lines 1, 2\)/)
  })
})

describe('a gene list', () => {
  it('is one name per line, a first column or a single line; headings, repeats and comments are left out', () => {
    expect(parseGeneList(made('l1', '\uFEFFgene\r\nCD3D\r\n\r\n# comment\r\nCD3D\r\n"LYZ"\r\n')).names).toEqual(['CD3D', 'LYZ'])
    expect(parseGeneList(made('l2', 'CD3D,1.5\nLYZ,2\n')).names).toEqual(['CD3D', 'LYZ'])
    expect(parseGeneList(made('l3', 'CD3D LYZ\tMS4A1, HBB')).names).toEqual(['CD3D LYZ', 'MS4A1', 'HBB'])
    expect(parseGeneList(made('l5', 'IDS\nID1\n')).names).toEqual(['IDS', 'ID1'])
    expect(parseGeneList(made('l4', gzipSync('A\rB\rC\r'))).names).toEqual(['A', 'B', 'C'])
  })
})

describe('any text file', () => {
  it('that is missing, empty, binary, cut or too large is refused by name', () => {
    const gzip = gzipSync('gene\n'.repeat(5000))
    for (const [code, work] of [
      ['FILE_NOT_FOUND', () => read(join(scratch, 'nowhere.obo'))],
      ['FILE_NOT_READABLE', () => read(scratch)],
      ['FILE_EMPTY', () => made('e', '')],
      ['TEXT_NOT_RECOGNISED', () => made('b', Buffer.from([65, 0, 1, 2]))],
      ['FILE_DAMAGED', () => made('z.gz', gzip.subarray(0, gzip.length - 12))],
    ] as const) {
      expect(refusal(work).code).toBe(code)
    }
    writeFileSync(join(scratch, 'long'), 'a\nb\nc\n')
    writeFileSync(join(scratch, 'bomb.gz'), gzipSync(Buffer.alloc(3_000_000, 65)))
    const limited = (name: string, bounds: Partial<typeof textBounds>): string =>
      refusal(() => readTextFile(join(scratch, name), 'a text', { ...textBounds, ...bounds })).code
    expect(limited('long', { lines: 2 })).toBe('FILE_TOO_LARGE')
    expect(limited('long', { bytes: 3 })).toBe('FILE_TOO_LARGE')
    expect(limited('bomb.gz', { bytes: 1_000_000 })).toBe('FILE_TOO_LARGE')
    expect(limited('bomb.gz', { lineLength: 1000 })).toBe('FILE_TOO_LARGE')
  })

  it('in UTF-16 is read', () => {
    expect(
      made('u', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('A\nB\n', 'utf16le')])).lines.map((line) => line.text),
    ).toEqual(['A', 'B'])
    expect(readFileSync(join(scratch, 'u')).length).toBe(10)
  })
})
