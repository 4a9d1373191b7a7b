// The verbs apply and import-model.
import type { ApplyReport, ModelImportReport } from '@contract'
import type { VerbAction } from '../answer'
import { oneOf, text, whole, word } from '../options'

const formats = ['auto', 'sae-lens', 'dictionary-learning', 'sparsify', 'safetensors'] as const

export const exchangeActions = {
  apply: async (session, { words, options }) => {
    await session.open(word(words, 0))
    const out = text(options, 'out')
    const started = await session.call('apply.start', {
      run: whole(options, 'run'),
      file: session.grant(word(words, 1), 'data'),
      representation: text(options, 'representation'),
      out: out === null ? null : session.grant(out, 'export'),
    })
    return { ...((await session.finish(started)) as ApplyReport) }
  },
  'import-model': async (session, { words, options }) => {
    await session.open(word(words, 0))
    const format = oneOf(options, 'format', formats) ?? 'auto'
    const started = await session.call('model.import', {
      file: session.grant(word(words, 1), 'data'),
      format: format === 'auto' ? null : format,
    })
    return { ...((await session.finish(started)) as ModelImportReport) }
  },
} satisfies Record<string, VerbAction>
