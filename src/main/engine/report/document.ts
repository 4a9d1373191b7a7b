// A report as blocks, and the two ways to write it: one HTML file that needs nothing else, or Markdown. Words of users and files
// are escaped in both.
export type Block =
  | { readonly kind: 'title' | 'heading' | 'text' | 'note'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }

export function asHtml(title: string, blocks: readonly Block[]): string {
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    // A report runs nothing and loads nothing, whatever names it holds.
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${html(title)}</title><style>${style}</style></head><body><main>`,
    ...blocks.map(blockHtml),
    '</main></body></html>',
    '',
  ].join('\n')
}

const style = [
  'body{font:15px/1.5 system-ui,sans-serif;color:#1b1f24;background:#fff;margin:0}',
  'main{max-width:72rem;margin:0 auto;padding:2rem}',
  'h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem;border-bottom:1px solid #d5dae0;padding-bottom:.25rem}',
  'table{border-collapse:collapse;width:100%;font-size:.85rem;margin:.75rem 0}',
  'th,td{text-align:left;vertical-align:top;padding:.35rem .5rem;border-bottom:1px solid #e4e8ec;overflow-wrap:anywhere}',
  'th{border-bottom:2px solid #9aa4af}.note{color:#5a6570;font-size:.85rem}',
  '@media print{main{padding:0}tr{break-inside:avoid}}',
].join('')

function blockHtml(block: Block): string {
  if (block.kind === 'list') return `<ul>${block.items.map((item) => `<li>${html(item)}</li>`).join('')}</ul>`
  if (block.kind === 'table') {
    const row = (cells: readonly string[], tag: 'th' | 'td'): string =>
      `<tr>${cells.map((cell) => `<${tag}>${html(cell)}</${tag}>`).join('')}</tr>`
    return `<table><thead>${row(block.head, 'th')}</thead><tbody>${block.rows.map((cells) => row(cells, 'td')).join('')}</tbody></table>`
  }
  const text = html(block.text)
  if (block.kind === 'title') return `<h1>${text}</h1>`
  return block.kind === 'heading' ? `<h2>${text}</h2>` : block.kind === 'note' ? `<p class="note">${text}</p>` : `<p>${text}</p>`
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const html = (text: string): string => text.replace(/[&<>"']/g, (one) => entities[one] ?? one)

export function asMarkdown(blocks: readonly Block[]): string {
  return `${blocks.map(blockMarkdown).join('\n\n')}\n`
}

function blockMarkdown(block: Block): string {
  if (block.kind === 'list') return block.items.map((item) => `- ${markdown(item)}`).join('\n')
  if (block.kind === 'table') {
    const row = (cells: readonly string[]): string =>
      `| ${cells.map((cell) => markdown(cell).replaceAll('|', '\\|')).join(' | ')} |`
    return [row(block.head), row(block.head.map(() => '---')), ...block.rows.map(row)].join('\n')
  }
  const text = markdown(block.text)
  return block.kind === 'title'
    ? `# ${text}`
    : block.kind === 'heading'
      ? `## ${text}`
      : block.kind === 'note'
        ? `*${text}*`
        : text
}

/** On one line, with what Markdown or HTML would act on made plain; three dashes stay a table's rule. */
const markdown = (text: string): string =>
  text === '---' ? text : text.replace(/\s+/g, ' ').replace(/[\\`*_<>[\]#]/g, (one) => `\\${one}`)
