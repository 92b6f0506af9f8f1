import { BarChart } from 'echarts/charts'
import { GridComponent } from 'echarts/components'
import { init, use, type ECharts } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

use([BarChart, GridComponent, SVGRenderer])

export interface Bar {
  name: string
  value: number
  label: string
  late: boolean
}

export const barPX = 46

/** A token's value, so that pictures take the colours of the page. */
function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

export function open(element: HTMLElement): ECharts {
  return init(element, null, { renderer: 'svg' })
}

/** Horizontal bars with their words at the end: no legend, no axis to read off. */
export function drawBars(chart: ECharts, bars: Bar[], nameWidth: number): void {
  const font = token('--font')
  const text = token('--c-text')
  chart.setOption({
    animationDuration: 180,
    animationDurationUpdate: 180,
    textStyle: { fontFamily: font },
    grid: { top: 0, bottom: 0, left: nameWidth + 12, right: 150 },
    xAxis: { type: 'value', show: false, min: 0, max: Math.max(1, ...bars.map((bar) => bar.value)) },
    yAxis: {
      type: 'category', inverse: true, data: bars.map((bar) => bar.name), axisLine: { show: false }, axisTick: { show: false },
      axisLabel: { color: text, fontSize: 15, width: nameWidth, overflow: 'truncate', interval: 0 },
    },
    series: [{
      type: 'bar', barWidth: 22, showBackground: true, silent: true,
      backgroundStyle: { color: token('--c-sunken'), borderRadius: 6 },
      data: bars.map((bar) => ({
        value: bar.value,
        itemStyle: { color: token(bar.late ? '--c-now-fill' : '--c-brand'), borderRadius: 6 },
        label: { show: true, position: 'right', formatter: bar.label, color: text, fontSize: 15 },
      })),
    }],
  }, true)
}
