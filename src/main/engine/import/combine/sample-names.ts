// What the cells of a file are called together: the name of the file, or of the folder where the name says nothing.
import { basename, dirname } from 'node:path'

const endings = /(?:\.(?:h5ad|h5mu|loom|h5|npy|npz|csv|tsv|txt|tab|mtx|parquet|feather|arrow|zarr|zip|xlsx|pt|safetensors|gz))+$/i
/** Names that every run of a program gives to its output. */
const same =
  /^(?:(?:filtered|raw|sample_filtered)_(?:feature_bc|gene_bc|peak_bc)_matri(?:x|ces)(?:_h5)?|matrix|features|genes|barcodes|outs|count|counts|adata)$/i

/** One name per path, each different from the others and from those taken. */
export function sampleNames(paths: readonly string[], before: readonly string[] = []): string[] {
  const taken = new Set(before)
  return paths.map((path) => {
    const wanted = nameOf(path) || 'sample'
    let name = wanted
    for (let number = 2; taken.has(name); number++) name = `${wanted}-${number}`
    taken.add(name)
    return name
  })
}

function nameOf(path: string): string {
  let place = path
  for (let step = 0; step < 4 && place !== dirname(place); step++) {
    const name = basename(place).replace(endings, '')
    if (name !== '' && !same.test(name)) return name
    place = dirname(place)
  }
  return basename(path).replace(endings, '')
}
