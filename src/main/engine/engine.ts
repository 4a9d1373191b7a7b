// The engine's state: the open project, the ontology, files the user granted, the running job, the trainer's wire.
// Handlers receive it; nothing else in the engine keeps state.
import { basename, join } from 'node:path'
import type { EventName } from '@contract'
import { refuse } from '../base/refusal'
import type { FromEngine, Grant } from '../base/host-protocol'
import type { FromTrainer } from '../base/trainer-protocol'
import { Jobs } from './jobs/jobs'
import { resumeStepIn } from './analysis/checkpoint-folders'
import { builtInId, isOutdated, loadOntology, type GeneTable, type Ontology, type TermCollection } from './ontology'
import { OntologyLibrary } from './ontology/library'
import type { Project } from './project/project'
import { Readers } from './reader/readers'
import type { Dataset } from './store/dataset'

export interface EngineFolders {
  readonly resources: string
  readonly cache: string
  /** What the user installed, for all projects; absent: a folder of the cache. */
  readonly library?: string
  /** The built import/map/fit-thread-entry.ts; absent: maps are fitted in the engine's own thread. */
  readonly mapThread?: string
}

/** Listens to the trainer of one run. */
export interface TrainerListener {
  hear(message: FromTrainer): void
  gone(why: string): void
}

/** Long enough for a checkpoint of the largest model on a slow disk. */
const closingMs = 20_000

export class Engine {
  readonly jobs: Jobs
  readonly trainers = new Map<number, TrainerListener>()
  readonly readers: Readers
  private opened: Project | null = null
  private loadedOntology: Ontology | null = null
  private openedLibrary: OntologyLibrary | null = null
  private readonly grants = new Map<string, Grant>()

  constructor(
    readonly folders: EngineFolders,
    readonly appVersion: string,
    readonly send: (message: FromEngine) => void,
  ) {
    this.readers = new Readers(send)
    this.jobs = new Jobs(
      (name, payload) => this.emit(name, payload),
      (bug, ref) => this.reportBug(bug, ref),
    )
  }

  emit(name: EventName, payload: unknown): void {
    this.send({ t: 'event', name, payload })
  }

  reportBug(bug: unknown, ref: string): void {
    this.send({ t: 'bug', ref, stack: bug instanceof Error ? (bug.stack ?? bug.message) : String(bug) })
  }

  grant(grant: Grant): void {
    this.grants.set(grant.token, grant)
  }

  /** The path behind a token, if it was granted for this purpose. */
  path(token: string, purpose: Grant['purpose']): string {
    const grant = this.grants.get(token)
    if (!grant || grant.purpose !== purpose) refuse('BAD_REQUEST', { why: 'this file was not chosen for this purpose' })
    return grant.path
  }

  get ontology(): Ontology {
    try {
      this.loadedOntology ??= loadOntology(join(this.folders.resources, 'ontology'), new Date(), {
        cache: this.setsFolder,
        proteinsOf: (species) => this.library.proteinsOf(species),
      })
    } catch (thrown) {
      this.reportBug(thrown, 'ontology')
      refuse('ONTOLOGY_MISSING')
    }
    return this.loadedOntology
  }

  /** Where propagated term sets are kept between starts. */
  get setsFolder(): string {
    return join(this.folders.cache, 'term-sets')
  }

  get library(): OntologyLibrary {
    return (this.openedLibrary ??= new OntologyLibrary(
      join(this.folders.library ?? join(this.folders.cache, 'library'), 'ontologies'),
      this.setsFolder,
      (release) => isOutdated(release, new Date()),
    ))
  }

  /** An ontology by id or name; null or its id for the built-in one. @throws Refusal ONTOLOGY_NOT_INSTALLED */
  collection(id: string | null): TermCollection {
    return id === null || id === builtInId ? this.ontology.collection : this.library.get(id)
  }

  /** The gene table of the open data's species; the human one where there is none. */
  get projectTable(): GeneTable {
    const species = this.opened?.dataset.get()?.species
    return (species && this.ontology.catalogue.of(species)) || this.ontology.genes
  }

  get project(): Project {
    return this.opened ?? refuse('NO_PROJECT')
  }

  get hasProject(): boolean {
    return this.opened !== null
  }

  /** The open project, if it may be written to. */
  get writableProject(): Project {
    if (this.project.readOnly) refuse('FILE_READ_ONLY', { file: basename(this.project.file) })
    return this.project
  }

  get dataset(): Dataset {
    return this.project.dataset.get() ?? refuse('NO_DATA')
  }

  /** The step the checkpoints named by a token hold. */
  readonly resumeStep = (token: string | null): number => resumeStepIn(this.folders.cache, token)

  useProject(project: Project | null): void {
    this.opened = project
  }

  /** Lets running work end, a training with a checkpoint, and closes the project file. */
  async closeProject(limitMs = closingMs): Promise<void> {
    await this.jobs.close(limitMs)
    for (const run of this.trainers.keys()) this.send({ t: 'trainer-kill', run })
    this.opened?.close()
    this.opened = null
  }
}
