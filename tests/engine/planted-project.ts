// A small project with known links: 320 cells of 4 donors and 4 types, 240 genes, one gene-ontology term raised where latent 0 is on.
import { join, resolve } from 'node:path'
import { laterSettings, type EngineMethod, type EngineParams, type EngineResult, type TrainSettings } from '@contract'
import { seededRandom } from '../../src/main/base/random'
import { transpose, type Csr } from '../../src/main/base/sparse'
import { flagLatents } from '../../src/main/engine/analysis/flags'
import { associateMetadata } from '../../src/main/engine/analysis/groups'
import { Engine } from '../../src/main/engine/engine'
import { handlers } from '../../src/main/engine/handlers'
import { loadOntology } from '../../src/main/engine/ontology'
import { createProject, type Project } from '../../src/main/engine/project/project'
import { smallImport, store, type WholeImport } from './imported-data'

export const resources = resolve(import.meta.dirname, '../../resources')
const ontology = loadOntology(join(resources, 'ontology'), new Date('2023-01-01'))
/** B cell receptor signalling: its genes are raised where latent 0 is on. */
export const plantedTerm = 'GO:0050853'
export const cellCount = 320
export const geneCount = 240
export const latentCount = 4
const dims = 3

const sets = ontology.annotations('BP', 'all')
const members = (id: string): number[] => {
  const at = sets.ids.indexOf(id)
  return Array.from(sets.indices.subarray(sets.indptr[at], sets.indptr[at + 1]))
}
const raised = members(plantedTerm).slice(0, 20)
const others = Array.from(new Set(sets.indices))
  .filter((gene) => !raised.includes(gene))
  .slice(0, geneCount - raised.length)
/** Ontology numbers of the genes; the raised ones first. */
const geneNumbers = [...raised, ...others]

export const donorOf = (cell: number): number => cell % 4
export const typeOf = (cell: number): number => Math.floor(cell / 80)
/** Latent 0: most cells of type 0; 1: some cells of every type; 2: a few cells; 3: never. */
const isOn = (cell: number, latent: number): boolean =>
  latent === 0 ? typeOf(cell) === 0 && cell % 8 !== 7 : latent === 1 ? (cell * 7) % 16 < 5 : latent === 2 && cell < 9

function csr(rows: number, columns: number, value: (row: number, column: number) => number): Csr {
  const indptr = new Float64Array(rows + 1)
  const indices: number[] = []
  const values: number[] = []
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const found = value(row, column)
      if (found === 0) continue
      indices.push(column)
      values.push(found)
    }
    indptr[row + 1] = indices.length
  }
  return { rows, columns, indptr, indices: Uint32Array.from(indices), values: Float32Array.from(values) }
}

export const activations: Csr = csr(cellCount, latentCount, (cell, latent) =>
  isOn(cell, latent) ? 1 + ((cell * 13) % 7) / 7 : 0,
)

const random = seededRandom(21)
export const expression: Csr = csr(cellCount, geneCount, (cell, gene) =>
  random.uniform() < (gene < raised.length && isOn(cell, 0) ? 0.9 : 0.3) ? 0.5 + random.uniform() : 0,
)

function imported(): WholeImport {
  const small = smallImport()
  const [type] = small.columns
  if (!type || !small.expression) throw new Error('the small import has columns and expression')
  const byGene = transpose(expression)
  const category = (name: string, role: 'cell-type' | 'donor', levels: string[], code: (cell: number) => number) => ({
    ...type,
    name,
    role,
    levels,
    colours: null,
    codes: Int32Array.from({ length: cellCount }, (_, cell) => code(cell)),
  })
  // Drawn anew each time, so that two projects hold the same.
  const noise = seededRandom(22)
  return {
    ...small,
    cellIds: Array.from({ length: cellCount }, (_, cell) => `c${cell}`),
    representation: {
      key: 'obsm/X_pca',
      dims,
      values: Float32Array.from({ length: cellCount * dims }, (_, at) =>
        at % dims === 0 ? (isOn(Math.floor(at / dims), 0) ? 2 : 0) : noise.normal(),
      ),
    },
    expression: {
      ...small.expression,
      genes: geneNumbers.map((gene, position) => {
        const symbol = ontology.genes.symbolOf(gene)
        const detectedCells = (byGene.indptr[position + 1] as number) - (byGene.indptr[position] as number)
        return { name: symbol, symbol, gene, method: 'symbol', detectedCells }
      }),
      matrix: expression,
    },
    columns: [
      category('cell_type', 'cell-type', ['B cell', 'T cell', 'NK cell', 'Monocyte'], typeOf),
      category('donor', 'donor', ['D1', 'D2', 'D3', 'D4'], donorOf),
      {
        ...type,
        name: 'pseudotime',
        kind: 'number',
        role: null,
        levels: [],
        colours: null,
        codes: null,
        numbers: Float32Array.from({ length: cellCount }, (_, cell) => cell),
      },
    ],
    map: null,
  }
}

const settings: TrainSettings = {
  ...laterSettings,
  ...{ arch: 'topk', latents: latentCount, k: 1, steps: 100, batch: 64, learningRate: 0.001, warmUp: 0.05, decay: 0.2 },
  ...{ auxCoefficient: 0, auxK: 0, deadAfter: 1000, heldOut: 0.2, heldOutBy: null, seed: 0 },
}

const geneRows = Array.from({ length: cellCount }, (_, row) => {
  const gene = geneNumbers[row] ?? null
  return { symbol: gene === null ? null : `gene${row}`, gene, method: gene === null ? 'none' : 'symbol' }
})

export interface PlantedProject {
  readonly engine: Engine
  /** The project that is open now. */
  readonly project: Project
  readonly run: number
  ask<M extends EngineMethod>(method: M, params: EngineParams<M>): Promise<EngineResult<M>>
  /** Starts a job and waits for its result. */
  finish(method: 'link.start' | 'associate.start', params: object): Promise<unknown>
  /** A token for a file. */
  grant(path: string, purpose: 'data' | 'export'): string
  grantProject(path: string): string
}

/**
 * Writes the data and one finished run; nothing is linked yet.
 * @param rowsAre genes: row i stands for the i-th gene, as far as there are genes
 */
export async function plantedProject(folder: string, name = 'p', rowsAre: 'cells' | 'genes' = 'cells'): Promise<PlantedProject> {
  const project = createProject(join(folder, `${name}.latiscope`), 'P', '0')
  const data = imported()
  await store(project, rowsAre === 'cells' ? data : { ...data, rowGenes: geneRows, report: { ...data.report, rowKind: 'genes' } })
  const byLatent = transpose(activations)
  const run = project.runs.start(settings, 'f', '0', new Date())
  const weights = {
    encoder: new Float32Array(latentCount * dims),
    decoder: Float32Array.from({ length: latentCount * dims }, (_, at) => (at % dims === Math.floor(at / dims) % dims ? 1 : 0)),
    encoderBias: new Float32Array(latentCount),
    decoderBias: new Float32Array(dims),
    mean: new Float32Array(dims),
  }
  const outcome = { metrics: {}, controls: {}, scale: 2, backend: { name: 'cpu', version: '1' } } as never
  const breathe = async (): Promise<void> => {}
  project.runs.finish(
    run,
    {
      outcome,
      weights,
      activations,
      byLatent,
      densityHistogram: [1],
      flags: await flagLatents(project.dataset, byLatent, breathe),
      ...(await associateMetadata(project.dataset, byLatent, breathe)),
    },
    new Date(),
  )
  let ended: ((outcome: { result: unknown } | { error: unknown }) => void) | null = null
  const engine = new Engine({ resources, cache: folder }, '0', (message) => {
    if (message.t !== 'event') return
    const payload = message.payload as { result?: unknown; error?: unknown }
    if (message.name === 'job.done') ended?.({ result: payload.result })
    if (message.name === 'job.failed') ended?.({ error: payload.error })
  })
  engine.useProject(project)
  const ask = async <M extends EngineMethod>(method: M, params: EngineParams<M>): Promise<EngineResult<M>> =>
    handlers[method](params, engine)
  let grants = 0
  const grant = (path: string, purpose: 'data' | 'export' | 'project'): string => {
    const token = String(++grants).padStart(32, '0')
    engine.grant({ token, path, purpose })
    return token
  }
  return {
    engine,
    get project() {
      return engine.project
    },
    run,
    ask,
    finish: async (method, params) => {
      const end = new Promise<{ result: unknown } | { error: unknown }>((done) => (ended = done))
      await ask(method, params as never)
      const outcome = await end
      if ('error' in outcome) throw new Error(JSON.stringify(outcome.error))
      return outcome.result
    },
    grant,
    grantProject: (path) => grant(path, 'project'),
  }
}

/** A request with the usual settings. */
export const request = { run: null, aspect: 'BP', background: 'detected', evidence: 'all', shuffles: 10 } as const
