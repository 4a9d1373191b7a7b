// Where genes lie, from files of every kind users have, and the gene nearest to a peak.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { parseRegion, readGenePositions, type GenePositions, type Region } from '../../src/main/engine/ontology/gene-positions'
import { createGeneTable } from '../../src/main/engine/ontology/gene-table'
import { readUserGeneTable } from '../../src/main/engine/ontology/user-gene-table'
import { temporaryFolder } from '../temporary-folder'

const written = (name: string, content: string | Buffer): string => {
  const file = join(temporaryFolder(), name)
  writeFileSync(file, content)
  return file
}

const gtf = [
  '##description: evidence-based annotation',
  'chr19\tHAVANA\tgene\t41877279\t41881372\t.\t+\t.\tgene_id "ENSG00000105369.12"; gene_type "protein_coding"; gene_name "CD79A"; level 2;',
  'chr19\tHAVANA\ttranscript\t41877279\t41881372\t.\t+\t.\tgene_id "ENSG00000105369.12"; transcript_id "ENST1";',
  'chrY\tHAVANA\tgene\t2691187\t2741309\t.\t+\t.\tgene_id "ENSG00000002586.20_PAR_Y"; gene_type "protein_coding"; gene_name "CD99";',
  'chr11\tHAVANA\tgene\t60455752\t60470760\t.\t-\t.\tgene_id "ENSG00000156738"; gene_type "protein_coding"; gene_name "MS4A1";',
].join('\n')
const gff3 = [
  '##gff-version 3',
  '19\tensembl\tgene\t41877279\t41881372\t.\t+\t.\tID=gene:ENSG00000105369;Name=CD79A;biotype=protein_coding;description=a%3Bb',
  '19\tensembl\tmRNA\t41877279\t41881372\t.\t+\t.\tID=transcript:ENST1;Parent=gene:ENSG00000105369',
  '19\tensembl\tncRNA_gene\t42000000\t42000100\t.\t-\t.\tID=gene:ENSG00000000001;biotype=lncRNA',
].join('\n')

const shown = ({ genes }: GenePositions): string[] =>
  genes.map((gene) =>
    `${gene.id} ${gene.name} ${gene.chromosome}:${gene.start}-${gene.end} ${gene.strand ?? '.'} ${gene.biotype}`.trim(),
  )

describe('gene positions', () => {
  it('are read from GTF, also packed, without version and without "_PAR_Y"', () => {
    const found = readGenePositions(written('genes.gtf.gz', gzipSync(gtf)))
    expect(found.format).toBe('GTF')
    expect(shown(found)).toEqual([
      'ENSG00000105369 CD79A chr19:41877279-41881372 + protein_coding',
      'ENSG00000002586 CD99 chrY:2691187-2741309 + protein_coding',
      'ENSG00000156738 MS4A1 chr11:60455752-60470760 - protein_coding',
    ])
  })

  it('are read from GFF3, genes of every kind', () => {
    const found = readGenePositions(written('genes.gff3', gff3))
    expect(found.format).toBe('GFF3')
    expect(shown(found)).toEqual([
      'ENSG00000105369 CD79A 19:41877279-41881372 + protein_coding',
      'ENSG00000000001 ENSG00000000001 19:42000000-42000100 - lncRNA',
    ])
  })

  it('are put together from exons where a GTF has no genes', () => {
    const exon = (start: number, end: number): string =>
      `chr1\tx\texon\t${start}\t${end}\t.\t+\t.\tgene_id "A"; transcript_id "t";`
    expect(shown(readGenePositions(written('exons.gtf', [exon(50, 60), exon(10, 20)].join('\n'))))).toEqual(['A A chr1:10-60 +'])
  })

  it('are read from BED, whose starts count from 0, and from tables with a heading', () => {
    const bed = readGenePositions(written('genes.bed', 'chr1\t9\t20\tA\t0\t-\nchr1\t99\t200\tB\t0\t+\n'))
    expect(shown(bed)).toEqual(['A A chr1:10-20 -', 'B B chr1:100-200 +'])
    const biomart = 'Gene stable ID,Chromosome/scaffold name,Gene start (bp),Gene end (bp),Strand,Gene name\nENSG1,1,10,20,-1,A\n'
    expect(shown(readGenePositions(written('mart.csv', biomart)))).toEqual(['ENSG1 A 1:10-20 -'])
  })

  it('say which lines could not be used, and refuse a file without any', () => {
    const found = readGenePositions(written('genes.tsv', 'chrom\tstart\tend\tgene\nchr1\t1\t5\tA\nchr1\tx\t5\tB\nchr1\t1\t5\t\n'))
    expect(found.problems[0]?.message).toContain('1 without a place (line 3), 1 without a gene (line 4)')
    expect(() => readGenePositions(written('notes.txt', 'hello\nworld\n'))).toThrow('TEXT_NOT_RECOGNISED')
  })
})

describe('the nearest gene', () => {
  const positions = readGenePositionsOnce()
  const nearest = (chromosome: string, start: number, end: number): string => {
    const found = positions.nearest({ chromosome, start, end })
    return found ? `${found.gene.name} ${found.distance} ${found.side ?? '-'}` : 'none'
  }

  it.each([
    ['inside a gene', 'chr1', 150, 160, 'A 0 -'],
    ['before a gene on the forward strand', 'chr1', 50, 90, 'A 10 upstream'],
    ['behind it', 'chr1', 205, 210, 'A 5 downstream'],
    ['behind a gene on the reverse strand', 'chr1', 520, 530, 'C 20 upstream'],
    ['as near to two: the shorter one', 'chr1', 248, 252, 'B 48 upstream'],
    ['under a chromosome name without chr', '1', 150, 160, 'A 0 -'],
    ['a neighbour', 'chr1', 201, 204, 'A 1 downstream'],
    ['in the short gene inside a long one', 'chr2', 5000, 5010, 'Inner 0 -'],
    ['beyond the end of the long one only', 'chr2', 9990, 9995, 'Long 0 -'],
    ['of the mitochondrion, MT or chrM', 'MT', 5, 6, 'MTG 4 -'],
    ['on a chromosome without genes', 'chr9', 5, 6, 'none'],
  ])('%s', (_, chromosome, start, end, wanted) => expect(nearest(chromosome, start, end)).toBe(wanted))

  it('farther than asked for does not count', () => {
    expect(positions.nearest({ chromosome: 'chr1', start: 50, end: 60 }, 39)).toBeNull()
    expect(positions.nearest({ chromosome: 'chr1', start: 50, end: 60 }, 40)?.gene.name).toBe('A')
  })

  it('equals the answer of looking at every gene', () => {
    const random = seededRandom(3, 1)
    const draw = (most: number): number => random.below(most)
    const genes = Array.from({ length: 400 }, (_, at) => {
      const start = 1 + draw(100_000)
      return { name: `g${at}`, start, end: start + draw(at % 10 === 0 ? 30_000 : 500) }
    })
    const bed = genes.map(({ name, start, end }) => `chr1\t${start - 1}\t${end}\t${name}`).join('\n')
    const many = readGenePositions(written('many.bed', bed))
    for (let trial = 0; trial < 500; trial++) {
      const start = 1 + draw(140_000)
      const region: Region = { chromosome: 'chr1', start, end: start + draw(400) }
      const distances = genes.map((gene) => Math.max(0, gene.start - region.end, region.start - gene.end))
      expect(many.nearest(region)?.distance).toBe(Math.min(...distances))
    }
  })

  function readGenePositionsOnce(): GenePositions {
    const rows = [
      'chr1\t99\t200\tA\t0\t+',
      'chr1\t299\t350\tB\t0\t+',
      'chr1\t399\t500\tC\t0\t-',
      'chr2\t0\t10000\tLong\t0\t+',
      'chr2\t4999\t5100\tInner\t0\t+',
      'chrM\t9\t20\tMTG',
    ]
    const folder = mkdtempSync(join(tmpdir(), 'latiscope-positions-'))
    afterAll(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'genes.bed')
    writeFileSync(file, rows.join('\n'))
    return readGenePositions(file)
  }
})

describe('names of peaks', () => {
  it.each([
    ['chr1:100-200', { chromosome: 'chr1', start: 100, end: 200 }],
    ['chr1-100-200', { chromosome: 'chr1', start: 100, end: 200 }],
    ['GL000194.1_5_9', { chromosome: 'GL000194.1', start: 5, end: 9 }],
    ['chr1:200-100', null],
    ['CD79A', null],
    ['HLA-DRB1', null],
  ])('%s', (name, region) => expect(parseRegion(name)).toEqual(region))
})

describe("a gene table of the user's", () => {
  const table = (name: string, text: string) => createGeneTable(readUserGeneTable(written(name, text), 'rat'))

  it('is read from a table with a heading: ids, symbols, other names', () => {
    const rat = table(
      'rat.tsv',
      'gene_id\tgene_name\tsynonyms\tbiotype\nENSRNOG00000000001.5\tCd79a\tIga|Mb1\tprotein_coding\nENSRNOG00000000002\tMs4a1\t\tprotein_coding\n',
    )
    const meaning = (name: string): string => {
      const { gene, method } = rat.resolve(name)
      return `${gene === null ? '-' : rat.symbolOf(gene)} ${method}`
    }
    expect(['ENSRNOG00000000001.9', 'Cd79a', 'Iga', 'MS4A1', 'Xyz'].map(meaning)).toEqual([
      'Cd79a ensembl',
      'Cd79a symbol',
      'Cd79a alias',
      'Ms4a1 case',
      '- unmapped',
    ])
    expect([rat.species, rat.count, rat.biotypeOf(0)]).toEqual(['rat', 2, 'protein_coding'])
  })

  it('is read from a GTF file, and from a table of symbols alone', () => {
    expect(table('genes.gtf', gtf).count).toBe(3)
    expect(table('symbols.csv', 'symbol,description\nactb1,x\ntuba1c,y\n').resolve('tuba1c').method).toBe('symbol')
  })

  it('without a column of genes is refused', () => {
    expect(() => table('other.csv', 'a,b\n1,2\n')).toThrow('TEXT_NOT_RECOGNISED')
  })
})
