// Upper bounds every process agrees on. A value beyond a limit is refused, never cut silently.
export const limits = {
  rows: 5_000_000,
  dims: 65_536,
  genes: 200_000,
  latents: 65_536,
  textLength: 20_000,
  nameLength: 300,
  columns: 10_000,
  searchHits: 50,
  topCells: 10_000,
  shuffles: 200,
  /** Genes of a study list that may be asked for. */
  studyGenes: { least: 15, most: 500 },
  /** Genes of a term, within the background, that may be asked for. */
  termGenes: { least: 5, most: 2_000 },
  steps: 10_000_000,
} as const
