// A small invented project for component tests and pictures of the pages: 700 cells, two runs, one of them linked.
import { laterSettings } from '@contract'
import type {
  Advice,
  Granted,
  Inspection,
  MetricPoint,
  OntologyInfo,
  ProjectSummary,
  Run,
  RunJudgement,
  TrainRequest,
  TrainSettings,
} from '@contract'
import { judgeRun } from '../../src/main/science/run-judgement'
import type { FakeEngine, FakeShell } from '../../src/renderer/bridge/fake'

export const token = (letter: string): string => letter.repeat(32)
export const dataGrant: Granted = { token: token('a'), name: 'bone_marrow_donors.h5ad', kind: 'data' }
export const projectGrant: Granted = { token: token('b'), name: 'bone_marrow_donors.latiscope', kind: 'project' }

export const ontology: OntologyInfo = {
  release: '2026-01-23',
  annotations: '2026-01-20',
  terms: 39_354,
  genes: 19_411,
  outdated: false,
  attribution: 'Gene Ontology (geneontology.org), CC BY 4.0.',
}

export const inspection: Inspection = {
  kind: 'h5ad',
  description: 'AnnData file written by anndata 0.10, 24,318 cells × 18,204 genes',
  fileName: 'bone_marrow_donors.h5ad',
  bytes: 1_204_331_008,
  rows: 24_318,
  columns: 18_204,
  representations: [
    { key: 'X_scVI', rows: 24_318, dims: 64, usable: true, suggested: true, reason: 'no gaps, no constant columns' },
    { key: 'X_pca', rows: 24_318, dims: 50, usable: true, suggested: false, reason: 'usable; principal components' },
    { key: 'X_umap', rows: 24_318, dims: 2, usable: false, suggested: false, reason: 'used for drawing only' },
  ],
  expression: [
    {
      key: 'layers/counts',
      rows: 24_318,
      columns: 18_204,
      verdict: 'counts',
      evidence: 'Every value is a whole number and the largest is 4,211.',
      suggested: true,
      histogram: [
        { label: '0', share: 0.91 },
        { label: '1', share: 0.031 },
        { label: '2', share: 0.022 },
        { label: '3–5', share: 0.018 },
        { label: '6–20', share: 0.012 },
        { label: '>20', share: 0.007 },
      ],
    },
    {
      key: 'X',
      rows: 24_318,
      columns: 18_204,
      verdict: 'log1p',
      evidence: 'Values lie between 0 and 8.',
      suggested: false,
      histogram: [],
    },
  ],
  metadata: [
    { name: 'cell_type', kind: 'category', levels: 15, examples: ['B cell', 'NK cell'], role: 'cell-type' },
    { name: 'donor_id', kind: 'category', levels: 6, examples: ['D1', 'D2'], role: 'donor' },
    { name: 'site', kind: 'category', levels: 2, examples: ['S1', 'S2'], role: 'batch', colours: ['#1f77b4', '#ff7f0e'] },
    { name: 'n_counts', kind: 'number', levels: 0, examples: ['18402'], role: null },
    { name: 'barcode_seq', kind: 'text', levels: 24_318, examples: ['AAACCT'], role: null },
  ],
  maps: ['X_umap'],
  genes: {
    mapped: 16_821,
    of: 18_204,
    byAlias: 802,
    unmapped: ['AC000123.1', 'AL590822.2', 'RP11-34P13.7', 'CTD-2006C1.2'],
    species: 'human',
    speciesSure: true,
    speciesShares: [
      { species: 'human', share: 0.92 },
      { species: 'mouse', share: 0.01 },
    ],
    table: 'GENCODE 48',
    methods: [
      { method: 'symbol', count: 16_019 },
      { method: 'unmapped', count: 1371 },
      { method: 'alias', count: 802, examples: [{ name: 'SEPT2', symbol: 'SEPTIN2' }] },
      { method: 'ambiguous', count: 12 },
    ],
    ambiguous: ['CD20'],
    foreign: 0,
    repeated: 3,
    kinds: [{ kind: 'symbol', count: 18_204 }],
    biotypes: [
      { biotype: 'protein_coding', count: 15_900 },
      { biotype: 'lncRNA', count: 900 },
    ],
    cloneNames: 1290,
  },
  preview: {
    columns: ['Cell', 'cell_type', 'donor_id', 'n_counts', 'X_scVI 1', 'X_scVI 2', 'HBA2', 'CD74'],
    rows: [
      ['AAACCTGAGCATCATC-1-D1', 'Erythroblast', 'D1', '18,402', '0.412', '−1.038', '812', '2'],
      ['AAACCTGTCGACCAGC-1-D1', 'NK cell', 'D1', '4,077', '−0.887', '0.210', '3', '9'],
      ['AAACGGGTCTTAACCT-1-D2', 'B cell', 'D2', '3,610', '0.056', '0.933', '1', '164'],
    ],
  },
  problems: [
    {
      level: 'info',
      code: 'RARE_GENES',
      message: '5,330 genes are seen in fewer than 25 cells.',
      remedy: 'They stay searchable but are not part of the background.',
    },
    {
      level: 'warning',
      code: 'EXCEL_DATES',
      message: '3 gene names look like Excel dates (1-Mar, 2-Mar, 7-Sep).',
      remedy: 'They cannot be repaired with certainty and stay unknown.',
    },
  ],
  rowKind: { kind: 'cells', why: 'The names of the rows are no genes or proteins.', mapped: 0, of: 0 },
  geneColumns: ['feature_name'],
  features: [],
  estimate: {
    memoryBytes: 1_400_000_000,
    diskBytes: 900_000_000,
    seconds: 40,
    free: { memoryBytes: 8_000_000_000, diskBytes: null },
    sentence: 'The import needs about 1.4 GB of memory (8.0 GB free), 900 MB of disk and 40 s.',
  },
  report: 'Latiscope: look into bone_marrow_donors.h5ad',
}

export const settings: TrainSettings = {
  arch: 'batchtopk',
  latents: 64,
  k: 8,
  steps: 3_000,
  batch: 128,
  learningRate: 0.001,
  warmUp: 0.05,
  decay: 0.2,
  auxCoefficient: 0.03125,
  auxK: 25,
  deadAfter: 6_400,
  heldOut: 0.2,
  heldOutBy: null,
  seed: 0,
  ...laterSettings,
}

/** What an engine with fixed rules would advise for 700 cells. */
export function adviceFor(request: TrainRequest): Advice {
  const wanted = { ...settings, ...request } as TrainSettings
  return {
    settings: wanted,
    trainingRows: 560,
    heldOutRows: 140,
    firingsPerLatent: (560 * wanted.k) / wanted.latents,
    reasons: [
      { setting: 'latents', why: 'With 560 cells, 64 features still see enough cells each.' },
      { setting: 'k', why: 'A cell is described by about an eighth of the dimensions.' },
    ],
  }
}

export const doneRun: Run = {
  id: 1,
  state: 'done',
  settings: { ...settings, latents: 32 },
  createdAt: '2026-11-20T10:00:00Z',
  finishedAt: '2026-11-20T10:00:21Z',
  seconds: 20.6,
  stepsPerSecond: 148,
  metrics: { explainedVariance: { train: 0.871, heldOut: 0.862 }, l0: { train: 8, heldOut: 8.1 }, dead: 1, dense: 3 },
  controls: {
    untrained: { explainedVariance: { train: 0.31, heldOut: 0.31 } },
    pca: { axes: 8, explainedVariance: { train: 0.68, heldOut: 0.673 } },
  },
  input: null,
  backend: 'tensorflow',
  densityHistogram: [1, 0, 0, 0, 0, 0, 1, 2, 3, 4, 6, 5, 3, 2, 1, 2, 2],
  linkedAspects: ['BP'],
  error: null,
  resumeStep: null,
  stoppedAt: null,
}
export const noGainRun: Run = {
  ...doneRun,
  id: 2,
  settings: { ...settings, latents: 32, arch: 'topk' },
  metrics: { explainedVariance: { train: 0.66, heldOut: 0.65 }, l0: { train: 8, heldOut: 8 }, dead: 0, dense: 1 },
  linkedAspects: [],
}

/** A curve as a run of these settings would draw it. */
export const curve: readonly MetricPoint[] = Array.from({ length: 60 }, (_, at) => {
  const rise = 1 - Math.exp(-at / 8)
  return {
    step: (at + 1) * 50,
    loss: 1 - 0.85 * rise,
    explainedTrain: 0.872 * rise,
    explainedHeldOut: 0.863 * rise,
    l0: 8 + 3 * Math.exp(-at / 5),
    dead: Math.round(12 * Math.exp(-((at - 6) ** 2) / 90)) + 1,
  }
})

export const summary: ProjectSummary = {
  name: 'Blood cells',
  fileName: 'blood.latiscope',
  readOnly: false,
  data: {
    rows: 700,
    dims: 50,
    genes: 765,
    backgroundGenes: 741,
    mappedGenes: 760,
    representation: 'X_pca',
    expression: 'raw/X',
    verdict: 'log1p',
    rowKind: 'cells',
    mappedRows: 0,
    species: 'human',
    countsFrom: null,
    verdictFromValues: true,
    sources: [{ name: 'pbmc68k_reduced.h5ad', bytes: 1_000_000, sha256: 'a'.repeat(64), part: 'rows' }],
    representations: [{ key: 'X_pca', dims: 50, active: true }],
    features: [],
    perRow: null,
    sourceName: 'pbmc68k_reduced.h5ad',
    map: 'X_umap',
    columns: [
      { name: 'bulk_labels', kind: 'category', levels: ['CD19+ B', 'CD56+ NK', 'Dendritic'], colours: null, role: 'cell-type' },
      { name: 'n_counts', kind: 'number', levels: [], colours: null, role: null },
    ],
    problems: [
      {
        level: 'warning',
        code: 'FEW_CELLS',
        message: 'Only 700 cells.',
        remedy: 'Use few features; the settings follow from this.',
      },
    ],
  },
  runs: [doneRun, noGainRun],
  ontology,
}
export const emptyProject: ProjectSummary = { ...summary, data: null, runs: [] }

/** The judgement as the engine makes it, by its own rules. */
function judged({ runs, data }: ProjectSummary, id: number): RunJudgement[] {
  const run = runs.find((each) => each.id === id)
  if (!run?.metrics || !run.controls || !data) return []
  const { settings, metrics, controls } = run
  return judgeRun({
    latents: settings.latents,
    k: settings.k,
    trainingRows: Math.round(data.rows * (1 - settings.heldOut)),
    dead: metrics.dead,
    explained: metrics.explainedVariance,
    controls: [{ name: 'PCA', explained: controls.pca.explainedVariance }],
    untrained: controls.untrained.explainedVariance,
    course: [],
    training: null,
    seconds: run.seconds ?? 0,
    repeats: null,
  })
}

/** Answers of an engine that holds this project. */
export function engineAnswers(open: ProjectSummary = summary): FakeEngine {
  return {
    'project.summary': open,
    'project.open': open,
    'project.create': emptyProject,
    'project.close': {},
    'ontology.info': ontology,
    'source.inspect': inspection,
    'import.start': { job: 'import-1', run: null },
    'run.advice': adviceFor,
    'run.history': [...curve],
    'run.judge': ({ run }) => judged(open, run),
    'seeds.read': null,
    'apply.list': [],
    'search.read': null,
    'run.start': { job: 'train-1', run: 3 },
    'run.list': [...open.runs],
    'link.start': { job: 'link-1', run: 1 },
    'find.search': [
      { kind: 'gene', key: 'CD79A', title: 'CD79A', note: 'B cell antigen receptor complex-associated protein' },
      { kind: 'term', key: 'GO:0042113', title: 'B cell activation', note: 'GO:0042113 · 12 features' },
      { kind: 'latent', key: '7', title: 'F7', note: 'B cell activation' },
    ],
    'job.cancel': {},
  }
}

export const shellAnswers: FakeShell = {
  'app.info': { version: '0.1.0', electron: '45.4.1', chrome: '150', node: '24.0.0', platform: 'linux' },
  'launch.request': { project: null, sample: null },
  'theme.get': 'light',
  'theme.set': {},
  'recent.list': [
    {
      token: token('c'),
      name: 'Bone marrow atlas',
      folder: '~/projects/atlas',
      openedAt: '2026-11-22T14:32:00Z',
      missing: false,
    },
    { token: token('d'), name: 'Tonsil pilot', folder: '/media/usb/tonsil', openedAt: '2026-10-30T09:00:00Z', missing: true },
  ],
  'recent.remove': {},
  'files.chooseData': dataGrant,
  'files.chooseProject': projectGrant,
  'files.newProject': projectGrant,
  'files.showInFolder': {},
  'clipboard.write': {},
  'sample.files': { project: projectGrant, data: dataGrant, exists: false },
}
