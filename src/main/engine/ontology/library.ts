// Ontologies the user installed: one folder each in a library that all projects of the user share. A project keeps only the
// reference and checksum of what it used, because licences of some collections do not allow to pass them on with a project.
// Invariant: a folder is complete or not there; its content is used only if it has the checksum it was installed with.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import * as v from 'valibot'
import { InstalledOntology, type InstalledOntology as Info } from '@contract'
import { refuse } from '../../base/refusal'
import { createCollection, type TermCollection } from './collection'
import { checksumOf, storedContent, type OntologyContent, type StoredContent } from './content'
import { offsets, type GeneColumns, type TermColumns } from './resource'

const infoFile = 'ontology.json'
const contentFile = 'content.json.gz'
const largestContent = 1_000_000_000

export class OntologyLibrary {
  private readonly opened = new Map<string, TermCollection>()
  private readonly proteins = new Map<string, ReadonlyMap<string, string>>()

  /** @param folder of the library, made at the first installation @param cache where propagated sets are kept */
  constructor(
    private readonly folder: string,
    private readonly cache: string | null,
    private readonly isOutdated: (release: string) => boolean,
  ) {}

  /** By name, then release, the newest first. A folder that is not as written is left out. */
  list(): Info[] {
    if (!existsSync(this.folder)) return []
    const found = readdirSync(this.folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? (this.read(entry.name) ?? []) : [],
    )
    return found.sort(
      (a, b) =>
        a.name.localeCompare(b.name) ||
        `${b.release} ${b.annotations}`.localeCompare(`${a.release} ${a.annotations}`) ||
        (a.id < b.id ? -1 : 1),
    )
  }

  /** The one of this id or, if only one has it, of this name. @throws Refusal ONTOLOGY_NOT_INSTALLED */
  get(wanted: string): TermCollection {
    const all = this.list()
    const named = all.filter((each) => each.name.toLowerCase() === wanted.toLowerCase())
    const info = all.find((each) => each.id === wanted) ?? (named.length === 1 ? named[0] : undefined)
    if (!info)
      refuse('ONTOLOGY_NOT_INSTALLED', { name: wanted, known: all.map((each) => each.id).join(', ') || 'none is installed' })
    const open = this.opened.get(info.id)
    if (open && open.info.checksum === info.checksum) return open
    const collection = createCollection(info, () => this.content(info), this.cache)
    this.opened.set(info.id, collection)
    return collection
  }

  /** Keeps an ontology; one with the same content and name is not kept twice. */
  install(content: OntologyContent, name: string, now: Date): Info {
    const known = this.list().find((each) => each.checksum === content.checksum && each.name === name)
    if (known) return known
    const { terms, genes, files, checksum, kind, species, release, annotations, licence, attribution, hasEvidence } = content
    const aspects = (['BP', 'MF', 'CC'] as const).filter((aspect) => terms.aspects.includes(aspect))
    const info: Info = {
      id: this.freeId(name, annotations || release, checksum),
      name,
      kind,
      bundled: false,
      species,
      release,
      annotations,
      checksum,
      licence,
      attribution,
      installedAt: now.toISOString(),
      files: [...files],
      terms: terms.ids.length,
      genes: genes.symbols.length,
      aspects,
      hasEvidence,
      outdated: this.isOutdated(release),
    }
    this.proteins.clear()
    const partial = join(this.folder, `.partial-${process.pid}-${info.id}`)
    try {
      mkdirSync(partial, { recursive: true })
      writeFileSync(join(partial, contentFile), gzipSync(JSON.stringify(storedContent(terms, genes))))
      writeFileSync(join(partial, infoFile), `${JSON.stringify(info, null, 2)}\n`)
      renameSync(partial, join(this.folder, info.id))
    } finally {
      rmSync(partial, { recursive: true, force: true })
    }
    return info
  }

  /** @throws Refusal ONTOLOGY_NOT_INSTALLED */
  remove(id: string): void {
    const { info } = this.get(id)
    this.opened.delete(info.id)
    this.proteins.clear()
    rmSync(join(this.folder, info.id), { recursive: true, force: true })
  }

  /** UniProt accessions of a species with the symbols of their genes, from every installed annotation file of it. */
  proteinsOf(species: string): ReadonlyMap<string, string> {
    const known = this.proteins.get(species)
    if (known) return known
    const proteins = new Map<string, string>()
    for (const info of this.list().filter((each) => each.species === species && each.kind !== 'sets')) {
      const { genes } = this.get(info.id).content
      genes.ids.forEach((line, gene) => {
        for (const id of line === '' ? [] : line.split('|')) if (!id.includes(':')) proteins.set(id, genes.symbols[gene] ?? '')
      })
    }
    this.proteins.set(species, proteins)
    return proteins
  }

  private read(id: string): Info | null {
    try {
      const parsed = v.safeParse(InstalledOntology, JSON.parse(readFileSync(join(this.folder, id, infoFile), 'utf8')))
      if (!parsed.success || parsed.output.id !== id) return null
      return { ...parsed.output, outdated: this.isOutdated(parsed.output.release) }
    } catch {
      return null
    }
  }

  private content(info: Info): { terms: TermColumns; genes: GeneColumns } {
    try {
      const bytes = readFileSync(join(this.folder, info.id, contentFile))
      const text = gunzipSync(bytes, { maxOutputLength: largestContent }).toString('utf8')
      if (checksumOf(text) === info.checksum) return decodeContent(JSON.parse(text) as StoredContent)
    } catch {
      // The refusal below says what to do, whatever is wrong with the file.
    }
    return refuse('ONTOLOGY_DAMAGED', { name: info.name })
  }

  private freeId(name: string, date: string, checksum: string): string {
    const slug = `${name} ${date}`
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 60)
    const wanted = slug || 'ontology'
    return existsSync(join(this.folder, wanted)) ? `${wanted}-${checksum.slice(0, 8)}` : wanted
  }
}

function decodeContent(stored: StoredContent): { terms: TermColumns; genes: GeneColumns } {
  return {
    terms: {
      ids: stored.ids,
      names: stored.names,
      aspects: stored.aspects as TermColumns['aspects'],
      parentStart: offsets(stored.parentCounts),
      parents: Uint32Array.from(stored.parents),
    },
    genes: {
      ids: stored.geneIds,
      symbols: stored.symbols,
      aliases: stored.aliases,
      ensembl: [],
      annotationStart: offsets(stored.annotationCounts),
      annotationTerms: Uint32Array.from(stored.annotationTerms),
      annotationEvidence: Uint8Array.from(stored.evidence),
    },
  }
}
