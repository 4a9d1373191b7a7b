// Evidence codes of GO annotations in three groups. A gene–term pair carries the sum of the groups it is backed by.
export const experimental = 1
export const curated = 2
export const automatic = 4

const groups = new Map([
  ...['EXP', 'IDA', 'IPI', 'IMP', 'IGI', 'IEP', 'HTP', 'HDA', 'HMP', 'HGI', 'HEP'].map((code) => [code, experimental]),
  ...['IBA', 'IBD', 'IKR', 'IRD', 'ISS', 'ISO', 'ISA', 'ISM', 'IGC', 'RCA', 'TAS', 'NAS', 'IC'].map((code) => [code, curated]),
  ['IEA', automatic],
])

/** The group of an evidence code; 0 for ND ("no data") and for codes nobody defined: such rows are dropped. */
export const evidenceGroup = (code) => groups.get(code) ?? 0
