// Every word a user reads lives in src/renderer/text: templates hold no literal text, and no inline style or raw HTML.
import { readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { NodeTypes, type AttributeNode, type TemplateChildNode } from '@vue/compiler-core'
import { parse } from 'vue/compiler-sfc'
import { describe, expect, it } from 'vitest'

const renderer = resolve(import.meta.dirname, '../../src/renderer')
const components = readdirSync(renderer, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.vue'))
/** Attributes a person reads or hears. */
const spoken = new Set(['title', 'aria-label', 'placeholder', 'alt', 'label'])
const hasWords = (text: string): boolean => /\p{L}{2,}/u.test(text)

function childrenOf(node: TemplateChildNode): TemplateChildNode[] {
  if (node.type === NodeTypes.ELEMENT || node.type === NodeTypes.FOR) return node.children
  if (node.type === NodeTypes.IF) return node.branches.flatMap((branch) => branch.children)
  return []
}

/** What breaks the rules in one template, in words. */
function offences(nodes: readonly TemplateChildNode[], insideKeys = false): string[] {
  return nodes.flatMap((node) => {
    if (node.type === NodeTypes.TEXT) return hasWords(node.content) && !insideKeys ? [`text "${node.content.trim()}"`] : []
    if (node.type !== NodeTypes.ELEMENT) return offences(childrenOf(node))
    const attributes = node.props.filter((prop): prop is AttributeNode => prop.type === NodeTypes.ATTRIBUTE)
    const words = attributes
      .filter(({ name, value }) => spoken.has(name) && hasWords(value?.content ?? ''))
      .map(({ name }) => `literal ${name}`)
    const styles = attributes.filter(({ name }) => name === 'style').map(() => 'static style attribute')
    const raw = node.props.filter((prop) => prop.type === NodeTypes.DIRECTIVE && prop.name === 'html').map(() => 'v-html')
    // Key caps name keys of the keyboard; they are the same in every language.
    return [...words, ...styles, ...raw, ...offences(node.children, node.tag === 'kbd')]
  })
}

function offencesOf(source: string): string[] {
  const { descriptor } = parse(source)
  return offences(descriptor.template?.ast?.children ?? [])
}

describe('templates', () => {
  it('are found', () => expect(components.length).toBeGreaterThan(20))

  it.each(components)('%s holds no literal text, no static style and no raw HTML', (file) => {
    expect(offencesOf(readFileSync(join(renderer, file), 'utf8'))).toEqual([])
  })

  it('with a word, a spoken attribute, a style or raw HTML are caught', () => {
    const source = '<template><p title="Hello">Some words</p><i style="color:red" /><b v-html="x" /><kbd>Ctrl</kbd></template>'
    expect(offencesOf(source)).toEqual(['literal title', 'text "Some words"', 'static style attribute', 'v-html'])
  })
})
