// What the user may choose when a run is linked, and what is taken otherwise. Pure.
import type { LinkMethod, LinkRequest, NullKind, Preset } from '@contract'

export interface LinkChoice {
  readonly preset: Preset
  readonly method: LinkMethod
  readonly background: 'detected' | 'annotated'
  readonly evidence: LinkRequest['evidence']
  readonly null: NullKind
}

export const linkDefaults: LinkChoice = {
  preset: 'latiscope',
  method: 'ora',
  background: 'detected',
  evidence: 'all',
  null: 'donor',
}
