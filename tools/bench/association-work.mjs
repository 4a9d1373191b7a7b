// The two halves of the benchmark "association", each in a process of its own: `prepare FILE.h5ad PROJECT RESOURCES LATENTS ON` takes the
// cells in and stores a run with made-up activations; `run PROJECT RESOURCES` does the job as the app does it and prints one JSON line
// with its time, what its time left said on the way, and the most memory the process held.
import { dirname, join } from 'node:path'
import { seededRandom } from '../../src/main/base/random'
import { transpose } from '../../src/main/base/sparse'
import { Engine } from '../../src/main/engine/engine'
import { handlers } from '../../src/main/engine/handlers'
import { readForImport, suggestions } from '../../src/main/engine/import'
import { loadOntology } from '../../src/main/engine/ontology'
import { createProject, openProject } from '../../src/main/engine/project/project'
import { Scratch } from '../../src/main/engine/scratch/folder'
import { laterSettings } from '../../src/preload/contract'

const [mode, ...words] = process.argv.slice(2)
await (mode === 'prepare' ? prepare(...words) : runJob(...words))

/** Every cell has `on` latents, drawn at random. */
function makeActivations(cells, latents, on) {
  const random = seededRandom(1)
  const indptr = Float64Array.from({ length: cells + 1 }, (_, cell) => cell * on)
  const indices = new Uint32Array(cells * on)
  const every = Uint32Array.from({ length: latents }, (_, latent) => latent)
  for (let cell = 0; cell < cells; cell++) indices.set(random.sample(every, on), cell * on)
  return { rows: cells, columns: latents, indptr, indices, values: Float32Array.from(indices, () => random.uniform() + 0.01) }
}

async function prepare(path, file, resources, latentWord, onWord) {
  const [latents, on] = [Number(latentWord), Number(onWord)]
  const ontology = loadOntology(join(resources, 'ontology'), new Date())
  const silent = { progress: () => undefined, cancelled: () => false }
  const scratch = new Scratch(join(dirname(file)))
  const imported = await readForImport({ path, choice: suggestions }, ontology.catalogue.resolver, silent, scratch)
  const project = createProject(file, 'bench', '0')
  await project.dataset.write(imported, new Date(), () => Promise.resolve())
  const { rows, dims, fingerprint } = project.dataset.get()
  const settings = {
    ...laterSettings,
    ...{ arch: 'topk', latents, k: on, steps: 1, batch: 1, learningRate: 0.001, warmUp: 0, decay: 0, auxCoefficient: 0 },
    ...{ auxK: 0, deadAfter: 1, heldOut: 0, heldOutBy: null, seed: 0 },
  }
  const activations = makeActivations(rows, latents, on)
  const weights = {
    encoder: new Float32Array(latents * dims),
    decoder: new Float32Array(latents * dims).fill(1),
    encoderBias: new Float32Array(latents),
    decoderBias: new Float32Array(dims),
    mean: new Float32Array(dims),
  }
  const outcome = { metrics: {}, controls: {}, scale: 1, backend: { name: 'none', version: '0' } }
  const byLatent = transpose(activations)
  const run = project.runs.start(settings, fingerprint, '0', new Date())
  project.runs.finish(run, { outcome, weights, activations, byLatent, densityHistogram: [], groups: [], flags: [] }, new Date())
  project.close()
}

async function runJob(file, resources) {
  const told = []
  let done
  const ended = new Promise((resolve) => (done = resolve))
  const start = performance.now()
  const cpu = process.cpuUsage()
  const seconds = () => (performance.now() - start) / 1000
  const engine = new Engine({ resources, cache: dirname(file) }, '0', ({ name, payload }) => {
    if (name === 'job.progress') told.push({ at: seconds(), left: payload.secondsLeft })
    if (name === 'job.done') done({ at: seconds(), kept: payload.result.kept })
    if (name === 'job.failed') throw new Error(JSON.stringify(payload.error))
  })
  engine.useProject(openProject(file))
  await handlers['associate.start']({ run: null }, engine)
  const { at: all, kept } = await ended
  const { user, system } = process.cpuUsage(cpu)
  // How far the time that was told for the whole job was off, once a twentieth of it was over.
  const wrong = told.flatMap(({ at, left }) => (at < all / 20 || left === null ? [] : [Math.abs(at + left - all) / all]))
  process.stdout.write(
    JSON.stringify({
      ms: all * 1000,
      cpuMs: (user + system) / 1000,
      kept,
      stored: engine.project.dataset.expressionByGene().stored,
      told: told.length,
      timeLeftWrong: Math.max(...wrong),
      timeLeftWrongUsually: wrong.toSorted((a, b) => a - b)[wrong.length >> 1],
      peakBytes: process.resourceUsage().maxRSS * 1024,
    }),
  )
  await engine.closeProject()
}
