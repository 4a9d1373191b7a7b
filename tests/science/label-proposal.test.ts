// The label a latent is given from its evidence, and the grade: a fixed rule, written in docs/linking.md.
import { describe, expect, it } from 'vitest'
import { proposeLabel, type LabelEvidence } from '../../src/main/science/label-proposal'

const term = { name: 'antigen processing and presentation', overlap: 6, qOverall: 1e-6, ubiquitous: false }
const gene = (name: string, agreeing = 4) => ({ name, donors: { agreeing, of: 4 } })
const evidence = (change: Partial<LabelEvidence> = {}): LabelEvidence => ({
  activeCells: 200,
  types: ['B cell'],
  bestType: { precision: 0.9, qValue: 1e-10 },
  terms: [term],
  genes: [gene('HLA-DRA'), gene('CD74'), gene('CD79A'), gene('MS4A1')],
  flags: [],
  chance: { copies: 20, withTerm: 1 },
  ...change,
})
const gradeOf = (change: Partial<LabelEvidence>): string | undefined => proposeLabel(evidence(change))?.grade

describe('the proposed label', () => {
  it('joins the cell type and the best term that is not everywhere', () => {
    const everywhere = { ...term, name: 'cytoplasmic translation', ubiquitous: true }
    expect(proposeLabel(evidence({ terms: [everywhere, term] }))?.text).toBe('B cell: antigen processing and presentation')
    expect(proposeLabel(evidence({ types: [] }))?.text).toBe('antigen processing and presentation')
    expect(proposeLabel(evidence({ types: ['a', 'b', 'c', 'd'] }))?.text).toBe('antigen processing and presentation')
  })

  it('falls back to genes where no term stands out, and to nothing where nothing does', () => {
    expect(proposeLabel(evidence({ terms: [] }))?.text).toBe('B cell: HLA-DRA, CD74, CD79A')
    expect(proposeLabel(evidence({ terms: [], types: [] }))?.text).toBe('HLA-DRA, CD74, CD79A')
    expect(proposeLabel(evidence({ terms: [], types: [], genes: [] }))).toBeNull()
    expect(proposeLabel(evidence({ activeCells: 19 }))).toBeNull()
  })

  it('says first what may be technical', () => {
    const flags = [{ flag: 'depth', source: 'n_counts within cell types' }]
    expect(proposeLabel(evidence({ flags }))).toMatchObject({
      text: 'technical? follows sequencing depth (n_counts within cell types)',
      grade: 'moderate',
    })
    expect(proposeLabel(evidence({ flags: [{ flag: 'hla', source: '10 best genes' }] }))?.grade).toBe('strong')
  })

  it('is the same for the same evidence', () => {
    expect(proposeLabel(evidence())).toEqual(proposeLabel(evidence()))
  })
})

describe('the grade', () => {
  it('is strong with a clear cell type and a clear term, moderate with one, weak with none', () => {
    expect(gradeOf({})).toBe('strong')
    expect(gradeOf({ terms: [] })).toBe('moderate')
    expect(gradeOf({ types: [], bestType: null })).toBe('moderate')
    expect(gradeOf({ types: [], bestType: null, terms: [] })).toBe('weak')
  })

  it('needs most active cells in the type, a small q, and one type', () => {
    expect(gradeOf({ bestType: { precision: 0.49, qValue: 1e-10 } })).toBe('moderate')
    expect(gradeOf({ bestType: { precision: 0.9, qValue: 0.06 } })).toBe('moderate')
    expect(gradeOf({ types: ['B cell', 'plasma cell'] })).toBe('moderate')
  })

  it('needs a term that chance seldom gives, with enough copies to say so', () => {
    expect(gradeOf({ chance: { copies: 20, withTerm: 3 } })).toBe('moderate')
    expect(gradeOf({ chance: { copies: 9, withTerm: 0 } })).toBe('moderate')
    expect(gradeOf({ chance: null })).toBe('moderate')
  })

  it('falls a step where donors do not agree, and another where it may be technical', () => {
    const apart = [gene('HLA-DRA', 2), gene('CD74', 3), gene('CD79A', 2)]
    expect(gradeOf({ genes: apart })).toBe('moderate')
    expect(gradeOf({ genes: apart, flags: [{ flag: 'donor', source: 'D3' }] })).toBe('weak')
    expect(proposeLabel(evidence({ genes: apart }))?.reasons.at(-1)).toBe('Only 58 % of the donors agree on its best genes.')
  })
})
