// Files the user chose, kept on this side: the window only ever sees an opaque token.
// Invariants: a token stands for one path and one purpose; a data token never lets anything be written; an export token writes once.
import { randomBytes } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Granted } from '@contract'
import type { Grant } from '../base/host-protocol'

export type Purpose = Grant['purpose']

interface Entry {
  readonly grant: Grant
  /** As the user chose it, for display and for the recent list. */
  readonly chosenPath: string
  used: boolean
}

/** The path with links resolved at the moment of the choice, so that a link swapped later changes nothing. */
function settled(path: string): string {
  const absolute = resolve(path)
  try {
    return realpathSync(absolute)
  } catch {
    try {
      return join(realpathSync(dirname(absolute)), basename(absolute))
    } catch {
      return absolute
    }
  }
}

export class Grants {
  private readonly byToken = new Map<string, Entry>()

  /** `onGrant` is told each new grant (the engine has to know it too). */
  constructor(private readonly onGrant: (grant: Grant) => void) {}

  /** A token for `path`. The same project or data file keeps its token; an export always gets a new one. */
  give(path: string, purpose: Purpose): Granted {
    const real = settled(path)
    const known =
      purpose === 'export'
        ? undefined
        : [...this.byToken.values()].find((entry) => entry.grant.path === real && entry.grant.purpose === purpose)
    const entry = known ?? {
      grant: { token: randomBytes(16).toString('hex'), path: real, purpose },
      chosenPath: resolve(path),
      used: false,
    }
    if (!known) {
      this.byToken.set(entry.grant.token, entry)
      this.onGrant(entry.grant)
    }
    return { token: entry.grant.token, name: basename(path), kind: purpose === 'project' ? 'project' : 'data' }
  }

  /** Whether a request may use `token` for `purpose` now. An export token answers yes once. */
  use(token: string, purpose: Purpose): boolean {
    const entry = this.byToken.get(token)
    if (!entry || entry.grant.purpose !== purpose || (purpose === 'export' && entry.used)) return false
    entry.used = true
    return true
  }

  /** The path as the user chose it, for this process only; null for a token never given. */
  pathOf(token: string): string | null {
    return this.byToken.get(token)?.chosenPath ?? null
  }
}
