// The parts of ECharts this program uses, registered once. Nothing outside this folder imports the library.
import { BarChart, BoxplotChart, HeatmapChart, LineChart, ScatterChart } from 'echarts/charts'
import type {
  BarSeriesOption,
  BoxplotSeriesOption,
  HeatmapSeriesOption,
  LineSeriesOption,
  ScatterSeriesOption,
} from 'echarts/charts'
import {
  AriaComponent,
  DataZoomInsideComponent,
  GraphicComponent,
  GridComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapPiecewiseComponent,
} from 'echarts/components'
import type {
  DataZoomComponentOption,
  GraphicComponentOption,
  GridComponentOption,
  TooltipComponentOption,
  VisualMapComponentOption,
} from 'echarts/components'
import { init, use } from 'echarts/core'
import type { ComposeOption, ECharts } from 'echarts/core'
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers'

use([
  AriaComponent,
  BarChart,
  BoxplotChart,
  CanvasRenderer,
  DataZoomInsideComponent,
  GraphicComponent,
  GridComponent,
  HeatmapChart,
  LineChart,
  MarkLineComponent,
  ScatterChart,
  SVGRenderer,
  TooltipComponent,
  VisualMapPiecewiseComponent,
])

export type ChartSeries = BarSeriesOption | BoxplotSeriesOption | HeatmapSeriesOption | LineSeriesOption | ScatterSeriesOption
export type ChartOption = ComposeOption<
  | ChartSeries
  | DataZoomComponentOption
  | GraphicComponentOption
  | GridComponentOption
  | TooltipComponentOption
  | VisualMapComponentOption
>
export type { ECharts }
export { init }
