// Words for what returns between seeds, for searches over settings, for models applied to new cells and brought in.
import type { ApplyReport, ModelFormat, RunJudgement, RunSource } from '@contract'
import { count, duration, fixed, percent, plural } from './format'

export const stabilityText = {
  /** What stands in front of the engine's sentence; empty where that sentence begins with the same words. */
  verdict: {
    good: 'Good.',
    'no-gain': 'No gain.',
    'too-wide': '',
    'too-few-firings': 'Too few cells per feature.',
    'many-dead': 'Many dead features.',
    unstable: '',
    unfinished: '',
    'no-held-out': '',
    'not-repeated': '',
  } satisfies Record<RunJudgement['kind'], string>,
  source: (source: RunSource): string =>
    ({
      trained: '',
      repeat: `seed of run ${source.of ?? '?'}`,
      continued: `from run ${source.of ?? '?'}`,
      consensus: `shared by seeds of run ${source.of ?? '?'}`,
      imported: 'brought in',
    })[source.kind],
  repeats: {
    title: 'Repeats and stability',
    intro:
      'Trained once, some features are there only by chance of the start. Train again with other seeds to see which come back.',
    notRepeatable: 'This model was not trained here, so it cannot be trained again with other seeds.',
    howMany: 'Other seeds',
    more: (seeds: number) => plural(seeds, 'other seed', 'other seeds'),
    consensus: 'Also make a model of the features most seeds share',
    start: 'Train with other seeds',
    again: 'Compare with these seeds',
    waiting: 'Training with other seeds…',
    atMost: (seconds: number) => `at most about ${duration(seconds)}; small models are trained two at a time, which is quicker`,
    readOnly: 'This project is read-only, so no run can be stored.',
    back: (features: number, seeds: number) =>
      `${plural(features, 'feature comes', 'features come')} back in ${seeds} of ${seeds} seeds.`,
    numbers: {
      compared: ['Features compared', 'Those that are on in at least one cell.'],
      agreement: ['Mean match', 'Mean cosine of each feature and its partner in another seed. 1 is the same direction.'],
      correlation: ['Mean correlation', 'Of the activations of partners over all cells.'],
      some: ['In some seeds', 'Come back in more than this run, but not in every seed.'],
      once: ['Only here', 'Have no partner with a cosine of at least 0.7 in any other seed.'],
    },
    match: (agreement: number, chance: number) => `${fixed(agreement, 2)}, by chance ${fixed(chance, 2)}`,
    oneSeed: 'Trained with one seed only.',
    chance: (same: number) =>
      same === 0
        ? 'By chance, none would count as the same.'
        : `By chance, ${plural(same, 'feature', 'features')} would count as the same.`,
    consensusRun: (run: number, latents: number) => `Run ${run} holds the ${count(latents)} features most seeds share.`,
  },
  controls: {
    add: 'Also compare with ICA and NMF',
    why: 'Two more methods that could explain the cells as well. Takes longer than PCA.',
    running: 'Computing ICA and NMF…',
  },
  search: {
    open: { k: 'Find the number per cell…', size: 'Find the number of features…' },
    title: { k: 'Find the number per cell', size: 'Find the number of features' },
    intro: {
      k: 'Short trainings with several numbers of features per cell, two seeds each. The number whose features come back best is advised.',
      size: 'Short trainings with several numbers of features, two seeds each. The smallest that brings back nearly all is advised.',
    },
    start: 'Try the values',
    again: 'Try again',
    running: 'Trying values…',
    runningWhy: 'The window may be closed meanwhile; the answer is kept in the project.',
    trial: (step: number, of: number) => `Training ${count(step)} of ${count(of)}`,
    use: { k: (value: number) => `Use ${count(value)} per cell`, size: (value: number) => `Use ${count(value)} features` },
    earlier: 'From the latest search in this project.',
    advised: 'advised',
    head: {
      value: {
        k: ['On per cell', 'How many features describe one cell.'],
        size: ['Features', 'How many features the model may use.'],
      },
      firings: ['Cells per feature', 'Training cells in which a feature is on, on average. At least 80 are needed.'],
      explained: ['Explained', 'Share of the differences between held-out cells that the features rebuild.'],
      agreement: ['Match', 'Mean cosine of each feature and its partner in the other seed; beside it what chance gives.'],
      chance: 'Match by chance',
      back: ['Come back', 'Features that are found again with the other seed (cosine of at least 0.7).'],
      dead: ['Never on', 'Features that are off in every training cell.'],
    },
    firings: (value: number) => count(Math.round(value)),
    agreement: (value: number, chance: number) => `${fixed(value, 2)} (chance ${fixed(chance, 2)})`,
  },
  apply: {
    title: 'Apply to new cells',
    intro: 'Turns this model’s features on in the cells of another file with the same representation, and checks that they fit.',
    start: 'Apply to new cells…',
    write: 'Also write the activations (CSV)',
    running: 'Applying the model…',
    file: (run: number) => `Run ${run} new cells.csv`,
    of: (report: ApplyReport) => `${report.file}: ${plural(report.rows, 'cell', 'cells')}`,
    verdicts: {
      'in-range': 'Like the training cells.',
      partly: 'Partly unlike the training cells.',
      'out-of-range': 'Unlike the training cells.',
    } satisfies Record<ApplyReport['verdict'], string>,
    numbers: (explained: number | null, l0: number) =>
      explained === null
        ? `${fixed(l0, 1)} on per cell`
        : `${percent(explained)} of the differences between these cells explained, ${fixed(l0, 1)} on per cell`,
    written: (path: string) => `Written: ${path}`,
  },
  model: {
    open: 'Import a model…',
    title: 'Import a model',
    intro:
      'Bring in a sparse autoencoder of SAELens, dictionary_learning or sparsify, or a safetensors file. It must take the representation of this project. Its features are computed for the cells here.',
    folder: 'Choose a folder…',
    file: 'Choose a file…',
    running: 'Bringing in the model…',
    formats: {
      'sae-lens': 'SAELens',
      'dictionary-learning': 'dictionary_learning',
      sparsify: 'sparsify',
      safetensors: 'safetensors file',
    } satisfies Record<ModelFormat, string>,
    done: (run: number, format: ModelFormat, latents: number) =>
      `Run ${run}: ${plural(latents, 'feature', 'features')} from ${stabilityText.model.formats[format]}.`,
    explained: (share: number) => `It explains ${percent(share)} of the differences between the cells here.`,
    parity: (rows: number, difference: number) =>
      `Checked on ${plural(rows, 'cell', 'cells')} against the definition of its tool: largest difference ${
        difference === 0 ? '0' : difference.toExponential(0)
      } of a cell’s activations.`,
  },
} as const
