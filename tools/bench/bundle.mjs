// Compiles one TypeScript entry of the main process for a benchmark or a test, the way the app's own build does it.
// The result lies inside the repository's node_modules, so that packages left outside the bundle are found from it.
import { join, resolve } from 'node:path'
import { build } from 'vite'
import { kernelPlugin } from '../kernel/compile.mjs'

const repository = resolve(import.meta.dirname, '../..')

/** Bundles `entry` (path in the repository) as `name`; returns the path of the JavaScript file. */
export async function bundle(entry, name) {
  const outDir = join(repository, 'node_modules/.cache/latiscope', name)
  await build({
    configFile: false,
    root: repository,
    logLevel: 'error',
    plugins: [kernelPlugin()],
    resolve: { alias: { '@contract': resolve(repository, 'src/preload/contract/index.ts') } },
    build: {
      ssr: resolve(repository, entry),
      outDir,
      emptyOutDir: true,
      target: 'node20',
      minify: false,
      rollupOptions: { output: { entryFileNames: `${name}.mjs` } },
    },
  })
  return join(outDir, `${name}.mjs`)
}
