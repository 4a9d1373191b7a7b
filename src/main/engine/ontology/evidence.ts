// Evidence codes of annotations in three groups; a gene–term pair carries the sum of the groups it is backed by.
const groups: ReadonlyMap<string, number> = new Map([
  ...'EXP IDA IPI IMP IGI IEP HTP HDA HMP HGI HEP'.split(' ').map((code) => [code, 1] as const),
  ...'IBA IBD IKR IRD ISS ISO ISA ISM IGC RCA TAS NAS IC'.split(' ').map((code) => [code, 2] as const),
  ['IEA', 4],
])

/** 1 experimental, 2 other curated, 4 automatic; 0 for ND ("no data") and for codes nobody defined: such rows are dropped. */
export const evidenceGroup = (code: string): number => groups.get(code) ?? 0
