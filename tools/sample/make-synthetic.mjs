// Makes resources/sample/synthetic.h5ad: simulated counts with planted gene programmes, so that what a method finds can be
// held against the truth. Six cell types, four donors, two conditions. Gene names are real, so that terms can be found;
// the programmes are gene sets of the gene ontology. Run: node tools/sample/make-synthetic.mjs (Node 22.14 or newer).
import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import h5wasm from 'h5wasm/node'
import { UMAP } from 'umap-js'
import { createServer } from 'vite'

const root = resolve(import.meta.dirname, '../..')
const out = resolve(root, 'resources/sample/synthetic.h5ad')
const cells = 2000
const backgroundGenes = 1100
const genesPerProgramme = 45
const dims = 30
const seed = 20260101

const cellTypes = ['B cell', 'T cell', 'Erythroid', 'Muscle', 'Fibroblast', 'Photoreceptor']
const donors = ['donor A', 'donor B', 'donor C', 'donor D']
/** `on` decides how strongly a programme runs in a cell: 0 = off. */
const programmes = [
  { term: 'GO:0042113', name: 'B cell activation', on: (cell, random) => (cell.type === 0 ? 0.6 + random.uniform() : 0) },
  { term: 'GO:0042110', name: 'T cell activation', on: (cell, random) => (cell.type === 1 ? 0.6 + random.uniform() : 0) },
  { term: 'GO:0048821', name: 'erythrocyte development', on: (cell, random) => (cell.type === 2 ? 0.6 + random.uniform() : 0) },
  { term: 'GO:0006936', name: 'muscle contraction', on: (cell, random) => (cell.type === 3 ? 0.6 + random.uniform() : 0) },
  {
    term: 'GO:0030198',
    name: 'extracellular matrix organization',
    on: (cell, random) => (cell.type === 4 ? 0.6 + random.uniform() : 0),
  },
  { term: 'GO:0007601', name: 'visual perception', on: (cell, random) => (cell.type === 5 ? 0.6 + random.uniform() : 0) },
  {
    term: 'GO:0051607',
    name: 'defense response to virus',
    on: (cell, random) => (cell.condition === 1 && random.uniform() < 0.7 ? 0.5 + random.uniform() : 0),
  },
  {
    term: 'GO:0007059',
    name: 'chromosome segregation',
    on: (cell, random) => (random.uniform() < 0.12 ? 0.6 + random.uniform() : 0),
  },
  {
    term: 'GO:0006986',
    name: 'response to unfolded protein',
    on: (cell, random) => (random.uniform() < (cell.donor === 3 ? 0.35 : 0.08) ? 0.5 + random.uniform() : 0),
  },
]

const server = await createServer({
  root,
  configFile: false,
  logLevel: 'error',
  optimizeDeps: { noDiscovery: true },
  server: { middlewareMode: true },
  resolve: { alias: { '@contract': resolve(root, 'src/preload/contract/index.ts') } },
})
const { seededRandom } = await server.ssrLoadModule('/src/main/base/random.ts')
const { loadOntology } = await server.ssrLoadModule('/src/main/engine/ontology/index.ts')
const ontology = loadOntology(resolve(root, 'resources/ontology'), new Date('2026-01-01'))
await server.close()

const random = seededRandom(seed)
const { symbols, members } = chooseGenes()
const cellsMade = Array.from({ length: cells }, (_, at) => ({
  type: Math.floor(at / (cells / cellTypes.length)) % cellTypes.length,
  donor: random.below(4),
  condition: random.below(2),
}))
const activity = cellsMade.map((cell) => programmes.map((programme) => programme.on(cell, random)))
const counts = simulateCounts()
const logged = logNormalise(counts)
const pcs = principalComponents(logged, dims)
const map = drawMap(pcs)
await writeFile()
process.stdout.write(`${out}: ${cells} cells, ${symbols.length} genes\n`)

function chooseGenes() {
  const sets = ontology.annotations('BP', 'all')
  const taken = new Map()
  const lists = programmes.map(({ term }) => {
    const row = sets.ids.indexOf(term)
    const genes = Array.from(sets.indices.slice(sets.indptr[row], sets.indptr[row + 1])).filter((gene) => !taken.has(gene))
    const chosen = random.shuffle(genes).slice(0, genesPerProgramme)
    for (const gene of chosen) taken.set(gene, taken.size)
    return chosen
  })
  const annotated = [...new Set(sets.indices)].sort((a, b) => a - b)
  for (const gene of random.shuffle(annotated)) {
    if (taken.size >= backgroundGenes + programmes.length * genesPerProgramme) break
    if (!taken.has(gene)) taken.set(gene, taken.size)
  }
  return {
    symbols: [...taken.keys()].map((gene) => ontology.genes.symbolOf(gene)),
    members: lists.map((list) => list.map((gene) => taken.get(gene))),
  }
}

function simulateCounts() {
  const genes = symbols.length
  const base = Float64Array.from({ length: genes }, () => Math.exp(random.normal() * 1.1 - 2.2))
  const donorEffect = donors.map(() => Float64Array.from({ length: genes }, () => Math.exp(random.normal() * 0.15)))
  const weight = programmes.map((_, programme) => new Map(members[programme].map((gene) => [gene, 1.2 + random.uniform() * 1.6])))
  const matrix = new Float32Array(cells * genes)
  cellsMade.forEach((cell, row) => {
    const depth = Math.exp(random.normal() * 0.35)
    const rate = Float64Array.from(base, (level, gene) => level * donorEffect[cell.donor][gene] * depth)
    programmes.forEach((_, programme) => {
      for (const [gene, strength] of weight[programme]) rate[gene] *= Math.exp(strength * activity[row][programme])
    })
    for (let gene = 0; gene < genes; gene++) matrix[row * genes + gene] = poisson(rate[gene])
  })
  return matrix
}

function poisson(rate) {
  if (rate > 60) return Math.max(0, Math.round(rate + Math.sqrt(rate) * random.normal()))
  let product = random.uniform()
  let count = 0
  for (const limit = Math.exp(-rate); product > limit; count++) product *= random.uniform()
  return count
}

function logNormalise(matrix) {
  const genes = symbols.length
  const result = new Float64Array(matrix.length)
  for (let row = 0; row < cells; row++) {
    let total = 0
    for (let gene = 0; gene < genes; gene++) total += matrix[row * genes + gene]
    for (let gene = 0; gene < genes; gene++) result[row * genes + gene] = Math.log1p((1e4 * matrix[row * genes + gene]) / total)
  }
  for (let gene = 0; gene < genes; gene++) {
    let mean = 0
    for (let row = 0; row < cells; row++) mean += result[row * genes + gene] / cells
    for (let row = 0; row < cells; row++) result[row * genes + gene] -= mean
  }
  return result
}

/** Scores on the first principal axes by orthogonal iteration. */
function principalComponents(matrix, count) {
  const genes = symbols.length
  let axes = Float64Array.from({ length: genes * count }, () => random.normal())
  const project = () => {
    const scores = new Float64Array(cells * count)
    for (let row = 0; row < cells; row++)
      for (let gene = 0; gene < genes; gene++) {
        const value = matrix[row * genes + gene]
        for (let axis = 0; axis < count; axis++) scores[row * count + axis] += value * axes[gene * count + axis]
      }
    return scores
  }
  orthonormalise(axes, genes, count)
  for (let round = 0; round < 25; round++) {
    const scores = project()
    const next = new Float64Array(genes * count)
    for (let row = 0; row < cells; row++)
      for (let gene = 0; gene < genes; gene++) {
        const value = matrix[row * genes + gene]
        for (let axis = 0; axis < count; axis++) next[gene * count + axis] += value * scores[row * count + axis]
      }
    axes = next
    orthonormalise(axes, genes, count)
  }
  return Float32Array.from(project())
}

function orthonormalise(columns, rows, count) {
  for (let axis = 0; axis < count; axis++) {
    for (let before = 0; before < axis; before++) {
      let product = 0
      for (let row = 0; row < rows; row++) product += columns[row * count + axis] * columns[row * count + before]
      for (let row = 0; row < rows; row++) columns[row * count + axis] -= product * columns[row * count + before]
    }
    let square = 0
    for (let row = 0; row < rows; row++) square += columns[row * count + axis] ** 2
    for (let row = 0; row < rows; row++) columns[row * count + axis] /= Math.sqrt(square)
  }
}

function drawMap(scores) {
  const points = Array.from({ length: cells }, (_, row) => Array.from(scores.subarray(row * dims, row * dims + 15)))
  const umap = new UMAP({ nComponents: 2, nNeighbors: 15, minDist: 0.3, random: random.uniform })
  return Float32Array.from(umap.fit(points).flat())
}

/** The parts of an AnnData file as h5wasm writes them, each with its encoding. */
function anndataWriter(file) {
  const tag = (object, type, version) => {
    object.create_attribute('encoding-type', type)
    object.create_attribute('encoding-version', version)
  }
  const array = (group, name, data, shape, dtype) => {
    const chunks = shape.map((size, axis) => (axis === 0 ? Math.min(size, 20000) : size))
    const dataset = group.create_dataset({ name, data, shape, dtype, chunks, compression: 'gzip', compression_opts: 9 })
    tag(dataset, 'array', '0.2.0')
  }
  const strings = (group, name, data) =>
    tag(group.create_dataset({ name, data, shape: [data.length], dtype: 'S' }), 'string-array', '0.2.0')
  const frame = (name, index, columns) => {
    const group = file.create_group(name)
    tag(group, 'dataframe', '0.2.0')
    group.create_attribute('_index', '_index')
    group.create_attribute('column-order', columns.length === 0 ? new Float64Array(0) : columns)
    strings(group, '_index', index)
    return group
  }
  const category = (group, name, codes, levels) => {
    const column = group.create_group(name)
    tag(column, 'categorical', '0.2.0')
    column.create_attribute('ordered', 0)
    array(column, 'codes', Int8Array.from(codes), [codes.length], '<b')
    strings(column, 'categories', levels)
  }
  return { tag, array, frame, category }
}

async function writeFile() {
  await h5wasm.ready
  rmSync(out, { force: true })
  const file = new h5wasm.File(out, 'w')
  const { tag, array, frame, category } = anndataWriter(file)
  tag(file, 'anndata', '0.1.0')
  const numeric = programmes.map(({ name }) => `planted ${name}`)
  const names = cellsMade.map((_, row) => `cell-${String(row + 1).padStart(4, '0')}`)
  const obs = frame('obs', names, ['cell_type', 'donor', 'condition', ...numeric])
  const codes = (key) => cellsMade.map((cell) => cell[key])
  category(obs, 'cell_type', codes('type'), cellTypes)
  category(obs, 'donor', codes('donor'), donors)
  category(obs, 'condition', codes('condition'), ['control', 'virus'])
  numeric.forEach((name, programme) =>
    array(
      obs,
      name,
      Float32Array.from(activity, (row) => row[programme]),
      [cells],
      '<f',
    ),
  )
  frame('var', symbols, [])
  writeCounts(file, tag, array)
  const obsm = file.create_group('obsm')
  tag(obsm, 'dict', '0.1.0')
  array(obsm, 'X_pca', pcs, [cells, dims], '<f')
  array(obsm, 'X_umap', map, [cells, 2], '<f')
  file.close()
}

function writeCounts(file, tag, array) {
  const genes = symbols.length
  const indptr = new Int32Array(cells + 1)
  const indices = []
  const data = []
  for (let row = 0; row < cells; row++) {
    for (let gene = 0; gene < genes; gene++) {
      const count = counts[row * genes + gene]
      if (count === 0) continue
      indices.push(gene)
      data.push(count)
    }
    indptr[row + 1] = indices.length
  }
  const matrix = file.create_group('X')
  tag(matrix, 'csr_matrix', '0.1.0')
  matrix.create_attribute('shape', Int32Array.of(cells, genes))
  array(matrix, 'data', Float32Array.from(data), [data.length], '<f')
  array(matrix, 'indices', Int32Array.from(indices), [indices.length], '<i')
  array(matrix, 'indptr', indptr, [cells + 1], '<i')
}
