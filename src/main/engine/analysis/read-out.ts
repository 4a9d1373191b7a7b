// What a latent's decoder row says in genes: its direction in the representation, carried over by its loadings or by the fitted map.
import type { DecoderReadOut } from '@contract'
import { readOut } from '../../science/ridge-map'
import type { Engine } from '../engine'
import { explainsActive } from './run-space'
import type { GeneMapFacts } from '../store/associations'

const genesShown = 50
/** Genes the map predicts worse than this on new cells are left out: their effect is noise. */
const leastR2 = 0.05

/** What the read-out rests on, in one sentence. */
export function readOutNote({ source, fitRows, testRows, medianR2, loadings }: GeneMapFacts): string {
  if (source === 'genes') return 'The autoencoder was trained on the genes themselves, so decoder rows are read directly.'
  if (source === 'loadings') {
    const check =
      medianR2 === null
        ? ''
        : ` As a check, a ridge regression from the representation explains a median of ${(100 * medianR2).toFixed(1)} % of a gene's variance on ${testRows} cells left out.`
    return `Decoder rows are carried to genes exactly, by ${loadings?.from ?? 'the loadings'} (${loadings?.genes ?? 0} genes have a loading), in units of the values the components were computed from.${check}`
  }
  const quality =
    medianR2 === null
      ? 'no gene varies enough to judge it'
      : `it explains a median of ${(100 * medianR2).toFixed(1)} % of a gene's variance on ${testRows} cells left out`
  return `Decoder rows are carried to genes by a ridge regression fitted on ${fitRows} cells; ${quality}. Genes under 5 % are not shown.`
}

/** Null until latents were compared with genes, and for runs of another representation. */
export function readDecoder(engine: Engine, run: number, latent: number): DecoderReadOut | null {
  const { associations, runs, dataset } = engine.project
  const map = associations.geneMap()
  const origin = runs.origin(run)
  // The map is of the representation that is explained now.
  if (!map || !origin || !explainsActive(engine, run)) return null
  const dims = runs.dims(run)
  const { values } = runs.activationOf(run, latent)
  const usual = values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
  // The decoder works on standardised rows: (x − mean) · scale.
  const direction = Float64Array.from(
    runs.decoder(run).subarray(latent * dims, (latent + 1) * dims),
    (value) => (value * usual) / origin.outcome.scale,
  )
  const genes = dataset.genes()
  const effects = map.source === 'genes' ? direction : readOut(map.weights, genes.length, direction)
  const shown = Array.from(effects.keys())
    .filter((gene) => isShown(effects[gene] as number, map.source === 'ridge' && map.r2 ? (map.r2[gene] as number) : null))
    .sort((a, b) => (effects[b] as number) - (effects[a] as number) || a - b)
  const ends = shown.length <= 2 * genesShown ? shown : [...shown.slice(0, genesShown), ...shown.slice(-genesShown)]
  return {
    source: map.source,
    note: readOutNote(map),
    medianR2: map.medianR2,
    genes: ends.map((gene) => ({
      gene: genes[gene]?.name ?? '',
      effect: effects[gene] as number,
      r2: map.r2 === null || Number.isNaN(map.r2[gene]) ? null : (map.r2[gene] as number),
    })),
  }
}

/** A gene the decoder reaches, known well enough where it is known by a fit only; `effect` is NaN for one without a loading. */
const isShown = (effect: number, fittedR2: number | null): boolean =>
  effect !== 0 && !Number.isNaN(effect) && (fittedR2 === null || fittedR2 >= leastR2)
