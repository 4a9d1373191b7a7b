// The parts of ECharts this program uses, registered once. Nothing outside this folder imports the library.
import { BarChart, BoxplotChart, LineChart, ScatterChart } from 'echarts/charts'
import type { BarSeriesOption, BoxplotSeriesOption, LineSeriesOption, ScatterSeriesOption } from 'echarts/charts'
import {
  AriaComponent,
  DataZoomInsideComponent,
  GraphicComponent,
  GridComponent,
  MarkLineComponent,
  TooltipComponent,
} from 'echarts/components'
import type {
  DataZoomComponentOption,
  GraphicComponentOption,
  GridComponentOption,
  TooltipComponentOption,
} from 'echarts/components'
import { init, use } from 'echarts/core'
import type { ComposeOption, ECharts } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'

use([
  AriaComponent,
  BarChart,
  BoxplotChart,
  CanvasRenderer,
  DataZoomInsideComponent,
  GraphicComponent,
  GridComponent,
  LineChart,
  MarkLineComponent,
  ScatterChart,
  TooltipComponent,
])

export type ChartSeries = BarSeriesOption | BoxplotSeriesOption | LineSeriesOption | ScatterSeriesOption
export type ChartOption = ComposeOption<
  ChartSeries | DataZoomComponentOption | GraphicComponentOption | GridComponentOption | TooltipComponentOption
>
export type { ECharts }
export { init }
