// Gene families that often explain a latent without any cell programme behind it. Rules and reasons: docs/linking.md.
// Lists: cell cycle of Tirosh et al. 2016 as scanpy and Seurat use it; stress of dissociation after van den Brink et al. 2017.
import type { LatentFlag } from './latent-flags'

export type GeneFlag = 'ribosomal' | 'mitochondrial' | 'haemoglobin' | 'cell-cycle' | 'stress' | 'hla' | 'sex'

interface Family {
  readonly flag: GeneFlag
  /** How many of the best genes are looked at, and how many of them must belong. Small families need fewer. */
  readonly among: number
  readonly least: number
  has(gene: string): boolean
}

export const familyGenes = 20
/** Fewer ranked genes than this say nothing about a family. */
const fewestFamilyGenes = 10

/** RPL and RPS genes with their variants; kinases of S6 and binding proteins only share the letters. */
const ribosomal = /^RP[LS](?:P?\d+|A)[A-Z]*\d*$/i
const notRibosomal = /^RPS6K|^RPS19BP/i
const mitochondrial = /^MT[-.]/i
const haemoglobin = /^HB[ABDEGMQZ]\d?$/i
const hla = /^HLA-|^H2-[A-Z]/i

const listed = (names: string): ((gene: string) => boolean) => {
  const members = new Set(names.split(/\s+/))
  return (gene) => members.has(gene.toUpperCase())
}

const cellCycle = listed(
  `MCM5 PCNA TYMS FEN1 MCM2 MCM4 RRM1 UNG GINS2 MCM6 CDCA7 DTL PRIM1 UHRF1 MLF1IP CENPU HELLS RFC2 RPA2 NASP RAD51AP1 GMNN WDR76
   SLBP CCNE2 UBR7 POLD3 MSH2 ATAD2 RAD51 RRM2 CDC45 CDC6 EXO1 TIPIN DSCC1 BLM CASP8AP2 USP1 CLSPN POLA1 CHAF1B BRIP1 E2F8
   HMGB2 CDK1 NUSAP1 UBE2C BIRC5 TPX2 TOP2A NDC80 CKS2 NUF2 CKS1B MKI67 TMPO CENPF TACC3 FAM64A PIMREG SMC4 CCNB2 CKAP2L CKAP2
   AURKB BUB1 KIF11 ANP32E TUBB4B GTSE1 KIF20B HJURP CDCA3 HN1 JPT1 CDC20 TTK CDC25C KIF2C RANGAP1 NCAPD2 DLGAP5 CDCA2 CDCA8
   ECT2 KIF23 HMMR AURKA PSRC1 ANLN LBR CKAP5 CENPE CTCF NEK2 G2E3 GAS2L3 CBX5 CENPA`,
)
const stress = listed(
  `FOS FOSB FOSL2 JUN JUNB JUND EGR1 EGR2 EGR3 IER2 IER3 IER5 ATF3 ATF4 DUSP1 DUSP2 ZFP36 ZFP36L1 NR4A1 NR4A2 BTG1 BTG2 KLF2 KLF4
   KLF6 KLF10 PPP1R15A SOCS3 NFKBIA NFKBIZ RHOB GADD45B CYR61 CCN1 MYC MAFF CSRNP1 TNFAIP3 SAT1 UBC HSPA1A HSPA1B HSPA8 HSPA6
   HSPB1 HSP90AA1 HSP90AB1 HSPE1 HSPD1 HSPH1 DNAJA1 DNAJB1 DNAJB4 BAG3 HSPA5`,
)
const sex = listed('XIST TSIX RPS4Y1 RPS4Y2 DDX3Y EIF1AY KDM5D UTY USP9Y ZFY TXLNGY TTTY14 TTTY15 NLGN4Y PRKY TMSB4Y EIF2S3Y')

const mostOf = { among: familyGenes, least: 11 }
const families: readonly Family[] = [
  { flag: 'ribosomal', ...mostOf, has: (gene) => ribosomal.test(gene) && !notRibosomal.test(gene) },
  { flag: 'mitochondrial', ...mostOf, has: (gene) => mitochondrial.test(gene) },
  { flag: 'cell-cycle', ...mostOf, has: cellCycle },
  { flag: 'haemoglobin', among: 10, least: 3, has: (gene) => haemoglobin.test(gene) },
  { flag: 'stress', among: 10, least: 5, has: stress },
  { flag: 'hla', among: 10, least: 5, has: (gene) => hla.test(gene) },
  { flag: 'sex', among: 5, least: 2, has: sex },
]

/** The families that hold enough of the best genes. @param genes symbols, best first */
export function familyFlags(genes: readonly string[]): LatentFlag<GeneFlag>[] {
  if (genes.length < fewestFamilyGenes) return []
  return families.flatMap(({ flag, among, least, has }) => {
    const best = genes.slice(0, among)
    const members = best.filter(has).length
    // With fewer ranked genes than looked at, the same share is asked for.
    return members * among >= least * best.length
      ? [{ flag, source: `${best.length} best genes`, value: members / best.length }]
      : []
  })
}
