// The verb find: latents by a term, a gene, a group of cells, cells of a list, or along groups in an order.
import { refuse } from '../../base/refusal'
import type { Answer, VerbAction } from '../answer'
import type { Session } from '../session'
import { granted, text, whole, word } from '../options'

export const findAction: VerbAction = async (session, { words, options }) => {
  await session.open(word(words, 0))
  const asked = (['term', 'gene', 'group', 'cells'] as const).flatMap((by) => {
    const key = text(options, by)
    return key === null ? [] : [{ by, key }]
  })
  const [first] = asked
  const order = [options['order'] ?? []].flat().map(String)
  if (asked.length + Math.min(order.length, 1) !== 1)
    refuse('USAGE', { what: 'find needs one of --term, --gene, --group, --cells or --order.' })
  const run = whole(options, 'run')
  if (!first) return alongOrder(session, run, order)
  const { by, key } = first
  if (by === 'cells')
    return { ...(await session.call('find.cells', { run, cells: null, file: granted(session, options, 'cells') })) }
  return { matches: await session.call('find.latents', { run, by, key, aspect: null, linking: whole(options, 'linking') }) }
}

/** Latents along groups of one column, the clearest rise first and the clearest fall last. */
async function alongOrder(session: Session, run: number | null, order: readonly string[]): Promise<Answer> {
  const groups = order.map((group) => {
    const at = group.indexOf('=')
    return { column: group.slice(0, Math.max(at, 0)), value: group.slice(at + 1) }
  })
  const [{ column } = { column: '' }] = groups
  if (groups.length < 2 || column === '' || groups.some((group) => group.column !== column))
    refuse('USAGE', { what: 'Give --order COLUMN=VALUE at least twice, for groups of one column, first to last.' })
  if (new Set(order).size < order.length) refuse('USAGE', { what: 'Give --order each group once.' })
  return { matches: await session.call('latents.trajectory', { run, column, values: groups.map(({ value }) => value) }) }
}
