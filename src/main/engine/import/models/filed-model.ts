// A model of another tool on its way from the process that read it: its numbers as scratch files, the rest as a description.
import type { NumberFile, Scratch } from '../../scratch/folder'
import type { ForeignModel, ForeignRule } from './foreign-model'

type Weight = 'encoder' | 'encoderBias' | 'decoder' | 'centre'
const weights: readonly Weight[] = ['encoder', 'encoderBias', 'decoder', 'centre']

type FiledRule =
  | { readonly kind: 'topk'; readonly k: number }
  | { readonly kind: 'threshold'; readonly threshold: number | NumberFile }
  | { readonly kind: 'gates'; readonly log: NumberFile; readonly bias: NumberFile }

export type FiledModel = Omit<ForeignModel, Weight | 'rule'> & {
  readonly weights: Readonly<Record<Weight, NumberFile>>
  readonly rule: FiledRule
}

export function fileModel({ encoder, encoderBias, decoder, centre, rule, ...rest }: ForeignModel, scratch: Scratch): FiledModel {
  const arrays = { encoder, encoderBias, decoder, centre }
  const file = (name: string, values: Float32Array): NumberFile => scratch.write(`model-${name}`, values)
  const filed = Object.fromEntries(weights.map((name) => [name, file(name, arrays[name])])) as FiledModel['weights']
  return { ...rest, weights: filed, rule: filedRule(rule, file) }
}

function filedRule(rule: ForeignRule, file: (name: string, values: Float32Array) => NumberFile): FiledRule {
  if (rule.kind === 'topk') return rule
  if (rule.kind === 'gates') return { kind: 'gates', log: file('log', rule.log), bias: file('bias', rule.bias) }
  const { threshold } = rule
  return { kind: 'threshold', threshold: typeof threshold === 'number' ? threshold : file('threshold', threshold) }
}

/** The model again, from the folder it was filed in. */
export function modelFrom({ weights: filed, rule, ...rest }: FiledModel, scratch: Scratch): ForeignModel {
  const read = (file: NumberFile): Float32Array => new Float32Array(scratch.read(file))
  const arrays = Object.fromEntries(weights.map((name) => [name, read(filed[name])])) as Record<Weight, Float32Array>
  return { ...rest, ...arrays, rule: ruleFrom(rule, read) }
}

function ruleFrom(rule: FiledRule, read: (file: NumberFile) => Float32Array): ForeignRule {
  if (rule.kind === 'topk') return rule
  if (rule.kind === 'gates') return { kind: 'gates', log: read(rule.log), bias: read(rule.bias) }
  return { kind: 'threshold', threshold: typeof rule.threshold === 'number' ? rule.threshold : read(rule.threshold) }
}
