// What the benchmark "association" times, in a process of its own: all latents against all genes, one gene at a time as the program
// reads them. `<cells> <genes> <latents> <on per cell> <density>` prints one JSON line. Genes are made between the timed stretches.
import { seededRandom } from '../../src/main/base/random'
import { createAssociator } from '../../src/main/science/association'
import { createTopLists } from '../../src/main/science/top-lists'

const [cells, genes, latents, on, density] = process.argv.slice(2).map(Number)
const random = seededRandom(1)

function makeActivations() {
  const indptr = Float64Array.from({ length: cells + 1 }, (_, cell) => cell * on)
  const indices = new Uint32Array(cells * on)
  const every = Uint32Array.from({ length: latents }, (_, latent) => latent)
  for (let cell = 0; cell < cells; cell++) indices.set(random.sample(every, on), cell * on)
  return { rows: cells, columns: latents, indptr, indices, values: Float32Array.from(indices, () => random.uniform()) }
}

/** A gene detected in about its share of the cells: log values of small counts, so many are equal. */
function makeGene() {
  const found = []
  for (let cell = 0; cell < cells; cell++) if (random.uniform() < density) found.push(cell)
  return { cells: Uint32Array.from(found), values: Float32Array.from(found, () => Math.log1p(1 + random.below(40) / 4)) }
}

const activations = makeActivations()
const start = performance.now()
const associate = createAssociator(activations)
const lists = createTopLists(latents, 3, 50)
let ms = performance.now() - start
let cpuMs = 0
let stored = 0
// A few genes stand for all: what they hold differs, what they cost does not.
const pool = Array.from({ length: 50 }, makeGene)
for (let gene = 0; gene < genes; gene++) {
  const own = pool[gene % pool.length]
  stored += own.cells.length
  const from = performance.now()
  const cpu = process.cpuUsage()
  const { pearson, spearman, auroc } = associate(own)
  lists.offer(gene, [pearson, spearman, auroc])
  ms += performance.now() - from
  const { user, system } = process.cpuUsage(cpu)
  cpuMs += (user + system) / 1000
}
process.stdout.write(JSON.stringify({ ms, cpuMs, stored, kept: lists.of(0).genes.length }))
