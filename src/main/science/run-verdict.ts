// The judgement of a run by fixed rules, what is wrong first; the same rules as the window's. Explained variance and gaps are shares.

export interface RunNumbers {
  readonly explained: { readonly train: number; readonly heldOut: number | null }
  readonly untrained: { readonly train: number; readonly heldOut: number | null }
  readonly pca: { readonly train: number; readonly heldOut: number | null }
  readonly deadShare: number
  /** Training rows · on per row ÷ latents. */
  readonly firings: number
}

export type VerdictKind =
  | 'no better than an untrained copy'
  | 'no better than PCA'
  | 'learns rows by heart'
  | 'many dead latents'
  | 'too few rows per latent'
  | 'partly learned by heart'
  | 'no held-out rows'
  | 'good'

const neededFirings = 80
const [noticeableGap, largestGap] = [0.05, 0.2]
const largestDeadShare = 0.2

/** How much more the model explains than a control: on held-out rows where both have them, else on training rows. */
export function gainOver(model: RunNumbers['explained'], control: RunNumbers['explained']): number {
  return model.heldOut === null || control.heldOut === null ? model.train - control.train : model.heldOut - control.heldOut
}

/** 80 firings per latent are needed for latents to come back in another run (planted data); gaps of 5 and of 20 points; 20 % dead. */
export function judgeRun({ explained, untrained, pca, deadShare, firings }: RunNumbers): VerdictKind {
  const gap = explained.heldOut === null ? null : explained.train - explained.heldOut
  if (gainOver(explained, untrained) <= 0) return 'no better than an untrained copy'
  if (gainOver(explained, pca) <= 0) return 'no better than PCA'
  if (gap !== null && gap > largestGap) return 'learns rows by heart'
  if (deadShare > largestDeadShare) return 'many dead latents'
  if (firings < neededFirings) return 'too few rows per latent'
  if (gap !== null && gap > noticeableGap) return 'partly learned by heart'
  return gap === null ? 'no held-out rows' : 'good'
}
