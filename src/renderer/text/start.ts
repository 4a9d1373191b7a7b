// Words of the start page.
export const startText = {
  title: 'Find out what your latent space has learned',
  intro:
    'Bring cells with a latent representation and their expression. Latiscope breaks the representation into features that are on in few cells, and shows which cell types, genes and processes go with each one.',
  drop: {
    title: 'Drop a file here',
    note: 'Latiscope looks at the content, not the name, and shows what it found before anything is stored.',
    formats: [
      'AnnData .h5ad',
      'MuData .h5mu',
      'loom',
      '10x .h5 or folder',
      'Zarr',
      'CSV, TSV, Excel',
      'Parquet',
      '.npy, .npz',
      'Latiscope project',
    ],
  },
  newProject: 'New project from a file…',
  newFromFolder: 'New project from a folder…',
  folderWhy: 'For data that are a folder: of 10x Genomics (matrix, barcodes, features), or AnnData as Zarr.',
  openProject: 'Open project…',
  openKeys: 'Ctrl O',
  recent: {
    title: 'Recent projects',
    filter: 'Filter',
    none: 'Projects you open appear here.',
    noMatch: (typed: string) => `No recent project matches “${typed}”.`,
    missing: 'File was moved or the drive is not connected',
    locate: 'Locate…',
    remove: 'Remove from list',
    show: 'Show in folder',
    more: (name: string) => `More about ${name}`,
    open: (name: string) => `Open ${name}`,
  },
  newHere: 'New here?',
  samplesTitle: 'Sample projects',
  samples: {
    pbmc: {
      name: 'PBMC sample',
      title: 'Blood cells',
      note: '700 blood cells of one donor with ten known cell types. Real data: 10x Genomics, CC BY 4.0.',
      open: 'Open sample',
    },
    synthetic: {
      name: 'Synthetic sample',
      title: 'Simulated cells',
      note: '2,000 cells of four donors in two conditions with planted gene programmes. You know the truth, so you can see what the method finds.',
      open: 'Open simulated sample',
    },
  },
  mapOf: (title: string) => `Map of the cells of ${title}`,
  how: {
    title: 'How it works',
    steps: [
      ['Check your data', 'Cells matched by name, genes recognised, counts or log values told apart.'],
      ['Train', 'Settings follow from your cell number. No graphics card needed.'],
      ['Read the features', 'Cell types, genes and terms for each one, with a chance check.'],
    ],
  },
} as const
