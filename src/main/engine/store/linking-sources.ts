// Which ontology each linking rests on, and the names of its terms where they are not the built-in ones.
import type Database from 'better-sqlite3'
import type { OntologyReference } from '@contract'

export type LinkingSourceStore = ReturnType<typeof openLinkingSourceStore>

export function openLinkingSourceStore(db: Database.Database) {
  // A project of an older layout that cannot be written is read as it is.
  const isThere = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'linking_source'").get() !== undefined
  if (!isThere) return nothingKept
  const find = db.prepare<[number], { reference: string }>('SELECT reference FROM linking_source WHERE linking_id = ?')
  const name = db.prepare<[string], { name: string }>(
    'SELECT name FROM linking_term WHERE term_id = ? ORDER BY linking_id DESC LIMIT 1',
  )
  const like = db.prepare<[{ text: string; limit: number }], FoundTerm>(
    `SELECT term_id AS id, name, max(linking_id) AS linking FROM linking_term
     WHERE term_id = @text COLLATE NOCASE OR instr(lower(name), lower(@text)) > 0
     GROUP BY term_id ORDER BY length(name), term_id LIMIT @limit`,
  )
  const within = db.prepare<[{ linking: number; key: string }], { id: string }>(
    `SELECT term_id AS id FROM linking_term WHERE linking_id = @linking
     AND (term_id = @key COLLATE NOCASE OR name = @key COLLATE NOCASE) ORDER BY term_id = @key COLLATE NOCASE DESC, term_id LIMIT 1`,
  )
  return {
    /** Id of the term of an installed ontology that has exactly this id or name, where the linking tested it. */
    termIn: (linking: number, key: string): string | null => within.get({ linking, key })?.id ?? null,
    /** Null for linkings made before, which rest on the built-in annotations. */
    of: (linking: number): OntologyReference | null => {
      const row = find.get(linking)
      return row ? (JSON.parse(row.reference) as OntologyReference) : null
    },
    /** Name of a term of an installed ontology, as the last linking with it had it. */
    termName: (term: string): string | null => name.get(term)?.name ?? null,
    /** Terms of installed ontologies whose id or name matches, with the latest linking that tested them. */
    searchTerms: (text: string, limit: number): FoundTerm[] => like.all({ text, limit }),
  }
}

interface KeptTerm {
  readonly id: string
  readonly name: string
}

interface FoundTerm extends KeptTerm {
  readonly linking: number
}

const nothingKept = {
  of: (): OntologyReference | null => null,
  termName: (): string | null => null,
  termIn: (): string | null => null,
  searchTerms: (): FoundTerm[] => [],
}

export interface LinkingSource {
  readonly reference: OntologyReference
  /** Names to keep: those of the tested terms of an installed ontology, none for the built-in one. */
  readonly terms: readonly KeptTerm[]
}

/** Part of the transaction that writes the linking. */
export function insertLinkingSource(db: Database.Database, linking: number, { reference, terms }: LinkingSource): void {
  db.prepare('INSERT INTO linking_source (linking_id, reference) VALUES (?, ?)').run(linking, JSON.stringify(reference))
  const insert = db.prepare('INSERT INTO linking_term (linking_id, term_id, name) VALUES (?, ?, ?)')
  for (const term of terms) insert.run(linking, term.id, term.name)
}
