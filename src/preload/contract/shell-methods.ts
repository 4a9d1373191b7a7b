// The treaty with the shell: dialogs, files granted by the user, recent projects, appearance.
// The window never sends a path: the shell keeps paths and hands out opaque tokens.
import * as v from 'valibot'
import * as m from './model'

const Nothing = v.strictObject({})
export const Granted = v.strictObject({ token: m.FileToken, name: v.string(), kind: v.picklist(['project', 'data']) })
export type Granted = v.InferOutput<typeof Granted>
export const RecentProject = v.strictObject({
  token: m.FileToken,
  name: v.string(),
  folder: v.string(),
  openedAt: v.string(),
  missing: v.boolean(),
})
export type RecentProject = v.InferOutput<typeof RecentProject>
export const TextFile = v.picklist(['obo', 'associations', 'gmt', 'genes', 'cells'])
export type TextFile = v.InferOutput<typeof TextFile>
export const FigureKind = v.picklist(['svg', 'csv'])
export type FigureKind = v.InferOutput<typeof FigureKind>
export const Theme = v.picklist(['system', 'light', 'dark'])
export type Theme = v.InferOutput<typeof Theme>

export const shellMethods = {
  /** A file, or a folder that is one data set (10x, Zarr); a file where not said. */
  'files.chooseData': {
    params: v.strictObject({ what: v.optional(v.picklist(['folder', 'file'])) }),
    result: v.nullable(Granted),
  },
  /** A model of another tool: its folder, or one file. */
  'files.chooseModel': { params: v.strictObject({ what: v.picklist(['folder', 'file']) }), result: v.nullable(Granted) },
  /** A text file that linking reads: terms, annotations, gene sets, a list of genes or of cells. */
  'files.chooseText': { params: v.strictObject({ what: TextFile }), result: v.nullable(Granted) },
  'files.chooseProject': { params: Nothing, result: v.nullable(Granted) },
  'files.newProject': { params: v.strictObject({ suggestedName: m.Name }), result: v.nullable(Granted) },
  'files.chooseExport': { params: v.strictObject({ suggestedName: m.Name }), result: v.nullable(Granted) },
  /** The bundled data and the place of its project; `exists` says whether it was opened before. */
  'sample.files': {
    params: v.strictObject({ sample: v.picklist(['pbmc', 'synthetic']) }),
    result: v.strictObject({ project: Granted, data: Granted, exists: v.boolean() }),
  },
  /** A project named on the command line, or the sample when the program was started with --sample. */
  'launch.request': {
    params: Nothing,
    result: v.strictObject({ project: v.nullable(Granted), sample: v.nullable(v.picklist(['pbmc', 'synthetic'])) }),
  },
  'recent.list': { params: Nothing, result: v.array(RecentProject) },
  'recent.remove': { params: v.strictObject({ token: m.FileToken }), result: Nothing },
  'theme.get': { params: Nothing, result: Theme },
  'theme.set': { params: v.strictObject({ theme: Theme }), result: Nothing },
  'clipboard.write': { params: v.strictObject({ text: v.pipe(v.string(), v.maxLength(2_000_000)) }), result: Nothing },
  'files.showInFolder': { params: v.strictObject({ token: m.FileToken }), result: Nothing },
  'files.savePicture': {
    params: v.strictObject({
      suggestedName: m.Name,
      pngBase64: v.pipe(v.string(), v.maxLength(40_000_000), v.regex(/^[A-Za-z0-9+/=]*$/)),
    }),
    result: v.nullable(v.strictObject({ name: v.string() })),
  },
  /** A figure as SVG, or its numbers as CSV; null when the user cancels. */
  'files.saveFigure': {
    params: v.strictObject({
      suggestedName: m.Name,
      kind: FigureKind,
      text: v.pipe(v.string(), v.minLength(1), v.maxLength(40_000_000)),
    }),
    result: v.nullable(v.strictObject({ name: v.string() })),
  },
  'app.info': {
    params: Nothing,
    result: v.strictObject({
      version: v.string(),
      electron: v.string(),
      chrome: v.string(),
      node: v.string(),
      platform: v.string(),
    }),
  },
} as const

export type ShellMethod = keyof typeof shellMethods
export type ShellParams<M extends ShellMethod> = v.InferOutput<(typeof shellMethods)[M]['params']>
export type ShellResult<M extends ShellMethod> = v.InferOutput<(typeof shellMethods)[M]['result']>
export const isShellMethod = (name: string): name is ShellMethod => Object.hasOwn(shellMethods, name)
