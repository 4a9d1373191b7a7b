// Lint: strict TypeScript, Vue's recommended rules, and the walls between the rooms (tests/unit/imports.test.ts checks
// the same directions on resolved paths). Formatting is Prettier's alone.
import vue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'

/** Modules that could reach a network: the product is offline. */
const network = ['http', 'https', 'http2', 'net', 'dgram', 'tls', 'dns', 'undici']
const networkImports = network.flatMap((name) => [name, `node:${name}`])

const noNetwork = {
  group: networkImports,
  message: 'Latiscope never touches the network.',
}
const forbid = (/** @type {string} */ regex, /** @type {string} */ message) => ({ regex, message })
const nodeModules = forbid('^node:', 'This room is pure: no Node here.')
const electron = forbid('^electron(/|$)', 'Electron belongs to src/main/shell and src/preload/index.ts.')
const sqlite = forbid('^better-sqlite3', 'SQLite belongs to engine/store and engine/project.')
const hdf5 = forbid('^h5wasm', 'HDF5 belongs to engine/import and engine/export.')
const containers = forbid(
  '^(hyparquet|@uwdata/flechette|fflate|fzstd|lz4js|read-excel-file)',
  'The containers of data files belong to engine/import.',
)
const tensorflow = forbid('^@tensorflow/', 'TensorFlow belongs to src/main/trainer/backend.ts.')
const echarts = forbid('^echarts', 'ECharts belongs to src/renderer/charts.')
const inMain = (/** @type {string} */ rooms) =>
  forbid(`^\\.\\..*/(${rooms})(/|$)`, `This room must not import ${rooms.replaceAll('|', ', ')}.`)

/** @param {string[]} files @param {object[]} patterns @param {string[]} [ignores] */
const walls = (files, patterns, ignores = []) => ({
  files,
  ignores,
  rules: { 'no-restricted-imports': ['error', { patterns: [noNetwork, ...patterns] }] },
})

const syntax = {
  defaultExport: { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
  fetch: { selector: "CallExpression[callee.name='fetch']", message: 'Latiscope never touches the network.' },
  windowFetch: {
    selector: "CallExpression[callee.object.name=/^(window|globalThis|self|net)$/][callee.property.name='fetch']",
    message: 'Latiscope never touches the network.',
  },
  request: {
    selector: 'NewExpression[callee.name=/^(WebSocket|XMLHttpRequest|EventSource)$/]',
    message: 'Latiscope never touches the network.',
  },
  openExternal: {
    selector: "MemberExpression[property.name='openExternal']",
    message: 'Nothing opens addresses outside the app.',
  },
  window: {
    selector: 'NewExpression[callee.name=/^(BrowserWindow|BaseWindow|WebContentsView)$/]',
    message: 'Windows are made in src/main/shell/windows.ts only, so that all get the same web preferences.',
  },
  ipc: {
    selector: "MemberExpression[object.name='ipcMain']",
    message: 'Messages are received in src/main/shell/router.ts only, which checks sender and content.',
  },
}
const { window: windows, ipc, ...everywhere } = syntax
const banned = (/** @type {{ selector: string, message: string }[]} */ ...rules) => ['error', ...rules]

export default tseslint.config(
  { ignores: ['node_modules', 'out', 'dist', 'coverage', 'test-results', 'resources'] },
  ...tseslint.configs.strict,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
  },
  {
    files: ['**/*.{ts,mjs,vue}'],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_' }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'vue/no-v-html': 'error',
      'vue/multi-word-component-names': ['error', { ignores: ['Chart', 'Verdict'] }],
      'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/define-emits-declaration': ['error', 'type-literal'],
      'vue/define-props-declaration': 'error',
      // Prettier decides these.
      'vue/html-closing-bracket-newline': 'off',
      'vue/html-indent': 'off',
      'vue/html-self-closing': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      // Optional props are typed; under exactOptionalPropertyTypes a forced default would hide their absence.
      'vue/require-default-prop': 'off',
    },
  },
  { files: ['src/**/*.{ts,vue}'], rules: { 'no-restricted-syntax': banned(...Object.values(syntax)), 'no-console': 'error' } },
  { files: ['src/main/shell/windows.ts'], rules: { 'no-restricted-syntax': banned(...Object.values(everywhere), ipc) } },
  { files: ['src/main/shell/router.ts'], rules: { 'no-restricted-syntax': banned(...Object.values(everywhere), windows) } },
  {
    files: ['src/main/science/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Chance is given as a seeded generator.' },
      ],
      'no-restricted-globals': ['error', 'process', 'Date', 'performance', 'setTimeout'],
    },
  },
  walls(
    ['src/preload/contract/**'],
    [nodeModules, electron, sqlite, hdf5, tensorflow, echarts, forbid('^\\.\\./', 'The contract imports nothing.')],
  ),
  walls(['src/preload/index.ts'], [nodeModules, sqlite, hdf5, tensorflow, echarts]),
  walls(['src/main/base/**'], [electron, sqlite, hdf5, tensorflow, inMain('science|engine|trainer|shell|cli')]),
  walls(['src/main/science/**'], [nodeModules, electron, sqlite, hdf5, tensorflow, inMain('engine|trainer|shell|cli')]),
  walls(
    ['src/main/engine/**'],
    [electron, sqlite, hdf5, containers, tensorflow, inMain('trainer|shell|cli')],
    ['src/main/engine/{store,project,import,export}/**'],
  ),
  walls(['src/main/engine/{store,project}/**'], [electron, hdf5, containers, tensorflow, inMain('trainer|shell|cli')]),
  walls(['src/main/engine/import/**'], [electron, sqlite, tensorflow, inMain('trainer|shell|cli')]),
  walls(['src/main/engine/export/**'], [electron, sqlite, containers, tensorflow, inMain('trainer|shell|cli')]),
  walls(
    ['src/main/trainer/**'],
    [electron, sqlite, hdf5, forbid('^@tensorflow/tfjs-node', 'Only backend.ts loads TensorFlow.'), inMain('engine|shell|cli')],
    ['src/main/trainer/backend.ts'],
  ),
  walls(['src/main/trainer/backend.ts'], [electron, sqlite, hdf5, inMain('engine|shell|cli')]),
  walls(['src/main/shell/**'], [sqlite, hdf5, tensorflow, inMain('science|engine|trainer|cli')]),
  walls(['src/main/cli.ts', 'src/main/cli/**'], [electron, sqlite, hdf5, tensorflow, inMain('science|engine|trainer|shell')]),
  walls(
    ['src/renderer/**'],
    [nodeModules, electron, sqlite, hdf5, tensorflow, echarts, inMain('main')],
    ['src/renderer/charts/**'],
  ),
  walls(['src/renderer/charts/**'], [nodeModules, electron, sqlite, hdf5, tensorflow, inMain('main|features|app')]),
  {
    // Type aware, so that a promise nobody waits for cannot lose an error.
    files: ['src/main/**/*.ts', 'src/preload/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
  {
    // AssemblyScript looks like TypeScript, but has types, conversions and imports of its own; its compiler checks them.
    files: ['src/main/{trainer,science}/kernel/**'],
    languageOptions: { parserOptions: { projectService: false, project: false } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'off',
      '@typescript-eslint/no-floating-promises': 'off',
      '@typescript-eslint/no-misused-promises': 'off',
      '@typescript-eslint/await-thenable': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': 'off',
    },
  },
  {
    // It silences what tfjs itself writes to the console while registering its kernels.
    files: ['src/main/trainer/backend.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    // One function by form only: it closes over a handle or a state and returns many small ones.
    files: ['src/main/engine/store/**', 'src/renderer/**/*-store.ts'],
    rules: { 'max-lines-per-function': 'off' },
  },
  {
    // A `describe` holds many tests; tools and configurations export what their program insists on.
    files: ['tests/**', '*.config.{ts,mjs}', 'tools/bench/**'],
    rules: { 'max-lines-per-function': 'off' },
  },
)
