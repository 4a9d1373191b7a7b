// Reads an ontology in OBO format 1.2 or 1.4. Invariant: the live terms form no circle over is_a and part_of, and every kept
// parent is a live term of the same namespace.
import type { Problem } from '@contract'
import { refuse } from '../../base/refusal'
import { examples, warning } from './file-problems'
import type { TextFile } from './text-lines'

export interface OboParent {
  readonly id: string
  /** is_a, part_of, regulates … */
  readonly relation: string
}

export interface OboTerm {
  readonly id: string
  readonly name: string
  /** '' in ontologies without namespaces. */
  readonly namespace: string
  readonly parents: readonly OboParent[]
}

export interface OboOntology {
  readonly release: string
  /** As its header states it; null when it does not. */
  readonly licence: string | null
  readonly terms: ReadonlyMap<string, OboTerm>
  /** The live term an id means today: its own, the one it is a secondary id of, or the one that replaced it. */
  resolve(id: string): OboTerm | null
  readonly problems: readonly Problem[]
}

interface Draft {
  id: string
  name: string
  namespace: string | null
  parents: OboParent[]
  isObsolete: boolean
  replacedBy: string[]
  readonly alternatives: string[]
}

interface Drafts {
  readonly terms: Draft[]
  readonly release: string
  readonly licence: string | null
  readonly defaultNamespace: string | null
}

/** The value of a line without its trailing "! comment" and "{modifiers}", unescaped. */
function valueOf(line: string): string {
  const raw = line.slice(line.indexOf(':') + 1).trim()
  const comment = /(^|\s)!/.exec(raw)
  const bare = (comment ? raw.slice(0, comment.index) : raw).trimEnd()
  const modifiers = bare.endsWith('}') ? bare.lastIndexOf('{') : -1
  return (modifiers < 0 ? bare : bare.slice(0, modifiers)).replace(/\\([:,"\\])/g, '$1').trim()
}

function fill(term: Draft, key: string, value: string): void {
  if (key === 'id') term.id = value
  else if (key === 'name') term.name = value
  else if (key === 'namespace') term.namespace = value
  else if (key === 'alt_id') term.alternatives.push(value)
  else if (key === 'is_obsolete') term.isObsolete = value === 'true'
  else if (key === 'replaced_by') term.replacedBy.push(value)
  else if (key === 'is_a') term.parents.push({ id: value.split(/\s/)[0] ?? '', relation: 'is_a' })
  else if (key === 'relationship') {
    const [relation = '', id = ''] = value.split(/\s+/)
    term.parents.push({ id, relation })
  }
}

/** The value of a `property_value` line that names the licence: its address or words; null for other properties. */
function licenceOf(value: string): string | null {
  const found = /^\S*licen[cs]e\s+(?:"([^"]+)"|(\S+))/i.exec(value)
  const text = found?.[1] ?? found?.[2] ?? null
  return text === null
    ? null
    : (/creativecommons\.org\/licenses\/([a-z-]+)\/([\d.]+)/i.exec(text)?.slice(1).join(' ').replace(/^/, 'CC ').toUpperCase() ??
        text)
}

function readStanzas({ lines, name: file }: TextFile): Drafts {
  const terms: Draft[] = []
  let release = ''
  let licence: string | null = null
  let written = ''
  let defaultNamespace: string | null = null
  let inHeader = true
  let term: Draft | null = null
  for (const { text } of lines) {
    if (text.startsWith('[')) {
      inHeader = false
      term =
        text.trim() === '[Term]'
          ? { id: '', name: '', namespace: null, parents: [], isObsolete: false, replacedBy: [], alternatives: [] }
          : null
      if (term) terms.push(term)
      continue
    }
    const colon = text.indexOf(':')
    if (colon <= 0) continue
    const key = text.slice(0, colon)
    if (term) fill(term, key, valueOf(text))
    else if (inHeader && key === 'data-version') release = valueOf(text)
    else if (inHeader && key === 'date') written = valueOf(text)
    else if (inHeader && key === 'property_value') licence ??= licenceOf(valueOf(text))
    else if (inHeader && key === 'default-namespace') defaultNamespace = valueOf(text)
  }
  if (terms.length === 0)
    refuse('TEXT_NOT_RECOGNISED', { file, expected: 'an ontology in OBO format', why: 'it holds no [Term] stanza' })
  // Without a version, the day the file was written: `date: 02:03:2018 12:34`, day first.
  const day = /^(\d{2}):(\d{2}):(\d{4})/.exec(written)
  const dated = release || (day ? `${day[3]}-${day[2]}-${day[1]}` : '')
  return { terms, release: /\d{4}-\d{2}-\d{2}/.exec(dated)?.[0] ?? dated, licence, defaultNamespace }
}

/** @throws Refusal TEXT_NOT_RECOGNISED without terms, FILE_DAMAGED when terms are parents of each other */
export function parseObo(file: TextFile): OboOntology {
  const { terms: drafts, release, licence, defaultNamespace } = readStanzas(file)
  const problems: Problem[] = []
  const spaced = drafts.some((term) => term.namespace !== null)
  const isWhole = (term: Draft): boolean =>
    term.id !== '' && (term.isObsolete || (term.name !== '' && (!spaced || (term.namespace ?? defaultNamespace) !== null)))
  const half = drafts.filter((term) => !isWhole(term))
  if (half.length > 0 || !file.isClosed) problems.push(cutProblem(file.name, half))
  const whole = drafts.filter(isWhole)
  const live = new Map<string, OboTerm>()
  for (const { id, name, namespace, parents, isObsolete } of whole)
    if (!isObsolete) live.set(id, { id, name, namespace: namespace ?? defaultNamespace ?? '', parents })
  const lost: string[] = []
  for (const [id, term] of live) {
    const kept = term.parents.filter((parent) => live.get(parent.id)?.namespace === term.namespace)
    if (kept.some(isBackbone) !== term.parents.some(isBackbone)) lost.push(id)
    live.set(id, { ...term, parents: kept })
  }
  if (lost.length > 0)
    problems.push(
      warning(
        'ONTOLOGY_PARENTS_MISSING',
        `${lost.length} terms lost all their parents, because the file does not hold them or they are of another namespace (${examples(lost)}).`,
        'Annotations of these terms stay where they are. Use the complete go-basic.obo for propagation.',
      ),
    )
  refuseCircle(live, file.name)
  return { release, licence, terms: live, resolve: resolver(live, whole), problems }
}

const isBackbone = ({ relation }: OboParent): boolean => relation === 'is_a' || relation === 'part_of'

function cutProblem(file: string, half: readonly Draft[]) {
  const what =
    half.length === 0
      ? 'its last line has no end'
      : `${half.length === 1 ? 'a term' : `${half.length} terms`} without name or namespace (${examples(half.map((term) => term.id || 'no id'))}) ${half.length === 1 ? 'was' : 'were'} left out`
  return warning('ONTOLOGY_CUT', `The file ${file} may be cut: ${what}.`, 'Copy or download it again.')
}

/** Follows alt_id and single replaced_by entries; a chain that comes back to itself leads nowhere. */
function resolver(live: ReadonlyMap<string, OboTerm>, all: readonly Draft[]): OboOntology['resolve'] {
  const next = new Map<string, string>()
  for (const term of all) {
    const [successor, another] = term.replacedBy
    if (term.isObsolete && successor !== undefined && another === undefined) next.set(term.id, successor)
  }
  for (const term of all) if (!term.isObsolete) for (const id of term.alternatives) if (!live.has(id)) next.set(id, term.id)
  return (id) => {
    const seen = new Set<string>()
    let at: string | undefined = id
    while (at !== undefined && !live.has(at) && !seen.has(at)) {
      seen.add(at)
      at = next.get(at)
    }
    return at === undefined ? null : (live.get(at) ?? null)
  }
}

/** Depth-first over is_a and part_of without recursion; a term met again on its own path closes a circle. */
function refuseCircle(terms: ReadonlyMap<string, OboTerm>, file: string): void {
  const done = new Set<string>()
  for (const start of terms.keys()) {
    const path: { id: string; waiting: string[] }[] = []
    const onPath = new Set<string>()
    const enter = (id: string): void => {
      path.push({ id, waiting: (terms.get(id)?.parents ?? []).filter(isBackbone).map((parent) => parent.id) })
      onPath.add(id)
    }
    if (!done.has(start)) enter(start)
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const parent = top.waiting.pop()
      if (parent === undefined) {
        path.pop()
        onPath.delete(top.id)
        done.add(top.id)
      } else if (onPath.has(parent)) {
        const circle = path.slice(path.findIndex((step) => step.id === parent)).map((step) => step.id)
        const why =
          circle.length <= 2
            ? `${circle.join(' and ')} ${circle.length === 1 ? 'is its own parent' : "are each other's parent"}`
            : `${circle.slice(0, 6).join(' → ')}${circle.length > 6 ? ' → …' : ` → ${parent}`} form a circle of parents`
        refuse('FILE_DAMAGED', { file, why })
      } else if (!done.has(parent)) enter(parent)
    }
  }
}
