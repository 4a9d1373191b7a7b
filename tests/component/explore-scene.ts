// An invented run for tests of the Features page: nine features, one dead, one rare, one dense, three cell types.
import { flushPromises } from '@vue/test-utils'
import { vi } from 'vitest'
import type { Aspect, LatentCard, LatentRow, ProjectSummary } from '@contract'
import type { FakeEngine, FakeShell } from '../../src/renderer/bridge/fake'
import { navigate, type PageDetail } from '../../src/renderer/bridge/navigation'
import ExplorePage from '../../src/renderer/features/explore/ExplorePage.vue'
import { doneRun, engineAnswers, shellAnswers, summary } from './example-project'
import { mountPage, type MountedPage } from './mount-page'

export const cellCount = 700
const types = ['CD19+ B', 'CD56+ NK', 'Dendritic'] as const
export const typeOfCell = Int32Array.from({ length: cellCount }, (_, cell) => cell % 3)

const row = (id: number, change: Partial<LatentRow> = {}): LatentRow => ({
  id,
  label: null,
  labelState: change.label ? 'edited' : 'none',
  proposal: null,
  density: 0.1 + id / 100,
  activeCells: Math.round(cellCount * (0.1 + id / 100)),
  topGroup: { column: 'bulk_labels', value: types[id % 3] ?? types[0], auroc: 0.95 - id / 50 },
  topTerm: { id: `GO:000000${id}`, name: `term ${id}`, qLatent: 10 ** -(9 - id), qOverall: 10 ** -(8 - id) },
  topGenes: [`GENE${id}A`, `GENE${id}B`],
  stability: null,
  flags: [],
  ...change,
})
export const rows: readonly LatentRow[] = [
  row(0, { label: 'B cell identity', topTerm: { id: 'GO:0042113', name: 'B cell activation', qLatent: 1e-12, qOverall: 1e-10 } }),
  row(1),
  row(2),
  row(3),
  row(4, { topTerm: { id: 'GO:0002181', name: 'cytoplasmic translation', qLatent: 0.2, qOverall: 0.6 } }),
  row(5, { density: 0.72, activeCells: 504, flags: ['dense'] }),
  row(6, { density: 0, activeCells: 0, topGroup: null, topTerm: null, topGenes: [], flags: ['dead'] }),
  row(7, { density: 12 / cellCount, activeCells: 12, topTerm: null, topGenes: [], flags: ['rare'] }),
  row(8, { flags: ['donor'] }),
]

const unlinkedRow = (each: LatentRow): LatentRow => ({ ...each, topTerm: null, topGenes: [] })

export function cardOf(id: number, aspect: Aspect, linked: readonly Aspect[]): LatentCard {
  const { label, activeCells, density, flags } = rows[id] ?? row(id)
  const isTested = activeCells >= 20
  return {
    id,
    label,
    labelState: label === null ? 'none' : 'edited',
    proposal: null,
    activeCells,
    density,
    flags,
    flagEvidence: id === 8 ? [{ flag: 'donor', source: 'D2', value: 0.93 }] : [],
    topGenes:
      isTested && linked.length > 0
        ? ['CD79A', 'CD79B', 'MS4A1', 'HLA-DRA', 'CD74', 'TCL1A', 'VPREB3', 'CD37', 'CD19'].map((gene, rank) => ({
            gene,
            auroc: 0.98 - rank / 50,
            log2Difference: id === 1 ? null : 3.9 - rank / 5,
            detectedActive: 0.94,
            detectedReference: 0.08,
            cohensD: 1.2,
            wilcoxon: null,
            welch: null,
            donors: null,
          }))
        : [],
    terms:
      isTested && linked.includes(aspect)
        ? [
            term('GO:0042113', 'B cell activation', 6, id === 4 ? 0.6 : 1e-10, [
              'CD79A',
              'CD79B',
              'MS4A1',
              'CD74',
              'CD37',
              'CD19',
            ]),
            term('GO:0019882', 'antigen processing and presentation', 3, id === 4 ? 0.7 : 0.02, ['HLA-DRA', 'CD74', 'CD37']),
            term('GO:0006955', 'immune response', 3, 0.4, ['CD74', 'CD79A', 'CD19']),
            term('GO:0050853', 'B cell receptor signaling pathway', 2, 0.5, ['CD79A', 'CD79B']),
          ]
        : [],
    groups: types.map((value, code) => ({
      column: 'bulk_labels',
      value,
      auroc: isTested ? 0.95 - code / 5 : null,
      precision: [0.93, 0.05, 0.02][code] ?? null,
      recall: 0.4,
      f1: [0.56, 0.1, 0.05][code] ?? null,
      fold: [2.79, 0.15, 0.06][code] ?? null,
      log10P: -3,
      qValue: 0.02,
      information: 0.31,
    })),
    lowerGenes: [],
    numbers: [],
    breadth: [],
    similar: [{ id: 3, cosine: 0.71 }],
    linking: linked.includes(aspect)
      ? {
          aspect,
          preset: 'latiscope',
          method: 'ora',
          background: 'detected',
          backgroundSize: 741,
          studySize: 29,
          testedLatents: 7,
          testedTerms: 1_204,
          shuffled: { copies: 20, withTerm: 2 },
          tooFew: isTested ? null : 'fewer than 20 active cells',
          geneNote: 'The cells were chosen by the latent.',
          donors: [],
          backgrounds: [],
          sentence: '7 of 7 tested latents have a term; 2 of 20 shuffled copies did.',
          warnings: [],
          ontologyRelease: '2026-01-23',
          annotationRelease: '2026-01-20',
          outdated: false,
        }
      : null,
    linkings: [],
  }
}

function term(id: string, name: string, overlap: number, qOverall: number, genes: string[]) {
  const sizes = { overlap, termSize: 31, studySize: 29, backgroundSize: 741 }
  return {
    id,
    name,
    ...sizes,
    pValue: qOverall / 100,
    qLatent: qOverall / 10,
    qOverall,
    genes,
    score: null,
    group: id,
    ubiquitous: false,
  }
}

const activationOf = (id: number) => {
  const cells = Uint32Array.from({ length: rows[id]?.activeCells ?? 0 }, (_, at) => at)
  return { cells, values: Float32Array.from(cells, (cell) => 1 + (cell % 10) / 10) }
}

export const linkedTo = (
  aspects: readonly Aspect[],
  change: Partial<NonNullable<ProjectSummary['data']>> = {},
): ProjectSummary => {
  if (summary.data === null) throw new Error('The example project holds data.')
  return { ...summary, data: { ...summary.data, ...change }, runs: [{ ...doneRun, linkedAspects: [...aspects] }] }
}

/** An engine that holds the nine features; `linked` is read at every call, so a test can link while the page is open. */
export function exploreEngine(linked: Aspect[] = ['BP'], change: FakeEngine = {}): FakeEngine {
  return {
    ...engineAnswers(linkedTo(linked)),
    'project.summary': () => linkedTo(linked),
    'map.read': { name: 'X_umap', xy: Float32Array.from({ length: 2 * cellCount }, (_, at) => at % 37) },
    'column.read': ({ name }) => ({
      info: linkedTo(linked).data?.columns.find((column) => column.name === name) ?? {
        name,
        kind: 'category',
        levels: [],
        colours: null,
        role: null,
      },
      codes: name === 'bulk_labels' ? typeOfCell : null,
      numbers: name === 'bulk_labels' ? null : new Float32Array(cellCount),
    }),
    'cells.names': ({ cells }) => ({ names: cells.map((cell) => `CELL-${cell}`) }),
    'gene.read': ({ gene }) => ({ gene, detected: 120, values: new Float32Array(cellCount).fill(1) }),
    'latents.list': ({ aspect }) => (linked.includes(aspect) ? [...rows] : rows.map(unlinkedRow)),
    'latents.card': ({ latent, aspect }) => cardOf(latent, aspect, linked),
    'latents.activation': ({ latent }) => activationOf(latent),
    'latents.rename': {},
    'find.latents': [
      { id: 3, label: null, overlap: 5, qLatent: 1e-7, qOverall: 1e-6 },
      { id: 7, label: null, overlap: 3, qLatent: 1e-3, qOverall: 0.01 },
      { id: 1, label: null, overlap: 1, qLatent: 0.5, qOverall: 0.9 },
    ],
    ...change,
  }
}

/** happy-dom lays nothing out; the virtual list needs a height to know how many rows to draw. */
export function giveElementsSize(): void {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600)
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(400)
}

export async function openFeatures(
  scene: { engine?: FakeEngine; shell?: FakeShell; open?: ProjectSummary; detail?: PageDetail } = {},
): Promise<MountedPage> {
  giveElementsSize()
  const mounted = await mountPage(ExplorePage, {
    engine: scene.engine ?? exploreEngine(),
    shell: { ...shellAnswers, ...scene.shell },
    open: scene.open ?? linkedTo(['BP']),
  })
  navigate('features', scene.detail ?? {})
  await flushPromises()
  return mounted
}

/** Numbers of the features in the list, from the top. */
export const listed = ({ page }: MountedPage): number[] =>
  page
    .findAll('[data-testid="latent-row"]')
    .map((line) => ({ id: Number(line.attributes('data-latent')), place: Number(line.attributes('aria-rowindex')) }))
    .sort((a, b) => a.place - b.place)
    .map(({ id }) => id)
