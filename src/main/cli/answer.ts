// What an action of the command line is: from a command to the document it answers with.
import type { Command } from './arguments'
import type { Session } from './session'

export type Answer = Readonly<Record<string, unknown>>
export type VerbAction = (session: Session, command: Command) => Promise<Answer>
