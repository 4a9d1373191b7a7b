// The verbs apply and import-model: their words for --help.
import type { VerbSpec } from '../arguments'

export const exchangeVerbs = {
  apply: {
    about: 'apply a model to the cells of another file and check that they are like those it was trained on',
    words: ['PROJECT', 'FILE'],
    options: {
      run: { value: 'R', about: 'run number (default: the latest finished run)' },
      representation: { value: 'KEY', about: 'which representation (default: the one called as in training)' },
      out: { value: 'PATH', about: 'write the activations as a table (CSV)' },
    },
  },
  'import-model': {
    about: 'bring a model of another tool into the project as a run',
    words: ['PROJECT', 'PATH'],
    options: {
      format: {
        value: 'auto|sae-lens|dictionary-learning|sparsify|safetensors',
        about: 'who wrote it (default auto)',
      },
    },
  },
} as const satisfies Record<string, VerbSpec>
