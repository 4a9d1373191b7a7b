// How the three parts of the app are built. The target is the older of the two Electrons the build must run on.
import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'
import { kernelPlugin } from './tools/kernel/compile.mjs'

const alias = { '@contract': resolve('src/preload/contract/index.ts') }

export default defineConfig({
  main: {
    resolve: { alias },
    plugins: [kernelPlugin()],
    build: {
      target: 'node20',
      minify: false,
      rollupOptions: {
        input: {
          index: resolve('src/main/shell/index.ts'),
          engine: resolve('src/main/engine/entry.ts'),
          trainer: resolve('src/main/trainer/entry.ts'),
          reader: resolve('src/main/engine/reader/entry.ts'),
          sorter: resolve('src/main/engine/scratch/sorter-thread-entry.ts'),
          'map-fit': resolve('src/main/engine/import/map/fit-thread-entry.ts'),
          cli: resolve('src/main/cli.ts'),
        },
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    resolve: { alias },
    build: {
      target: 'node20',
      externalizeDeps: false,
      rollupOptions: {
        input: { index: resolve('src/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    resolve: { alias },
    plugins: [vue()],
    build: {
      target: 'chrome130',
      minify: true,
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 700,
      rollupOptions: { input: resolve('src/renderer/index.html') },
    },
  },
})
