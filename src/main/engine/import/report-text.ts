// The review as plain text, for a letter to whoever made the file.
import type { Inspection } from '@contract'
import { counted } from './problems'
import { sized } from './estimate'

const percent = (part: number, of: number): string => (of === 0 ? '–' : `${Math.round((part / of) * 100)} %`)

/** Everything the review shows, one fact per line. */
export function reportText(found: Omit<Inspection, 'report'>, version: string): string {
  const { genes, rowKind } = found
  const lines = [
    `Latiscope ${version}: look into ${found.fileName} (${sized(found.bytes)})`,
    found.description,
    '',
    `Rows: ${rowKind.kind}. ${rowKind.why}`,
    '',
    'Representations:',
    ...found.representations.map(
      (each) => `  ${each.suggested ? '*' : ' '} ${each.key}: ${counted(each.rows)} × ${each.dims}, ${each.reason}`,
    ),
    'Expression:',
    ...found.expression.map(
      (each) =>
        `  ${each.suggested ? '*' : ' '} ${each.key}: ${counted(each.rows)} × ${counted(each.columns)}, ${each.verdict}. ${each.evidence}`,
    ),
    ...found.features.map(
      (each) =>
        `Beside the genes: ${each.type}, ${counted(each.features)} features, ${each.verdict} (${each.examples.join(', ')})`,
    ),
    `${rowKind.kind === 'cells' ? 'Genes' : 'Genes of the rows'}: ${counted(genes.mapped)} of ${counted(genes.of)} known (${percent(genes.mapped, genes.of)}), ${counted(genes.byAlias)} by an older name; species: ${genes.species}.`,
    ...(genes.unmapped.length > 0 ? [`  Unknown, for example: ${genes.unmapped.join(', ')}`] : []),
    `Columns of the ${rowKind.kind}:`,
    ...found.metadata.map(
      (each) =>
        `  ${each.name}: ${each.kind}${each.levels > 0 ? `, ${counted(each.levels)} values` : ''}${each.role === null ? '' : `, ${each.role}`} (${each.examples.join(', ')})`,
    ),
    `Maps: ${found.maps.join(', ') || 'none'}`,
    found.estimate.sentence,
    '',
    'Problems:',
    ...(found.problems.length === 0 ? ['  none'] : []),
    ...found.problems.map((each) => `  ${each.level} ${each.code}: ${each.message} ${each.remedy}`),
  ]
  return `${lines.join('\n')}\n`
}
