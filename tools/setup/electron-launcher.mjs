// The only app inside the cached Electron: it opens the built clone that LATISCOPE_APP names. It is copied to
// resources/app/main.js, because the cache is shared by all clones and must not point at one of them.
// It waits at top level, so that what the real main process does before `ready` still comes before `ready`.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { app } from 'electron'

const root = process.env.LATISCOPE_APP
if (!root) {
  process.stderr.write('Latiscope: LATISCOPE_APP must name the folder of the built app. Use `npm start` in the repository.\n')
  process.exit(2)
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
app.setName(manifest.productName)
// Not in the documented interface, but what Electron's own launcher does for a folder it is given.
app.setVersion?.(manifest.version)
app.setAppPath?.(root)

await import(pathToFileURL(join(root, manifest.main)).href)
