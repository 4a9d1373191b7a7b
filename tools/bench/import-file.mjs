// Writes the file the benchmark "import" reads: counts with planted groups as csr, chunked and not packed, the way AnnData files are
// written in blocks; a representation of 64 dimensions, a map, groups and donors. `import-file.mjs FILE CELLS GENES DENSITY [SEED]`.
// Invariant: the same arguments give the same numbers, and memory stays small whatever the size.
import { rmSync } from 'node:fs'

const groups = 20
const donors = 6
const dims = 64
const cellsAtOnce = 2000
const chunk = 1 << 18

/** sfc32: fast, and good enough for test data. */
function generator(seed) {
  let [a, b, c, counter] = [seed | 0, 0x9e3779b9 | 0, 0x243f6a88 | 0, 1]
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let round = 0; round < 20; round++) next()
  return next
}

/** Per group and gene, the chance of a count as a threshold for 32 random bits; on average `density`. */
function thresholds(genes, density, next) {
  const normal = () => Math.sqrt(-2 * Math.log((next() + 1) / 4294967297)) * Math.cos((2 * Math.PI * next()) / 4294967296)
  const rates = Float64Array.from({ length: genes }, () => Math.exp(1.3 * normal()))
  let [low, high] = [1e-6, 10]
  for (let step = 0; step < 60; step++) {
    const middle = Math.sqrt(low * high)
    const mean = rates.reduce((sum, rate) => sum + 1 - Math.exp(-middle * rate), 0) / genes
    if (mean < density) low = middle
    else high = middle
  }
  return Array.from({ length: groups }, (_, group) =>
    Uint32Array.from(rates, (rate, gene) => 4294967295 * (1 - Math.exp(-low * rate * (gene % groups === group ? 3 : 0.9)))),
  )
}

/** How many counts there are where there is one, for eight random bits: mostly 1 to 3, seldom hundreds. */
const countOf = Float32Array.from({ length: 256 }, (_, bits) =>
  bits === 255 ? 300 : 1 + Math.floor(-Math.log((bits + 1) / 257) * 1.2),
)

/** Writes the file, without a representation if asked; answers its stored values. */
export async function writeCells(path, { cells, genes, density, seed = 1, representation = true }) {
  const { File, ready } = await import('h5wasm/node')
  await ready
  rmSync(path, { force: true })
  const next = generator(seed)
  const byGroup = thresholds(genes, density, next)
  const most = Math.ceil(cells * genes * density * 1.3) + genes
  const file = new File(path, 'w')
  const encoded = (node, type, version = '0.2.0') => {
    node.create_attribute('encoding-type', type)
    node.create_attribute('encoding-version', version)
  }
  encoded(file, 'anndata', '0.1.0')
  const matrix = file.create_group('X')
  encoded(matrix, 'csr_matrix', '0.1.0')
  matrix.create_attribute('shape', new BigInt64Array([BigInt(cells), BigInt(genes)]))
  const growing = (name, dtype, empty) =>
    matrix.create_dataset({ name, data: empty, dtype, shape: [1], maxshape: [null], chunks: [chunk] })
  const [data, indices] = [growing('data', '<f', new Float32Array(1)), growing('indices', '<i', new Int32Array(1))]
  data.resize([most])
  indices.resize([most])
  const embedding = representation ? createEmbedding(file, cells) : null
  const groupOf = new Int8Array(cells)
  const indptr = new Float64Array(cells + 1)
  let stored = 0
  for (let start = 0; start < cells; start += cellsAtOnce) {
    const count = Math.min(cellsAtOnce, cells - start)
    const block = countsOf(count, genes, density, byGroup, next)
    for (let cell = 0; cell < count; cell++) {
      groupOf[start + cell] = block.groups[cell]
      indptr[start + cell + 1] = stored + block.ends[cell]
    }
    data.write_slice([[stored, stored + block.values.length]], block.values)
    indices.write_slice([[stored, stored + block.values.length]], block.indices)
    stored += block.values.length
    embedding?.write_slice([[start, start + count], []], placesOf(block.groups, next))
  }
  data.resize([stored])
  indices.resize([stored])
  matrix.create_dataset({
    name: 'indptr',
    data: stored < 2 ** 31 ? Int32Array.from(indptr) : BigInt64Array.from(indptr, BigInt),
  })
  writeFrame(
    file,
    'obs',
    Array.from({ length: cells }, (_, cell) => `cell${String(cell).padStart(7, '0')}`),
    {
      group: { codes: groupOf, levels: groups },
      donor: { codes: Int8Array.from({ length: cells }, () => next() % donors), levels: donors },
    },
  )
  writeFrame(
    file,
    'var',
    Array.from({ length: genes }, (_, gene) => `GENE${String(gene).padStart(5, '0')}`),
    {},
  )
  file.close()
  return stored

  function writeFrame(parent, name, index, columns) {
    const frame = parent.create_group(name)
    encoded(frame, 'dataframe')
    frame.create_attribute('_index', '_index')
    const names = Object.keys(columns)
    frame.create_attribute('column-order', names.length > 0 ? names : new Float64Array(0))
    encoded(frame.create_dataset({ name: '_index', data: index }), 'string-array')
    for (const [column, { codes, levels }] of Object.entries(columns)) {
      const group = frame.create_group(column)
      encoded(group, 'categorical')
      group.create_attribute('ordered', 0, [], '<b')
      encoded(group.create_dataset({ name: 'codes', data: codes }), 'array')
      const labels = Array.from({ length: levels }, (_, level) => `${column[0]}${String(level).padStart(2, '0')}`)
      encoded(group.create_dataset({ name: 'categories', data: labels }), 'string-array')
    }
  }
}

function createEmbedding(file, cells) {
  const embedding = file.create_group('obsm').create_dataset({
    name: 'X_emb',
    data: new Float32Array(dims),
    shape: [1, dims],
    maxshape: [cells, dims],
    chunks: [Math.min(cells, 4096), dims],
    dtype: '<f',
  })
  embedding.resize([cells, dims])
  return embedding
}

function countsOf(count, genes, density, byGroup, next) {
  const groupsOf = new Int8Array(count)
  const ends = new Float64Array(count)
  let indices = new Int32Array(Math.ceil(count * genes * density * 1.2) + genes)
  let values = new Float32Array(indices.length)
  let at = 0
  for (let cell = 0; cell < count; cell++) {
    const group = next() % groups
    groupsOf[cell] = group
    const chances = byGroup[group]
    if (at + genes > indices.length) {
      const grown = indices.length * 2
      const [wider, longer] = [new Int32Array(grown), new Float32Array(grown)]
      wider.set(indices)
      longer.set(values)
      indices = wider
      values = longer
    }
    for (let gene = 0; gene < genes; gene++) {
      const bits = next()
      if (bits >= chances[gene]) continue
      indices[at] = gene
      values[at++] = countOf[bits & 255]
    }
    ends[cell] = at
  }
  return { groups: groupsOf, ends, indices: indices.subarray(0, at), values: values.subarray(0, at) }
}

/** Noisy centres of the groups. */
function placesOf(groupsOf, next) {
  return Float32Array.from({ length: groupsOf.length * dims }, (_, at) => {
    const group = groupsOf[Math.floor(at / dims)]
    return ((Math.imul(group * dims + (at % dims) + 1, 0x9e3779b1) >>> 8) / 2 ** 24 - 0.5) * 6 + next() / 2 ** 31 - 1
  })
}

if (process.argv[1]?.endsWith('import-file.mjs')) {
  const [path, ...numbers] = process.argv.slice(2)
  const [cells, genes, density, seed] = numbers.map(Number)
  process.stdout.write(`${await writeCells(path, { cells, genes, density, seed })}\n`)
}
