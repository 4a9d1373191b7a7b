// The 27 gene families' members renamed because spreadsheets took their symbols for dates (Bruford et al. 2020,
// doi:10.1038/s41588-020-0669-3), in human and in mouse spelling. Alias lists do not say which of several genes had a name
// officially: SEPT2 is an alias of SEPTIN6 too, DEC1 of BHLHE40. And the cytosolic aminoacyl-tRNA synthetases, which HGNC gave a 1 in
// the same year: SARS is an alias of SARS2 too.

const rules: readonly (readonly [RegExp, string])[] = [
  [/^SEPT([1-9]|1[0-24])$/, 'SEPTIN$1'],
  [/^MARCH([1-9]|1[01])$/, 'MARCHF$1'],
  [/^MARC([12])$/, 'MTARC$1'],
  [/^DEC1$/, 'DELEC1'],
  [/^([ACDGHIKLMNQRSTVWY]A|EP)RS$/, '$1RS1'],
  [/^Sept([1-9]|1[0-24])$/, 'Septin$1'],
  [/^March([1-9]|1[01])$/, 'Marchf$1'],
  [/^Marc([12])$/, 'Mtarc$1'],
  [/^([ACDGHIKLMNQRSTVWY]a|Ep)rs$/, '$1rs1'],
]

/** The present symbol of a renamed one; null for any other name. */
export function renamedSymbol(name: string): string | null {
  for (const [pattern, symbol] of rules) if (pattern.test(name)) return name.replace(pattern, symbol)
  return null
}
