// The words of every chart: its tools, its table twin, and what happens to its picture.
export const chartText = {
  tools: 'Chart tools',
  showTable: 'Show as table',
  showChart: 'Show as chart',
  copyPicture: 'Copy picture',
  savePicture: 'Save as PNG…',
  saveSvg: 'Save as SVG…',
  saveTable: 'Save table (CSV)…',
  copyTable: 'Copy table',
  pictureCopied: 'Picture copied.',
  pictureNotCopied: 'The picture could not be copied. Save it instead.',
  pictureSaved: (name: string) => `Saved as ${name}.`,
  tableCopied: 'Table copied.',
  tableOf: (title: string) => `${title}, as a table`,
  sortBy: (column: string) => `Sort by ${column}`,
  noPicture: 'The picture could not be drawn.',
}
