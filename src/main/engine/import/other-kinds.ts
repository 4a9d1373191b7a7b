// Files that are no data of cells, or that only their own program can open: what they are, and what to do in that program.
// Invariant: a recipe works offline and with what the user has anyway; nothing of such a file is opened.
import { refuse } from '../../base/refusal'

const marks: readonly (readonly [RegExp, string])[] = [
  [/^\x89PNG/, 'it starts like a PNG picture'],
  [/^\xff\xd8\xff/, 'it starts like a JPEG picture'],
  [/^GIF8/, 'it starts like a GIF picture'],
  [/^%PDF/, 'it starts like a PDF document'],
  [/^\x93NUMPY/, 'it is a NumPy array (.npy)'],
  [/^PARE/, 'it is a Parquet table whose description is encrypted: write it again without encryption'],
  [/^PAR1/, 'it is a Parquet table'],
  [/^ARROW1/, 'it is an Arrow (Feather) table'],
  [/^PK\x03\x04/, 'it is a zip archive: unpack it first and choose the unpacked file'],
  [/^SQLite format 3/, 'it is a SQLite database, perhaps a Latiscope project: use "Open project" for it'],
  [/^7z\xbc\xaf/, 'it is packed with 7-Zip: unpack it first and choose the unpacked file'],
  [/^(?:BZh|\xfd7zXZ|\x28\xb5\x2f\xfd)/, 'it is compressed: unpack it first and choose the unpacked file'],
  [/^\xd0\xcf\x11\xe0/, 'it is an old Excel or Word file (.xls, .doc): save the sheet as .xlsx or CSV first'],
  [/^\s*[[{]\s*["[{\]}]/, 'it is JSON, not a table'],
  [/^(?:format-version:|!gaf-version)/, 'it holds ontology terms or annotations, not cells'],
  [/^<(?:!DOCTYPE|html|\?xml)/i, 'it starts like a web page: the download probably gave an error page'],
]

/** What a file that starts so is, or null when it is nothing known. */
export const otherKind = (start: string): string | null => marks.find(([mark]) => mark.test(start))?.[1] ?? null
export const isOfAnotherKind = (start: string): boolean => otherKind(start) !== null

const rObject = /^(?:RDX[23]\n|RDA[23]\n|[XAB]\n(?:\x00\x00\x00[\x02\x03]|[23]\n))/
const pickle = /^\x80[\x02-\x05]/
const cloupe = /^\{"(?:version|headerSize)"[^]{0,400}"(?:indexBlock|headerSize|nextHeaderOffset)"/

/** Refuses with EXPORT_FIRST or PICKLE_REFUSED what only another program may open, with the lines to type there. */
export function refuseForeign(file: string, head: Buffer, inside: Buffer | null): void {
  const [start, unpacked] = [head.toString('latin1'), inside?.toString('latin1', 0, 4096) ?? '']
  const packed = /^(?:\x1f\x8b|BZh|\xfd7zXZ)/.test(start)
  if (rObject.test(unpacked) || (packed && /\.(?:rds|rda|rdata)$/i.test(file))) refuse('EXPORT_FIRST', recipes.seurat(file))
  if (cloupe.test(start) || (/\.cloupe$/i.test(file) && !isOfAnotherKind(start))) refuse('EXPORT_FIRST', recipes.cloupe(file))
  if (start.startsWith('FEA1')) refuse('EXPORT_FIRST', recipes.feather(file))
  if (pickle.test(unpacked)) {
    const [torch] = /\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19/.exec(start) ?? []
    refuse('PICKLE_REFUSED', {
      file,
      what: torch ? 'an old PyTorch file, which is one Python pickle,' : 'a Python pickle, which',
    })
  }
}

/** A folder as Cell Ranger writes it, with tables beside; by position, because Seurat 4 and 5 name the argument differently. */
const withoutPackages =
  'Without extra packages: counts <- Seurat::GetAssayData(obj[[Seurat::DefaultAssay(obj)]], "counts"), ' +
  'Matrix::writeMM(counts, "matrix.mtx"), writeLines(colnames(counts), "barcodes.tsv"), ' +
  'writeLines(paste(rownames(counts), rownames(counts), "Gene Expression", sep = "\\t"), "features.tsv"), ' +
  'write.csv(obj@meta.data, "metadata.csv") and write.csv(Seurat::Embeddings(obj, "pca"), "embedding.csv").'

/** Details of EXPORT_FIRST for the programs of the field. */
export const recipes = {
  seurat: (file: string) => ({
    file,
    what: 'an R object (for example Seurat or SingleCellExperiment), which only R can open',
    next:
      `In R: obj <- readRDS("${file.replaceAll('"', '')}"); anndataR::write_h5ad(obj, "data.h5ad"), or ` +
      `zellkonverter::writeH5AD(Seurat::as.SingleCellExperiment(obj), "data.h5ad"). ${withoutPackages}`,
  }),
  h5seurat: (file: string) => ({
    file,
    what: 'a Seurat file (.h5seurat), whose layout changes with every version of Seurat',
    next:
      `In R: obj <- SeuratDisk::LoadH5Seurat("${file.replaceAll('"', '')}"); anndataR::write_h5ad(obj, "data.h5ad"). ` +
      withoutPackages,
  }),
  cloupe: (file: string) => ({
    file,
    what: 'a Loupe Browser file (.cloupe), which only that program can open',
    next:
      'Use the files that Cell Ranger wrote beside it: filtered_feature_bc_matrix.h5 holds the counts, and the folder ' +
      'analysis/pca the principal components (projection.csv). In Loupe Browser, categories are exported under "Export projection" as CSV.',
  }),
  feather: (file: string) => ({
    file,
    what: 'a table in the first version of Feather, which is no longer in use',
    next: `In Python: pandas.read_feather("${file.replaceAll('"', '')}").to_parquet("table.parquet"); Parquet and the current Feather are read.`,
  }),
}
