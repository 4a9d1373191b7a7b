// @vitest-environment happy-dom
// The frame around every chart: what a screen reader hears, the table twin, copying. Drawing itself needs a real window.
import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { fakeBridge, installBridge } from '../../src/renderer/bridge/fake'
import Chart from '../../src/renderer/charts/Chart.vue'

const table = {
  columns: [
    { key: 'group', title: 'Group' },
    { key: 'cells', title: 'Cells', format: (cells: number) => `${cells} cells` },
  ],
  rows: [
    ['B cell', 12],
    ['NK cell', 90],
  ],
}
const open = (props: object = {}) => {
  const bridge = fakeBridge({}, { 'clipboard.write': {} })
  installBridge(bridge)
  const chart = mount(Chart, {
    props: { build: () => ({ series: [] }), label: 'Cells by group. Most in NK cell.', name: 'groups', table, ...props },
    attachTo: document.body,
  })
  return { chart, bridge }
}
afterEach(() => {
  document.body.innerHTML = ''
})
const cells = (chart: ReturnType<typeof open>['chart']): string[] => chart.findAll('td').map((cell) => cell.text())

describe('a chart', () => {
  it('is read out with its title and its finding, and can be reached by keyboard', () => {
    const frame = open().chart.get('[role="img"]')
    expect(frame.attributes('aria-label')).toBe('Cells by group. Most in NK cell.')
    expect(frame.attributes('tabindex')).toBe('0')
  })

  it('turns into a table with the same numbers on T, which sorts by a click', async () => {
    const { chart } = open()
    await chart.get('[role="img"]').trigger('keydown', { key: 't' })
    expect(cells(chart)).toEqual(['B cell', '12 cells', 'NK cell', '90 cells'])
    await chart.findAll('th button')[1]?.trigger('click')
    expect(cells(chart)).toEqual(['NK cell', '90 cells', 'B cell', '12 cells'])
    expect(chart.findAll('th')[1]?.attributes('aria-sort')).toBe('descending')
  })

  it('copies its numbers in full from the menu and says so', async () => {
    const { chart, bridge } = open()
    await chart.get('[aria-haspopup="menu"]').trigger('click')
    const item = chart.findAll('[role="menuitem"]').find((each) => each.text() === 'Copy table')
    await item?.trigger('click')
    await flushPromises()
    expect(bridge.calls).toEqual([
      { to: 'shell', method: 'clipboard.write', params: { text: 'Group\tCells\nB cell\t12\nNK cell\t90' } },
    ])
    expect(chart.get('[role="status"]').text()).toBe('Table copied.')
    expect(chart.find('[role="menu"]').exists()).toBe(false)
  })

  it('saves its numbers in full as CSV, where a formula stays text', async () => {
    const rows = [
      ['=1+1', 12.5],
      ['B, naive', null],
    ]
    const { chart, bridge } = open({ table: { ...table, rows } })
    await chart.get('[aria-haspopup="menu"]').trigger('click')
    const item = chart.findAll('[role="menuitem"]').find((each) => each.text() === 'Save table (CSV)…')
    await item?.trigger('click')
    await flushPromises()
    const text = '\ufeffGroup,Cells\r\n\'=1+1,12.5\r\n"B, naive",\r\n'
    expect(bridge.calls[0]?.params).toEqual({ suggestedName: 'groups.csv', kind: 'csv', text })
  })

  it('without a table offers its picture only', async () => {
    const { chart } = open({ table: null })
    await chart.get('[role="img"]').trigger('keydown', { key: 't' })
    expect(chart.find('table').exists()).toBe(false)
    await chart.get('[aria-haspopup="menu"]').trigger('click')
    expect(chart.findAll('[role="menuitem"]').map((item) => item.text())).toEqual([
      'Copy picture',
      'Save as PNG…',
      'Save as SVG…',
    ])
  })
})
