// A small data set as the import room would hand it over: 6 cells, 3 genes.
import type { ImportedData } from '../../src/main/engine/import'

export function smallImport(): ImportedData {
  return {
    sourceName: 'small.h5ad',
    sourceBytes: 10,
    sourceSha256: 'ab',
    cellIds: ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'],
    representation: { key: 'obsm/X_pca', dims: 2, values: Float32Array.from({ length: 12 }, (_, at) => at / 2) },
    expression: {
      key: 'raw/X',
      verdict: 'log1p',
      scale: 'as stored (log values)',
      logScale: true,
      verdictSaid: false,
      genes: [
        { name: 'CD79A', symbol: 'CD79A', gene: 5, method: 'symbol', detectedCells: 3 },
        { name: 'MS4A1', symbol: 'MS4A1', gene: 6, method: 'symbol', detectedCells: 2 },
        { name: 'LOC1', symbol: null, gene: null, method: 'unmapped', detectedCells: 1 },
      ],
      matrix: {
        rows: 6,
        columns: 3,
        indptr: Float64Array.of(0, 2, 3, 4, 5, 6, 6),
        indices: Uint32Array.of(0, 1, 0, 0, 1, 2),
        values: Float32Array.of(1, 2, 3, 4, 5, 6),
      },
    },
    columns: [
      {
        name: 'type',
        kind: 'category',
        role: 'cell-type',
        levels: ['B', 'T'],
        colours: ['#112233', '#445566'],
        codes: Int32Array.of(0, 0, 0, 1, 1, -1),
        numbers: null,
        texts: null,
      },
      {
        name: 'depth',
        kind: 'number',
        role: null,
        levels: [],
        colours: null,
        codes: null,
        numbers: Float32Array.of(1, 2, 3, 4, 5, NaN),
        texts: null,
      },
    ],
    map: { name: 'X_umap', xy: new Float32Array(12) },
    rowGenes: null,
    depth: null,
    blocks: [],
    furtherSources: [],
    report: {
      rows: 6,
      dims: 2,
      genes: 3,
      verdict: 'log1p',
      matched: { both: 6, onlyFile: 0, onlyProject: 0 },
      mapped: { genes: 2, of: 3 },
      problems: [],
      rowKind: 'cells',
      countsFrom: null,
      map: 'X_umap',
    },
  }
}
