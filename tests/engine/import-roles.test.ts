// What the columns of the cells mean, by name and by the user's word.
import { describe, expect, it } from 'vitest'
import { assignRoles } from '../../src/main/engine/import/roles'
import type { ImportedColumn } from '../../src/main/engine/import'

const column = (name: string, levels: number): ImportedColumn => ({
  name,
  kind: 'category',
  role: null,
  levels: Array.from({ length: levels }, (_, level) => `level ${level}`),
  colours: null,
  codes: Int32Array.from({ length: 60 }, (_, cell) => cell % levels),
  numbers: null,
  texts: null,
})
const columns = [column('louvain', 5), column('cell_type', 4), column('donor_id', 3), column('barcode', 60)]
const rolesOf = (answers: Parameters<typeof assignRoles>[1]) =>
  assignRoles(columns, answers).map(({ name, role }) => [name, role])

describe('the roles of cell columns', () => {
  it('are suggested by name, each once, and never for identifiers', () => {
    expect(rolesOf({})).toEqual([
      ['louvain', null],
      ['cell_type', 'cell-type'],
      ['donor_id', 'donor'],
      ['barcode', null],
    ])
  })

  it('follow the user, who can move one or take it away', () => {
    expect(rolesOf({ louvain: 'cell-type', donor_id: null })).toEqual([
      ['louvain', 'cell-type'],
      ['cell_type', null],
      ['donor_id', null],
      ['barcode', null],
    ])
  })
})
