// The closed list of errors a user can meet: what happened, in a biologist's words, and what to do next.
// Invariant: every code has both sentences; a code is never reused for another meaning.
export interface AppError {
  readonly code: ErrorCode
  readonly message: string
  readonly remedy: string
  /** Short id that is also in the log. */
  readonly ref?: string
}

export type Details = Readonly<Record<string, string | number>>

interface ErrorText {
  readonly message: (d: Details) => string
  readonly remedy: (d: Details) => string
}

const fixed = (message: string, remedy: string): ErrorText => ({ message: () => message, remedy: () => remedy })
const text = (message: (d: Details) => string, remedy: string | ((d: Details) => string)): ErrorText => ({
  message,
  remedy: typeof remedy === 'string' ? () => remedy : remedy,
})

const table = {
  USAGE: text(
    (d) => `${d.what}`,
    (d) => `${d.next ?? 'Run "latiscope --help" to see the verbs and options.'}`,
  ),
  NOT_AVAILABLE: text((d) => `${d.what} is not part of this version yet.`, 'Use a newer version, or leave this option out.'),
  FILE_NOT_FOUND: text(
    (d) => `The file ${d.file} does not exist.`,
    'Check the name and the folder; perhaps the drive is not connected.',
  ),
  FILE_EMPTY: text(
    (d) => `The file ${d.file} is empty (0 bytes).`,
    'The copy or download probably failed, or a cloud drive has not fetched it. Copy or download it again.',
  ),
  FILE_NOT_READABLE: text(
    (d) => `The file ${d.file} cannot be read: another program has it open, or you have no right to read it.`,
    'Close other programs that use it, or ask its owner for the right to read it.',
  ),
  FILE_NOT_RECOGNISED: text(
    (d) => `${d.file} is not a data file that can be read: ${d.looksLike}.`,
    (d) => `${d.next ?? 'Choose the file that holds the cells. If it was downloaded, the download may be incomplete.'}`,
  ),
  EXPORT_FIRST: text(
    (d) => `${d.file} is ${d.what}.`,
    (d) => `${d.next}`,
  ),
  PICKLE_REFUSED: text(
    (d) => `${d.file} is ${d.what} could run code when it is opened, so it never is.`,
    (d) =>
      `${d.next ?? 'Where it was made, save its numbers alone, in Python: numpy.save("embedding.npy", tensor.float().numpy()), or anndata.write_h5ad("data.h5ad").'}`,
  ),
  FILE_TRUNCATED: text(
    (d) => `The file ${d.file} ends early${d.expected ? ` (expected ${d.expected} bytes, found ${d.found})` : ''}.`,
    'Download or copy it again.',
  ),
  FILE_DAMAGED: text(
    (d) => `The file ${d.file} is damaged: ${d.why}.`,
    'Copy it again from its source, or ask its author to write it again.',
  ),
  FILE_LIBRARY_FAILED: text(
    (d) => `The program part that reads files stopped while it was reading ${d.file} (${d.why}).`,
    'The file is probably damaged: copy it again from its source, or ask its author to write it again. Nothing was imported, and your project is unchanged.',
  ),
  FILE_TOO_LARGE: text(
    (d) => `The file ${d.file} holds more than ${d.limit}, the most that is read.`,
    'Check that it is the right file; if so, cut it to the part that is needed.',
  ),
  TEXT_NOT_RECOGNISED: text(
    (d) => `${d.file} is not ${d.expected}: ${d.why}.`,
    'Choose the right file, or compare it with the description of its format in the documentation.',
  ),
  NO_GENES: text(
    (d) => `${d.what}.`,
    'Use one kind of gene name everywhere (symbols with symbols, Ensembl ids with Ensembl ids), of the same species.',
  ),
  FILE_NOT_PROJECT: text(
    (d) => `${d.file} is not a Latiscope project.`,
    'Choose a file that ends in .latiscope, or start a new project from a data file.',
  ),
  FILE_TOO_NEW: text(
    (d) =>
      `The project ${d.file} was written by a newer Latiscope (file version ${d.version}, this program reads up to ${d.supported}).`,
    'Install the newer Latiscope to open it. The file was not changed.',
  ),
  FILE_LOCKED: text(
    (d) => `The project ${d.file} is open elsewhere${d.who ? ` (${d.who})` : ''}.`,
    'Close it there, then try again.',
  ),
  FILE_EXISTS: text((d) => `The file ${d.file} already exists.`, 'Choose another name, or remove the old file first.'),
  FILE_READ_ONLY: text(
    (d) => `The project ${d.file} is read-only, so nothing can be stored in it.`,
    'Copy it to a folder where you may write.',
  ),
  FOLDER_NOT_FOUND: text((d) => `The folder for ${d.file} does not exist.`, 'Create the folder first or choose another one.'),
  MIGRATION_FAILED: text(
    (d) => `The project ${d.file} could not be brought to the current version; it was left as it was.`,
    'Keep the file and send the diagnostic report; an older Latiscope still opens it.',
  ),
  DISK_FULL: fixed(
    'The disk is full, so the last step could not be stored.',
    'Free some space, then repeat the step. Everything stored before is safe.',
  ),
  NO_PROJECT: fixed('No project is open.', 'Open a project or start a new one first.'),
  NO_DATA: fixed('This project has no data yet.', 'Import a file first.'),
  ALREADY_IMPORTED: fixed('This project already holds data.', 'Start a new project for another data set.'),
  PART_UNREADABLE: text(
    (d) => `Part ${d.part} of the file cannot be read: ${d.why}.`,
    (d) => `${d.next ?? 'Choose another part, or ask for the file written again with a current anndata.'}`,
  ),
  ARRAY_UNFIT: text(
    (d) => `The array in ${d.file} cannot be used: ${d.why}.`,
    (d) => `${d.next ?? 'Save a table of numbers with one row per cell and one column per dimension.'}`,
  ),
  TABLE_RAGGED: text(
    (d) => `The rows of ${d.file} do not have the same number of values: ${d.why}.`,
    'Open the table where it was made and export it again, so that every row has as many values as the first line has names.',
  ),
  TABLE_HEADER: text(
    (d) => `It is not certain that the first line of ${d.file} names the columns: ${d.why}.`,
    'Say whether it does: yes (--header yes), or no, then the columns are called V1, V2 and so on (--header no).',
  ),
  TEXT_IN_NUMBERS: text(
    (d) => `${d.count} values in ${d.file} are text where numbers are expected (first: ${d.first}).`,
    'Correct the table, or leave these cells out (--drop-missing).',
  ),
  JOIN_ROWS: text(
    (d) => `${d.file} has ${d.found} rows, but there are ${d.expected} cells, so they cannot be paired by position.`,
    'Choose a file with one row per cell, or one with cell names, so that they can be matched by name.',
  ),
  JOIN_NEEDS_NAMES: text(
    (d) => `The cells of ${d.which} have no names, so ${d.file} cannot be matched with them by name.`,
    (d) =>
      `Name the cells with a list (--ids FILE), or confirm that row 1 is the same cell in both files, and so on (--by-position; ${d.here} cells, ${d.there} rows).`,
  ),
  JOIN_NO_MATCH: text(
    (d) => `None of the cell names match: ${d.here} here, ${d.there} in ${d.file}.`,
    'Check that both files hold the same cells. If they do, in the same order, confirm that with --by-position.',
  ),
  JOIN_NO_EXPRESSION: text(
    (d) => `${d.file} holds no expression matrix.`,
    'Choose a file with genes: .h5ad, or a table of counts.',
  ),
  APPEND_UNCLEAR: text(
    (d) => `It is not clear what ${d.file} adds: ${d.why}.`,
    'Say what it holds: --as rows, metadata, representation or expression; for the same cells in the same order add --by-position.',
  ),
  APPEND_AFTER_RUNS: text(
    (d) => `The project has ${d.runs} trained on the cells it holds now, so no cells can be added to it.`,
    'Start a new project from all files at once (import NEW FILE FILE …). This one stays as it is.',
  ),
  APPEND_UNFIT: text(
    (d) => `${d.file} cannot be added: ${d.why}.`,
    (d) => `${d.next ?? 'Choose a file that fits the project, or start a new project.'}`,
  ),
  JOIN_PARTIAL: text(
    (d) =>
      `${d.file} has ${d.found} rows, and ${d.count} of the ${d.expected} cells of the project are missing in it (${d.examples}).`,
    'Choose a file that holds every cell. To use only the cells in it, start a new project with --expression-file or --metadata.',
  ),
  SUBSET_EMPTY: text((d) => `No cell fits ${d.filter}.`, 'Check the spelling of the values, or leave one of the conditions out.'),
  VERDICT_IMPOSSIBLE: text(
    (d) => `${d.part} cannot be ${d.verdict}: ${d.why}.`,
    'Leave the choice out (--verdict), or choose another matrix.',
  ),
  COMPRESSION_MISSING: text(
    (d) => `Part ${d.part} is compressed with filter ${d.filter}, which is not built in.`,
    "Ask for the file written with gzip: adata.write_h5ad('f.h5ad', compression='gzip').",
  ),
  NO_REPRESENTATION: fixed(
    'There is no representation (obsm) with at least 2 columns in this file.',
    'Choose another file that holds an embedding of the cells, for example X_pca or X_scVI, and add this one beside it (--expression-file or --metadata). Or let principal components be computed from the expression in this file: choose pca (--representation pca).',
  ),
  CHOICE_UNKNOWN: text(
    (d) => `The file has no ${d.what} called ${d.key}.`,
    (d) => `Choose one of: ${d.known}.`,
  ),
  ROW_MISMATCH: text(
    (d) => `${d.part} has ${d.found} rows, but the file has ${d.expected} cells.`,
    'Choose another representation, or ask for the file written again.',
  ),
  DUPLICATE_IDS: text(
    (d) => `${d.count} cell names occur more than once (${d.examples}), often after merging samples.`,
    'Make the names unique when the file is written, or import with numbering added (--rename-duplicates).',
  ),
  MISSING_NUMBERS: text(
    (d) => `${d.count} cells contain missing numbers in ${d.part} (first: ${d.examples}).`,
    'Leave these cells out (--drop-missing), or choose another representation.',
  ),
  MISSING_EXPRESSION: text(
    (d) => `${d.count} values are missing or infinite in ${d.part} (genes: ${d.examples}).`,
    'Leave the cells with missing values out (--drop-missing), choose another expression matrix, or ask for the file without missing values.',
  ),
  TOO_FEW_CELLS: text((d) => `Only ${d.rows} cells: training needs at least ${d.needed}.`, 'Use a data set with more cells.'),
  RUN_NOT_FOUND: text(
    (d) => `There is no run ${d.run} in this project.`,
    'Train a model first, or choose one of the runs listed.',
  ),
  RUN_NOT_FINISHED: text(
    (d) => `Run ${d.run} has no finished model (it is ${d.state}).`,
    'Wait until it is done, or train again.',
  ),
  RUN_NOT_REPEATABLE: text(
    (d) => `Run ${d.run} was not trained here, so it cannot be repeated with other seeds.`,
    'Choose a run that was trained in this project.',
  ),
  NOTHING_SHARED: text(
    (d) => `The ${d.seeds} seeds share no features, so there is nothing to make a model of.`,
    'Use fewer features or more cells, then train the seeds again.',
  ),
  FILE_UNSAFE: text(
    (d) => `${d.file} holds more than numbers, so it was not read: ${d.why}.`,
    'Ask for the tensors alone: torch.save(model.state_dict(), path), or a safetensors file.',
  ),
  MODEL_UNFIT: text(
    (d) => `${d.what ?? 'The model'} in ${d.file} cannot be used: ${d.why}.`,
    (d) => `${d.next ?? 'Choose a model that was trained on the same representation.'}`,
  ),
  MODEL_NOT_EXPRESSIBLE: text(
    (d) => `A model of the architecture ${d.arch} cannot be written for ${d.tool}: ${d.why}.`,
    (d) => `${d.next}`,
  ),
  LATENT_NOT_FOUND: text(
    (d) => `Run ${d.run} has no feature ${d.latent}.`,
    (d) => `Features are numbered from 0 to ${d.last}.`,
  ),
  NOT_LINKED: text(
    (d) => `Run ${d.run} has not been linked to genes and terms yet.`,
    'Link it first (button "Link to genes and terms", or the verb link).',
  ),
  NO_EXPRESSION: fixed(
    'This project has no gene expression, so features cannot be linked to genes.',
    'Start a new project from a file that holds expression too.',
  ),
  NO_CELL_TYPES: fixed(
    'No column of this project holds cell types, so copies cannot be shuffled within them.',
    'Shuffle within donors instead, or import again and say which column holds the cell types (--role COLUMN=cell-type).',
  ),
  NEEDS_LOG_VALUES: text(
    (d) => `${d.what} needs expression on a log scale or counts; this project holds ${d.found}.`,
    'Start a new project from a file that holds counts or log values too.',
  ),
  NOTHING_FOUND: text(
    (d) => `Nothing in this project matches ${d.what}.`,
    'Check the spelling; genes can be searched by symbol, older name or Ensembl id.',
  ),
  SETTING_OUT_OF_RANGE: text(
    (d) => `${d.setting} must be ${d.range}; it was ${d.value}.`,
    'Change the setting, or leave it out to use the recommended value.',
  ),
  TOO_MANY_LATENTS: text(
    (d) => `${d.latents} features with ${d.k} on per cell give each feature only ${d.firings} cells to learn from.`,
    (d) => `Use ${d.advice} features or fewer.`,
  ),
  TRAINING_DIVERGED: text(
    (d) => `Training failed at step ${d.step}: the numbers grew without bound.`,
    'Use a lower learning rate, or check the representation for extreme values.',
  ),
  TRAINER_GONE: text(
    (d) => `The training process ended unexpectedly (${d.why}).`,
    'Your project is safe. Start the run again; if it happens again, use fewer features.',
  ),
  RUN_NOT_RESUMABLE: text(
    (d) => `Run ${d.run} cannot do that: ${d.why}.`,
    'Look at the state of the run; a new run with the same settings and seed gives the same model.',
  ),
  CHECKPOINT_DISK_FULL: fixed(
    'The disk is full, so the present state of the training could not be kept; it goes on, and the state kept before is safe.',
    'Free some space: the next attempt follows by itself.',
  ),
  CHECKPOINT_FAILED: text(
    (d) => `The present state of the training could not be kept (${d.why}); it goes on, and the state kept before is safe.`,
    'Check that the cache folder of Latiscope can be written to: the next attempt follows by itself.',
  ),
  OTHER_REPRESENTATION: text(
    (d) => `Run ${d.run} explains ${d.own}, but the project explains ${d.chosen} now.`,
    (d) => `Choose ${d.own} as the representation of the project again, then repeat this step.`,
  ),
  NOT_ENOUGH_MEMORY: text(
    (d) => `This run would need about ${d.needed} of memory; this computer has ${d.available}.`,
    (d) => `Use ${d.advice}, or a computer with more memory.`,
  ),
  NOT_ENOUGH_DISK: text(
    (d) => `${d.what} would need about ${d.needed} of disk space ${d.where}; ${d.available} are free.`,
    (d) => `Free some space, or ${d.instead}.`,
  ),
  BACKEND_MISSING: fixed(
    'The native TensorFlow library is not installed, so training would be very slow.',
    'Run "npm run setup", or install Latiscope again.',
  ),
  CPU_UNSUPPORTED: fixed(
    'The processor of this computer lacks AVX instructions, which TensorFlow needs.',
    'Train on a computer built after 2012; everything else works here.',
  ),
  OUT_OF_MEMORY: fixed('There was not enough memory for this step.', 'Close other programs, or use fewer features or cells.'),
  ONTOLOGY_MISSING: fixed('The gene ontology that comes with Latiscope cannot be read.', 'Install Latiscope again.'),
  ONTOLOGY_NOT_INSTALLED: text(
    (d) => `No ontology called ${d.name} is installed, or several are.`,
    (d) => `Use one of these ids: ${d.known}. To install one from files, use the verb ontology with --install.`,
  ),
  ONTOLOGY_DAMAGED: text(
    (d) => `The installed ontology ${d.name} cannot be read: its files were changed or damaged.`,
    'Remove it and install it again from its files.',
  ),
  ONTOLOGY_WITHOUT_GENES: text(
    (d) => `${d.file} holds terms but no genes, so nothing can be tested against it.`,
    'Give its annotations too (--associations): a GAF file, or a table of genes and terms.',
  ),
  TAXON_NEEDED: text(
    (d) => `${d.file} holds annotations of several species.`,
    'Say which one is meant (--taxon 9606 for human, 10090 for mouse, 10116 for rat).',
  ),
  INSTALL_FIRST: text(
    (d) => `${d.file} is an annotation file of NCBI (gene2go), which knows genes by Entrez numbers and all species at once.`,
    'Install it first (verb ontology, --install --associations FILE --taxon 9606), so that names of genes are understood; then choose it (--ontology NAME).',
  ),
  RELATIONS_NOT_BUILT_IN: text(
    () => 'The built-in Gene Ontology holds the relations is_a and part_of, no further ones.',
    'Choose these, or install a go-basic.obo with its annotations as an own ontology, which follows every relation of the file.',
  ),
  NO_ANNOTATION_FOR_SPECIES: text(
    (d) => `The genes are of ${d.species}, but the annotations of ${d.ontology} are of ${d.annotated}.`,
    (d) =>
      d.species === 'mouse' && d.annotated === 'human'
        ? 'Install the mouse annotations of MGI (verb ontology, --install --associations mgi.gaf.gz) and choose them, or choose to go through one-to-one human orthologs (--orthologs).'
        : `Install annotations of ${d.species} from a file (verb ontology, --install --associations FILE) and choose them (--ontology NAME).`,
  ),
  ORTHOLOGS_UNFIT: text(
    (d) =>
      `One-to-one orthologs lead from mouse genes to human annotations; here the genes are of ${d.species} and the annotations of ${d.annotated}.`,
    'Leave orthologs out, or choose the built-in human annotations for mouse data.',
  ),
  CANCELLED: fixed(
    'Cancelled. Nothing of the unfinished step was stored.',
    'Start it again whenever you like; a training can also be continued where it stood.',
  ),
  BUSY: text((d) => `${d.what} is still running.`, 'Wait until it is done, or cancel it.'),
  TIMEOUT: text((d) => `${d.what} did not answer in time.`, 'Try again; if it happens again, restart Latiscope.'),
  ENGINE_GONE: fixed(
    'The data process ended unexpectedly and was restarted.',
    'Nothing that was stored is lost. Repeat the last step.',
  ),
  BAD_REQUEST: text(
    (d) => `A request was not understood (${d.why}).`,
    'Restart Latiscope; if it happens again, install it again.',
  ),
  INTERNAL: text(
    (d) => `Something went wrong inside Latiscope${d.where ? ` (${d.where})` : ''}.`,
    'Nothing that was stored is lost. Try again; the log holds the details.',
  ),
} satisfies Record<string, ErrorText>

export type ErrorCode = keyof typeof table
export const errorCodes = Object.keys(table) as readonly ErrorCode[]

/** Builds the error value for a code; `details` fill the numbers and names of its sentences. */
export function appError(code: ErrorCode, details: Details = {}): AppError {
  const entry: ErrorText = table[code]
  return { code, message: entry.message(details), remedy: entry.remedy(details) }
}
