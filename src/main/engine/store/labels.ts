// Labels of latents and how they came about: every edit, acceptance and rejection is an event that stays.
import type Database from 'better-sqlite3'
import type { LabelEvent, LabelGrade, LabelState } from '@contract'
import { hasTable } from './present-columns'

export interface NewLabelEvent {
  readonly run: number
  readonly latent: number
  readonly action: LabelEvent['action']
  /** The label set, or the proposal that was rejected. */
  readonly label: string | null
  readonly grade: LabelGrade | null
  readonly evidence: readonly string[]
  readonly appVersion: string
}

interface EventRow {
  latent: number
  at: string
  action: LabelEvent['action']
  label: string | null
  grade: LabelGrade | null
  evidence: string | null
  appVersion: string
}

export type LabelStore = ReturnType<typeof openLabelStore>

export function openLabelStore(db: Database.Database) {
  const columns = 'latent, at, action, label, grade, evidence, app_version AS appVersion'
  const known = hasTable(db, 'label_event')
  const ofLatent = known
    ? db.prepare<[number, number], EventRow>(`SELECT ${columns} FROM label_event WHERE run_id = ? AND latent = ? ORDER BY id`)
    : null
  const ofRun = known ? db.prepare<[number], EventRow>(`SELECT ${columns} FROM label_event WHERE run_id = ? ORDER BY id`) : null

  return {
    /** Oldest first. */
    history: (run: number, latent: number): LabelEvent[] =>
      (ofLatent?.all(run, latent) ?? []).map(({ at, action, label, grade, evidence, appVersion }) => ({
        at,
        action,
        label,
        grade,
        evidence: evidence === null ? [] : (JSON.parse(evidence) as string[]),
        appVersion,
      })),
    /** Where each latent's present label comes from, and which proposals were rejected. Latents without events are missing. */
    decisions: (run: number): Map<number, LabelDecisions> => {
      const found = new Map<number, { state: LabelState; rejected: Set<string> }>()
      for (const { latent, action, label } of ofRun?.all(run) ?? []) {
        const own = found.get(latent) ?? { state: 'none' as LabelState, rejected: new Set<string>() }
        found.set(latent, own)
        if (action === 'rejected' && label !== null) own.rejected.add(label)
        if (action === 'accepted' && label !== null) own.rejected.delete(label)
        if (action !== 'rejected') own.state = action === 'cleared' ? 'none' : action
      }
      return found
    },
    /** Sets the label (unless a proposal is rejected) and remembers the step, together. */
    record: (event: NewLabelEvent, now: Date): void => {
      db.transaction(() => {
        if (event.action !== 'rejected')
          db.prepare('UPDATE latent SET label = ? WHERE run_id = ? AND id = ?').run(event.label, event.run, event.latent)
        db.prepare(
          'INSERT INTO label_event (run_id, latent, at, action, label, grade, evidence, app_version) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        ).run(
          event.run,
          event.latent,
          now.toISOString(),
          event.action,
          event.label,
          event.grade,
          JSON.stringify(event.evidence),
          event.appVersion,
        )
      }).immediate()
    },
  }
}

export interface LabelDecisions {
  readonly state: LabelState
  readonly rejected: ReadonlySet<string>
}
