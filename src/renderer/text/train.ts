// Words of the Train page: settings, live numbers, verdicts, runs.
import type { Architecture, RunState, TrainSettings } from '@contract'
import { count, duration, fixed, percent, plural } from './format'

const points = (share: number): string => plural(Math.round(Math.abs(share) * 100), 'point', 'points')

export const trainText = {
  page: 'Train',
  settings: {
    title: 'New run',
    open: 'Settings',
    mode: 'Depth of settings',
    guided: 'Guided',
    expert: 'Expert',
    why: 'Why these settings',
    tooFew: (firings: number) => `Fewer than 80: with ${count(Math.round(firings))}, features may not come back in another run.`,
    loading: 'Working out the settings for your data…',
    recommended: 'Recommended',
    forData: 'for your data',
    changed: (n: number) => `Changed from recommended: ${plural(n, 'setting', 'settings')}`,
    reset: 'reset',
    sentence: (rows: number, latents: number, firings: number) =>
      [
        'You have ',
        count(rows),
        ' cells to train on. ',
        count(latents),
        ' features give each about ',
        count(Math.round(firings)),
        ' cells to learn from; at least 80 are needed.',
      ] as const,
    numbers: {
      latents: ['features to learn', 'How many patterns the model may use. Also called latents.'],
      k: ['on per cell', 'How many features describe one cell. Also called k or L0.'],
      heldOut: ['cells held out', 'Cells that are never used for training, only for checking.'],
      steps: ['steps', 'How many small batches of cells the model learns from.'],
    },
    presets: 'Length of the run',
    quick: { title: 'Quick look', note: 'half the steps, to see whether it works' },
    standard: { title: 'Standard', note: 'full length' },
    steps: (steps: number) => `${count(steps)} steps`,
    about: (seconds: number) => `about ${duration(seconds)}`,
    expertTitle: 'Expert settings',
    controls:
      'Always computed beside it: PCA and an untrained copy. If the features are not better than these, you will be told.',
    start: 'Start training',
    starting: 'Starting…',
    busy: 'A job is running. Wait until it is done, or cancel it.',
    readOnly: 'This project is read-only, so no run can be stored.',
    noAdvice: 'There are no settings for these data yet.',
    labels: {
      arch: 'Type',
      latents: 'Features',
      k: 'On per cell',
      steps: 'Steps',
      learningRate: 'Learning rate',
      batch: 'Cells per step',
      heldOut: 'Held-out share',
      seed: 'Seed',
    },
    architectures: {
      batchtopk: 'Batch top-k',
      topk: 'Top-k',
      matryoshka: 'Hierarchical',
      relu: 'ReLU',
      jumprelu: 'JumpReLU',
      gated: 'Gated',
    } satisfies Record<Architecture, string>,
    laterArch: (name: string) => `${name} (later version)`,
  },
  header: {
    run: (id: number, arch: Architecture) => `Run ${id} · ${trainText.settings.architectures[arch]}`,
    states: {
      queued: 'waiting',
      training: 'training',
      paused: 'paused',
      done: 'done',
      cancelled: 'cancelled',
      failed: 'failed',
      interrupted: 'interrupted',
    } satisfies Record<RunState, string>,
    step: (step: number, of: number) => `Step ${count(step)} of ${count(of)}`,
    left: (seconds: number) => `${duration(seconds)} left`,
    progress: 'Training progress',
    cancel: 'Cancel',
    took: (seconds: number) => `Took ${duration(seconds)}`,
    link: 'Link to genes and terms',
    linkAgain: 'Link again',
    linking: 'Linking…',
    open: 'Open features',
    noExpression: 'This project has no gene expression, so features cannot be linked to genes and terms.',
  },
  tiles: {
    title: 'Numbers of this run',
    explained: [
      'Explained, held-out',
      'Share of the differences between held-out cells that the features rebuild. 100% is all, 0% is no better than the average cell.',
    ],
    explainedTrain: [
      'Explained, training',
      'Share of the differences between training cells that the features rebuild. No cells were held out.',
    ],
    l0: ['On per cell (L0)', 'How many features are on in one cell, on average.'],
    dead: ['Never on (dead)', 'Features that are off in every training cell. They are not tested, but counted.'],
    dense: ['On in over half', 'Features that are on in more than half of the cells. Often they follow depth or ribosome genes.'],
    speed: ['Speed', 'Training steps per second on this computer.'],
    controls: [
      'PCA · untrained',
      'What the same number of PCA axes, and the same model before learning, explain of the same cells. The run must be better than both.',
    ],
    train: (share: number) => `train ${percent(share)}`,
    target: (k: number) => `set to ${k}`,
    of: (dead: number, latents: number) => `of ${count(latents)} · ${percent(dead / latents)}`,
    perSecond: 'steps/s',
    speedBy: (why: string, backend: string) => `${why} Computed by ${backend}.`,
    checkDepth: 'check depth',
    later: 'at the end',
    none: '—',
  },
  charts: {
    explained: 'How much of the representation is explained',
    explainedLabel: (held: string, train: string) =>
      `Explained variance over training steps. Held-out ${held}, training ${train}.`,
    sparsity: 'Features on per cell · dead features',
    sparsityLabel: (l0: string, dead: string) =>
      `Features on per cell and dead features over training steps. Now ${l0} on per cell, ${dead} dead.`,
    density: 'In how many cells is a feature on?',
    densityLabel: (never: string, dense: string) =>
      `Histogram of the share of cells in which each feature is on. ${never} never on, ${dense} on in over half.`,
    empty: 'Curves appear here',
    emptyDensity: 'Known at the end of the run',
    step: 'training step',
    share: 'share of cells (log scale)',
    heldOut: 'held-out',
    training: 'training',
    pca: (axes: number) => `PCA, ${plural(axes, 'axis', 'axes')}`,
    untrained: 'untrained',
    onPerCell: 'on per cell',
    dead: 'dead',
    never: 'never',
    features: 'features',
    names: { explained: 'explained', sparsity: 'on-per-cell', density: 'density' },
    columns: {
      step: 'Step',
      train: 'Explained, training',
      heldOut: 'Explained, held-out',
      l0: 'On per cell',
      dead: 'Dead',
      share: 'Share of cells',
      features: 'Features',
    },
  },
  verdict: {
    good: 'Good.',
    goodSoFar: 'Good so far.',
    tooFew: 'Too few cells per feature.',
    byHeart: 'Learns cells by heart.',
    partlyByHeart: 'Partly learned by heart.',
    manyDead: 'Many dead features.',
    noGain: 'No gain.',
    unknown: 'No held-out cells.',
    gap: (gap: number) =>
      gap <= 0.005
        ? 'Held-out cells are explained as well as training cells.'
        : `Held-out cells are explained almost as well as training cells (gap ${fixed(gap * 100, 1)} points), so the model is not learning cells by heart.`,
    controls: (pca: number, axes: number, untrained: number) =>
      `It is ${points(pca)} ${pca >= 0 ? 'above' : 'below'} PCA with ${plural(axes, 'axis', 'axes')} and ${points(untrained)} ${untrained >= 0 ? 'above' : 'below'} the untrained copy.`,
    firings: (perLatent: number, advice: number) =>
      `${count(Math.round(perLatent))} cells per feature, 80 needed. Use ${count(advice)} features or fewer.`,
    someGap: (gap: number) =>
      `Training cells are explained ${fixed(gap * 100, 1)} points better than held-out cells. More cells, or fewer features, narrow the gap.`,
    heart: (gap: number) =>
      `Training cells are explained ${fixed(gap * 100, 1)} points better than held-out cells. Use fewer features.`,
    dead: (share: number, advice: number) => `${percent(share, 0)} are never on. Use ${count(advice)} features.`,
    pca: (axes: number) =>
      `No better than PCA with ${plural(axes, 'axis', 'axes')}. The representation may not contain sparse features.`,
    untrained: 'No better than an untrained copy. Train longer, or check the representation.',
    noHeldOut: 'Without held-out cells it is unknown whether the features hold for new cells.',
    waiting: 'Curves and controls appear as the run goes on.',
    running: (heldOut: number) =>
      `${percent(heldOut)} of held-out cells explained so far. The comparison with PCA and the untrained copy follows at the end.`,
    short: {
      good: (pca: number) => `Good: ${points(pca)} above PCA`,
      tooFew: (perLatent: number) => `Too wide: ${count(Math.round(perLatent))} cells per feature, 80 needed`,
      byHeart: 'Learns cells by heart. Use fewer features',
      partlyByHeart: (gap: number) => `Better than PCA; gap to held-out ${fixed(gap * 100, 1)} points`,
      manyDead: (share: number) => `${percent(share, 0)} never on`,
      noGain: 'No gain: no better than PCA',
      noGainUntrained: 'No gain: no better than untrained',
      unknown: 'No held-out cells to check with',
    },
  },
  ended: {
    interrupted: [
      'Training was interrupted',
      'The program or the training process ended before the run was finished. The project is safe. Start the run again.',
    ],
    cancelled: ['Training was cancelled', 'Nothing of the unfinished run was kept except its settings and curves.'],
    failed: ['Training failed', 'The run could not be finished.'],
  },
  runs: {
    title: 'Runs',
    summary: (done: number, running: number) =>
      running > 0 ? `${count(done)} finished, ${count(running)} in progress` : `${count(done)} finished`,
    none: 'No runs yet. Start one with the recommended settings.',
    head: {
      id: ['Run', 'Number of the run, in order of start.'],
      arch: ['Type', 'Kind of sparse autoencoder.'],
      latents: ['Features', 'Number of features the model may use.'],
      k: ['per cell', 'Features on per cell, as set.'],
      heldOut: [
        'Explained, held-out',
        'Explained share of the held-out cells. The mark is PCA with as many axes as features on per cell.',
      ],
      train: ['train', 'Explained share of the training cells.'],
      dead: ['dead', 'Share of features that are never on.'],
      linked: ['Genes and terms', 'Whether the features are linked to genes and GO terms.'],
      verdict: ['Verdict', 'Judgement by the rules of the text above.'],
    },
    aspects: { BP: 'processes', MF: 'functions', CC: 'places' },
    notLinked: 'not linked',
    mark: 'Mark in the bar: PCA with as many axes as features on per cell, on the same held-out cells.',
    show: (id: number) => `Show run ${id}`,
  },
  none: {
    title: 'No data to train on',
    reason: 'Import a file first. Settings for training follow from the number of cells.',
    go: 'Go to Data',
  },
} as const

/** The settings an expert may change, in the order they are shown. */
export const expertSettings = [
  'latents',
  'k',
  'steps',
  'learningRate',
  'batch',
  'heldOut',
  'seed',
] as const satisfies readonly (keyof TrainSettings)[]
