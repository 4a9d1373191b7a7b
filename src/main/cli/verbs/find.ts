// The verb find: latents by a term, a gene, a group of cells, or cells of a list.
import { refuse } from '../../base/refusal'
import type { VerbAction } from '../answer'
import { granted, text, whole, word } from '../options'

export const findAction: VerbAction = async (session, { words, options }) => {
  await session.open(word(words, 0))
  const asked = (['term', 'gene', 'group', 'cells'] as const).flatMap((by) => {
    const key = text(options, by)
    return key === null ? [] : [{ by, key }]
  })
  const [first] = asked
  if (!first || asked.length > 1) refuse('USAGE', { what: 'find needs one of --term, --gene, --group or --cells.' })
  const { by, key } = first
  const run = whole(options, 'run')
  if (by === 'cells')
    return { ...(await session.call('find.cells', { run, cells: null, file: granted(session, options, 'cells') })) }
  return { matches: await session.call('find.latents', { run, by, key, aspect: null, linking: whole(options, 'linking') }) }
}
