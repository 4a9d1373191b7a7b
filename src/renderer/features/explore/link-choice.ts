// What the user may choose when a run is linked, what is taken otherwise, and the request that follows. Pure.
import type { Granted, LinkMethod, LinkRequest, NullKind, Preset, Relations, TermSize } from '@contract'

/** Files tested against without installing them. */
export interface ChosenFiles {
  readonly obo: Granted | null
  readonly associations: Granted | null
  readonly gmt: Granted | null
}
export interface LinkChoice {
  readonly preset: Preset
  readonly method: LinkMethod
  readonly background: LinkRequest['background']
  readonly backgroundFile: Granted | null
  readonly evidence: LinkRequest['evidence']
  readonly null: NullKind
  /** '' : those the preset's tool follows. */
  readonly relations: Relations | ''
  /** Id of an installed ontology; '' the built-in one; `fromFiles`: the files below. */
  readonly ontology: string
  readonly files: ChosenFiles
  readonly orthologs: boolean
  /** Shuffled copies for the chance check. */
  readonly shuffles: number
  /** Longest list of best genes; 0: the usual. */
  readonly studySize: number
  readonly termSize: TermSize
}

export const fromFiles = '(files)'
export const noFiles: ChosenFiles = { obo: null, associations: null, gmt: null }

const usualTerms: TermSize = { least: 10, most: 500 }

/** Longest lists to choose from; 0: the usual one. */
export const studySizes = [0, 50, 100, 200, 300, 500] as const
export const termSizes: readonly TermSize[] = [
  usualTerms,
  { least: 5, most: 500 },
  { least: 5, most: 200 },
  { least: 15, most: 1000 },
  { least: 5, most: 2000 },
]

export const linkDefaults: LinkChoice = {
  preset: 'latiscope',
  method: 'ora',
  background: 'detected',
  backgroundFile: null,
  evidence: 'all',
  null: 'donor',
  relations: '',
  ontology: '',
  files: noFiles,
  orthologs: false,
  shuffles: 20,
  studySize: 0,
  termSize: usualTerms,
}

/**
 * Whether going through orthologs makes sense: mouse genes against annotations of human genes.
 * @param annotated species of the chosen ontology; null where it is not known before its files are read
 */
export const orthologsFit = (species: string | null, annotated: string | null): boolean =>
  species === 'mouse' && (annotated ?? 'human') === 'human'

/** What is missing before the choice can be used; null when nothing is. */
export function missingFile(choice: LinkChoice): 'background' | 'sets' | null {
  if (choice.background === 'file' && choice.backgroundFile === null) return 'background'
  const hasSets = choice.files.gmt !== null || choice.files.associations !== null
  return choice.ontology === fromFiles && !hasSets ? 'sets' : null
}

/** Whether the sizes of lists and terms are the user's to choose: other tools fix theirs. */
export const sizesAreFree = ({ preset }: Pick<LinkChoice, 'preset'>): boolean => preset === 'latiscope'

/** The part of a request that the choice decides; what is left at its default is left out where the contract allows it. */
export function linkRequest(choice: LinkChoice): Omit<LinkRequest, 'run' | 'aspect'> {
  const { preset, method, background, evidence, relations, ontology, files, orthologs, shuffles, studySize, termSize } = choice
  const ownTerms = termSize.least !== usualTerms.least || termSize.most !== usualTerms.most
  return {
    preset,
    method,
    background,
    evidence,
    null: choice.null,
    shuffles,
    ...(background === 'file' ? { backgroundFile: choice.backgroundFile?.token ?? null } : {}),
    ...(sizesAreFree(choice) && studySize > 0 && method === 'ora' ? { studySize } : {}),
    ...(sizesAreFree(choice) && ownTerms ? { termSize } : {}),
    ...(relations === '' ? {} : { relations }),
    ...(ontology === '' || ontology === fromFiles ? {} : { ontology }),
    ...(ontology === fromFiles
      ? {
          files: {
            obo: files.obo?.token ?? null,
            associations: files.associations?.token ?? null,
            gmt: files.gmt?.token ?? null,
          },
        }
      : {}),
    ...(orthologs ? { orthologs } : {}),
  }
}
