// Which column tells the cell type, the donor, the batch, the condition: suggested by name and content.
// Invariant: at most one column per role, and never a column that gives nearly every cell its own value.
import type { ImportChoice, Role } from '@contract'
import type { ImportedColumn } from './imported-data'

/** Patterns from certain to weak; the weight falls with the position. */
const patterns: Readonly<Record<Role, readonly RegExp[]>> = {
  'cell-type': [
    /^(?:author_?)?cell_?types?$/,
    /^cell_?type/,
    /^(?:majority_voting|predicted_?labels?|predicted_?cell_?type)/,
    /cell_?type|cell_?label|cell_?class|cell_?identity/,
    /^(?:bulk_labels|published_label|annotations?|labels?|celltypist.*|subclass|class|cluster_?(?:names?|labels?))$/,
    /annotation|_label$|^label/,
    /^(?:leiden|louvain|seurat_?clusters?|clusters?|clustering)/,
  ],
  donor: [
    /^(?:donor|patient|subject|individual|participant)(?:_?(?:id|name|nr|no|number))?$/,
    /donor|patient|subject|individual|mouse_?id|animal/,
    /^(?:sample|orig_?ident|biosample|specimen)(?:_?(?:id|name))?$/,
  ],
  batch: [
    /^batch(?:_?(?:id|name|key))?$/,
    /batch/,
    /^(?:library|run|lane|plate|channel|chemistry|experiment|dataset|study|tech|technology|assay|site)(?:_?(?:id|name))?$/,
  ],
  condition: [
    /^(?:condition|stim|stimulation|stimulus|treatment|perturbation|disease|disease_?state|diagnosis)$/,
    /condition|^stim|treat|perturb|disease|diagnos/,
    /^(?:group|group_?id|status|genotype|time_?point|phenotype|exposure)$/,
  ],
}

const weightSteps = 10

/** Suggestions for the columns, with the user's answers taking precedence; null means that a column has no role. */
export function assignRoles(columns: readonly ImportedColumn[], answers: ImportChoice['roles']): ImportedColumn[] {
  const assigned = new Map<string, Role | null>(Object.entries(answers))
  const taken = new Set<Role | null>(Object.values(answers))
  for (const role of Object.keys(patterns) as Role[]) {
    if (taken.has(role)) continue
    let best: { name: string; weight: number } | null = null
    for (const column of columns) {
      if (assigned.has(column.name)) continue
      const weight = weightOf(column, role)
      if (weight > (best?.weight ?? 0)) best = { name: column.name, weight }
    }
    if (best) assigned.set(best.name, role)
  }
  return columns.map((column) => ({ ...column, role: assigned.get(column.name) ?? null }))
}

function weightOf(column: ImportedColumn, role: Role): number {
  if (column.kind !== 'category' || column.codes === null) return 0
  const name = column.name.toLowerCase().replace(/[\s.-]+/g, '_')
  const at = patterns[role].findIndex((pattern) => pattern.test(name))
  if (at < 0) return 0
  const used = new Set<number>()
  let known = 0
  for (const code of column.codes) {
    if (code < 0) continue
    known++
    used.add(code)
  }
  // One value says nothing; a value for nearly every cell is an identifier.
  if (used.size < 2 || used.size > Math.max(2, column.codes.length / 3)) return 0
  return (weightSteps - at) * (known / column.codes.length)
}
