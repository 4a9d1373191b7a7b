// Names, sizes and checksums of the files beside the first one, so that a project can say where each part came from.
import type { SourceFile } from '@contract'
import { refuse } from '../../base/refusal'
import { fingerprint } from './fingerprint'
import type { FilesBeside } from './join'
import { recognise } from './recognise'
import type { ImportHooks } from './tracker'

/** Throws CANCELLED when the hooks say so. */
export async function sourcesBeside(beside: FilesBeside, hooks: ImportHooks): Promise<SourceFile[]> {
  const files: [string | null, SourceFile['part']][] = [
    ...(beside.more ?? []).map((path): [string, SourceFile['part']] => [path, 'rows']),
    [beside.metadata, 'metadata'],
    [beside.expression, 'expression'],
  ]
  const found: SourceFile[] = []
  for (const [path, part] of files) if (path !== null) found.push(await sourceFile(path, part, hooks))
  return found
}

export async function sourceFile(path: string, part: SourceFile['part'], hooks: ImportHooks): Promise<SourceFile> {
  const file = await recognise(path)
  const sha256 = await fingerprint(file.path, async () => {
    await new Promise(setImmediate)
    if (hooks.cancelled()) refuse('CANCELLED')
  })
  return { name: file.fileName, bytes: file.bytes, sha256, part }
}
