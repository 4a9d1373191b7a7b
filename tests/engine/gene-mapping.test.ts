// Names of genes against the tables of human and mouse: every protein-coding gene by its own names, the hard names one by one,
// which species a file is of, and one-to-one orthologs.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { nameGenes, resolveName } from '../../src/main/engine/import/gene-names'
import { dateCandidates } from '../../src/main/engine/import/gene-dates'
import type { Frame } from '../../src/main/engine/import/source-reader'
import { loadOntology, type GeneTable } from '../../src/main/engine/ontology'
import { shared } from '../shared-folder'

const { catalogue } = loadOntology(resolve(import.meta.dirname, '../../resources/ontology'), new Date('2023-01-01'))
const { human } = catalogue
const mouse = catalogue.of('mouse') as GeneTable
const tables = { human, mouse }

const frame = (names: readonly string[]): Frame =>
  ({ rows: names.length, index: [...names], columns: [], madeUp: false }) as never
const named = (names: readonly string[], species: string | null = null) =>
  nameGenes(frame(names), catalogue.resolver, { species })

interface Row {
  id: string
  symbol: string
}

function codingGenes(file: string): Row[] {
  const text = gunzipSync(readFileSync(join(shared ?? '', 'data/genes', file))).toString('utf8')
  return text
    .split('\n')
    .map((line) => line.split(','))
    .flatMap(([id = '', symbol = '', , , biotype]) => (biotype === 'protein_coding' ? [{ id, symbol }] : []))
}

describe.skipIf(!shared)('protein-coding genes of GENCODE map to themselves (needs ../shared)', () => {
  it.each([
    ['human', 'gencode_homo_sapiens.csv.gz', 20_120],
    ['mouse', 'gencode_mus_musculus.csv.gz', 21_807],
  ] as const)('%s, by id and by symbol', (species, file, count) => {
    const table = tables[species]
    const genes = codingGenes(file)
    const isItself = (gene: number | null, { id, symbol }: Row): boolean =>
      gene !== null && table.ensemblOf(gene).includes(id) && (symbol === id || table.symbolOf(gene) === symbol)
    const byId = genes.filter((row) => isItself(table.resolve(row.id).gene, row))
    const bySymbol = genes.filter((row) => isItself(table.resolve(row.symbol).gene, row))
    expect(genes.length).toBe(count)
    expect(byId.length).toBe(count)
    // The rest are symbols that two coding genes share (Ddit3, Nrg1): never guessed.
    expect(bySymbol.length / count).toBeGreaterThanOrEqual(0.998)
  })
})

const meaning = (name: string, table: GeneTable, present: readonly string[] = []): string => {
  const { gene, method } = resolveName(name, table, new Set([name, ...present]))
  return gene === null ? method : `${table.symbolOf(gene)} by ${method}`
}

describe('a hard name in human data', () => {
  it.each([
    // versions, copies of the pseudoautosomal region
    ['ENSG00000105369.12', 'CD79A by ensembl'],
    ['ENSG00000002586.20_PAR_Y', 'CD99 by ensembl'],
    ['ENSG00000292348', 'CD99 by ensembl'],
    ['CD99', 'CD99 by symbol'],
    ['VAMP7', 'VAMP7 by symbol'],
    // clone names: the dot and digits are no version
    ['RP11-34P13.7', 'unmapped'],
    ['AC000061.1', 'unmapped'],
    // symbols that end in a number
    ['NKX2-1', 'NKX2-1 by symbol'],
    ['HLA-DRB1', 'HLA-DRB1 by symbol'],
    // mitochondrial genes, which Entrez writes without their prefix
    ['MT-ND3', 'MT-ND3 by symbol'],
    ['ND3', 'MT-ND3 by alias'],
    // earlier names and aliases
    ['FAM46A', 'TENT5A by alias'],
    ['C1orf112', 'FIRRM by alias'],
    ['P53', 'TP53 by alias'],
    ['MARCH1', 'MARCHF1 by alias'],
    ['SEPT2', 'SEPTIN2 by alias'],
    ['DEC1', 'DELEC1 by alias'],
    ['SARS', 'SARS1 by alias'],
    ['EPRS', 'EPRS1 by alias'],
    ['AARS2', 'AARS2 by symbol'],
    // official symbols that are an alias of another gene
    ['AR', 'AR by symbol'],
    ['CAT', 'CAT by symbol'],
    // shared by several genes
    ['ACT', 'ambiguous'],
    ['CD20', 'ambiguous'],
    ['Y_RNA', 'ambiguous'],
    // joined names and references of two species
    ['CD79A_ENSG00000105369', 'CD79A by ensembl'],
    ['ENSG00000105369.12|CD79A', 'CD79A by ensembl'],
    ['ENSG99999999999|CD79A', 'CD79A by symbol'],
    ['GRCh38_CD3D', 'CD3D by symbol'],
    ['GRCh38______ENSG00000105369', 'CD79A by ensembl'],
    ['hg19_CD3D', 'CD3D by symbol'],
    ['mm10___Cd3d', 'unmapped'],
    ['ENSMUSG00000003379', 'unmapped'],
    // dates, numbers and what is no gene
    ['1-Mar', 'unmapped'],
    ['44621', 'unmapped'],
    ['7157', 'unmapped'],
    ['ENST00000269305', 'unmapped'],
    ['ENSP00000269305.4', 'unmapped'],
    ['?|100130426', 'unmapped'],
  ])('%s is %s', (name, wanted) => expect(meaning(name, human)).toBe(wanted))

  it('loses a number added to make it unique only beside the name itself', () => {
    expect(meaning('MATR3-1', human, ['MATR3'])).toBe('MATR3 by symbol')
    expect(meaning('MATR3.1', human, ['MATR3'])).toBe('MATR3 by symbol')
    expect(meaning('MATR3-1', human)).toBe('unmapped')
    expect(meaning('NKX2-1', human, ['NKX2'])).toBe('NKX2-1 by symbol')
    expect(meaning('HLA-DRB1', human, ['HLA'])).toBe('HLA-DRB1 by symbol')
  })
})

describe('a hard name in mouse data', () => {
  it.each([
    ['Cd79a', 'Cd79a by symbol'],
    ['ENSMUSG00000003379.15', 'Cd79a by ensembl'],
    ['mm10___Cd79a', 'Cd79a by symbol'],
    ['GRCh38_CD79A', 'unmapped'],
    ['ENSG00000105369', 'unmapped'],
    ['H2-Aa', 'H2-Aa by symbol'],
    ['mt-Nd3', 'mt-Nd3 by symbol'],
    ['1110002L01Rik', '1110002L01Rik by symbol'],
    ['March1', 'Marchf1 by alias'],
    ['Ddit3', 'ambiguous'],
  ])('%s is %s', (name, wanted) => expect(meaning(name, mouse)).toBe(wanted))
})

const humanNames = ['CD3D', 'CD79A', 'MS4A1', 'LYZ', 'NKG7', 'PPBP', 'GNLY', 'FCGR3A', 'CST3', 'IL7R']
const mouseNames = ['Cd3d', 'Cd79a', 'Ms4a1', 'Lyz2', 'Nkg7', 'Ppbp', 'Fcgr3', 'Cst3', 'Il7r', 'Trp53']
const codes = (names: ReturnType<typeof named>): string[] => names.problems.map((problem) => problem.code)

describe('the species of a file', () => {
  it('is found out from the spelling of symbols, with both shares shown', () => {
    const [ours, theirs] = [named(humanNames), named(mouseNames)]
    expect([ours.species, ours.mapped, theirs.species, theirs.mapped]).toEqual(['human', 10, 'mouse', 10])
    expect(theirs.report.speciesShares).toEqual([
      { species: 'mouse', share: 1 },
      { species: 'human', share: 0 },
    ])
    expect(theirs.report).toMatchObject({ speciesSure: true, table: 'GENCODE M37' })
    expect(codes(theirs)).toEqual([])
  })

  it('is found out from Ensembl ids, also of species without a table', () => {
    const rat = named(['ENSRNOG00000000001', 'ENSRNOG00000000007', 'ENSRNOG00000000008'])
    expect([rat.species, rat.mapped, rat.report.table]).toEqual(['rat', 0, null])
    expect(rat.problems.find(({ code }) => code === 'FEW_GENES_KNOWN')?.message).toContain('They look like rat genes')
    expect(named(['ENSMUSG00000003379', 'ENSMUSG00000032094']).species).toBe('mouse')
  })

  it('is asked for when neither table knows the names, and nothing is mapped by another spelling', () => {
    const fish = named(['cd79a', 'ms4a1', 'lyz', 'actb1', 'tuba1c', 'nkx2.5'])
    expect([fish.species, fish.mapped, fish.report.speciesSure]).toEqual(['unknown', 0, false])
    expect(codes(fish)).toContain('SPECIES_UNCLEAR')
    expect(named(['cd79a', 'ms4a1', 'lyz'], 'human').mapped).toBe(3)
  })

  it('that the user names decides', () => {
    const doubtful = named(mouseNames, 'human')
    expect(doubtful).toMatchObject({ species: 'human', mapped: 7 })
    expect(codes(doubtful)).toEqual(['SPECIES_DOUBTFUL'])
    expect(named(mouseNames, 'Mus musculus').species).toBe('mouse')
    expect(named(mouseNames, 'axolotl')).toMatchObject({ species: 'axolotl', mapped: 0, tableVersion: null })
  })

  it('is reported when genes of two are mixed; the other ones stay, without a known gene', () => {
    const mixed = [...humanNames.map((name) => `GRCh38_${name}`), ...mouseNames.slice(0, 6).map((name) => `mm10___${name}`)]
    const found = named(mixed)
    expect([found.species, found.mapped, found.report.foreign, found.genes.length]).toEqual(['human', 10, 6, 16])
    expect(found.problems.find(({ code }) => code === 'SPECIES_MIXED')?.message).toContain('10 of human, 6 of mouse')
    expect(named(mixed, 'mouse')).toMatchObject({ species: 'mouse', mapped: 6 })
    const ids = named(['ENSG00000105369', 'ENSG00000156738', 'ENSMUSG00000003379'])
    expect([ids.mapped, codes(ids)[0]]).toEqual([2, 'SPECIES_MIXED'])
  })
})

describe('the report on gene names', () => {
  it('counts how names were understood, what kind they are, and what stays unknown', () => {
    const { report } = named([...humanNames, 'P53', 'ACT', 'RP11-34P13.7', 'AC000061.1', 'CD3D-1', 'ENSG00000105369.12'])
    expect(Object.fromEntries(report.methods.map(({ method, count }) => [method, count]))).toEqual({
      symbol: 11,
      alias: 1,
      ambiguous: 1,
      ensembl: 1,
      unmapped: 2,
    })
    expect(report).toMatchObject({ of: 16, mapped: 13, byAlias: 1, ambiguous: ['ACT'], cloneNames: 2, repeated: 2 })
    expect(report.biotypes).toEqual([{ biotype: 'protein_coding', count: 13 }])
    expect(report.kinds).toEqual([
      { kind: 'symbol', count: 15 },
      { kind: 'Ensembl id', count: 1 },
    ])
  })

  it('keeps the id, the Entrez id and the type of every known gene', () => {
    expect(named(['MS4A1', ...humanNames]).genes[0]).toMatchObject({
      original: 'MS4A1',
      symbol: 'MS4A1',
      id: 'ENSG00000156738',
      entrez: '931',
      biotype: 'protein_coding',
    })
  })

  it('never takes bare numbers for Entrez ids unasked', () => {
    const numbers = ['915', '973', '931', '4069', '7157']
    expect([named(numbers).mapped, codes(named(numbers))]).toEqual([0, ['GENE_NUMBERS', 'SPECIES_UNCLEAR', 'FEW_GENES_KNOWN']])
    const said = nameGenes(frame(numbers), catalogue.resolver, { species: 'human', geneIds: 'entrez' })
    expect(said.genes.map((gene) => `${gene.symbol} by ${gene.method}`)).toEqual(
      ['CD3D', 'CD79A', 'MS4A1', 'LYZ', 'TP53'].map((symbol) => `${symbol} by entrez`),
    )
  })

  it('says that transcripts have to be added up per gene first', () => {
    expect(codes(named(['ENST00000269305', 'ENST00000311936', ...humanNames]))).toContain('TRANSCRIPT_IDS')
  })

  it('names what a date may have been, and changes nothing', () => {
    const found = named(['1-Mar', '2-Sep', '44621', '1-Dec', ...humanNames])
    const message = found.problems.find(({ code }) => code === 'GENE_DATES')?.message ?? ''
    expect(message).toContain('1-Mar may be MARCHF1 or MTARC1; 2-Sep may be SEPTIN2; 44621 may be MARCHF1 or MTARC1')
    expect(found.genes.slice(0, 4).map((gene) => gene.gene)).toEqual([null, null, null, null])
    expect(['2023-09-15', 'Dec-1', '1-Apr'].map(dateCandidates)).toEqual([['SELENOF'], ['DELEC1'], []])
  })
})

describe('one-to-one orthologs', () => {
  const pairs = catalogue.orthologs
  const ortholog = (symbol: string): string | null => {
    const gene = mouse.resolve(symbol).gene
    const number = gene === null ? -1 : (pairs?.humanOfMouse[gene] ?? -1)
    return number < 0 ? null : human.symbolOf(number)
  }

  it('lead from a mouse gene to the human gene of the same ancestor, whatever its name', () => {
    expect(['Cd79a', 'Trp53', 'Cd3d', 'Ms4a1', 'Marchf1'].map(ortholog)).toEqual(['CD79A', 'TP53', 'CD3D', 'MS4A1', 'MARCHF1'])
  })

  it('leave out genes with several partners on either side', () => {
    // Human LYZ has Lyz1 and Lyz2; mouse H2-Aa has no single human partner.
    expect(['Lyz1', 'Lyz2', 'H2-Aa', 'Gm12345'].map(ortholog)).toEqual([null, null, null, null])
    const partners = [...(pairs?.humanOfMouse ?? [])].filter((number) => number >= 0)
    expect(new Set(partners).size).toBe(partners.length)
    expect(partners.length).toBe(16_296)
  })

  it.skipIf(!shared)('are pairs of the source that have one partner each (needs ../shared)', () => {
    const text = gunzipSync(readFileSync(join(shared ?? '', 'data/genes/ensembl105_human_mouse_orthologs.csv.gz'))).toString()
    const source = new Set(text.split(/\r?\n/))
    let found = 0
    let placed = 0
    pairs?.humanOfMouse.forEach((number, gene) => {
      if (number < 0) return
      placed++
      if (source.has(`${human.symbolOf(number)},${mouse.symbolOf(gene)}`)) found++
    })
    // The rest are human genes renamed since.
    expect(found / placed).toBeGreaterThan(0.97)
  })
})

describe('a search for a gene', () => {
  it('takes any of its names in any case', () => {
    const find = (words: string): string => human.symbolOf(human.find(words) ?? -1)
    expect(['p53', 'TP53', 'tp53', 'ENSG00000141510.18', 'fam46a'].map(find)).toEqual(['TP53', 'TP53', 'TP53', 'TP53', 'TENT5A'])
  })
})
