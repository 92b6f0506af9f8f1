import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent } from 'echarts/components'
import { init, use, type ECharts } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

use([BarChart, LineChart, GridComponent, SVGRenderer])

/** One line or set of bars; its name stands at the picture itself, not in a legend. */
export interface Series {
  name: string
  color: string // token
  values: number[]
  label?: (value: number) => string
}

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

export function open(element: HTMLElement): ECharts {
  return init(element, null, { renderer: 'svg' })
}

function base(): Record<string, unknown> {
  return { animationDuration: 180, animationDurationUpdate: 180, textStyle: { fontFamily: token('--font'), color: token('--c-text') } }
}

/** Groups of horizontal bars, the figure at the end of each. */
export function drawGroups(chart: ECharts, names: string[], series: Series[], nameWidth: number): void {
  const text = token('--c-text')
  chart.setOption({
    ...base(),
    grid: { top: 4, bottom: 4, left: nameWidth + 12, right: 60 },
    xAxis: { type: 'value', show: false, min: 0 },
    yAxis: {
      type: 'category', inverse: true, data: names, axisLine: { show: false }, axisTick: { show: false },
      axisLabel: { color: text, fontSize: 14, width: nameWidth, overflow: 'truncate', interval: 0 },
    },
    series: series.map((one) => ({
      type: 'bar', name: one.name, silent: true, barGap: '12%', barCategoryGap: '32%',
      itemStyle: { color: token(one.color), borderRadius: 3 }, data: one.values,
      label: { show: true, position: 'right', color: text, fontSize: 12, formatter: (p: { value: number }) => one.label?.(p.value) ?? p.value.toFixed(1) },
    })),
  }, true)
}

const namePX = 18
const lines = { top: 16, bottom: 44 }

/** How far down each name moves, so that those of curves which end together stand below each other. */
function apart(ends: number[], perUnit: number): number[] {
  const down = ends.map(() => 0)
  let free = -Infinity
  for (const { end, i } of ends.map((end, i) => ({ end, i })).sort((a, b) => b.end - a.end)) {
    const own = -end * perUnit
    const at = Math.max(own, free)
    down[i] = at - own
    free = at + namePX
  }
  return down
}

/** Curves with their names at their last point. */
export function drawLines(chart: ECharts, names: string[], series: Series[], axis: string): void {
  const text = token('--c-text-3')
  const down = apart(series.map((one) => one.values.at(-1) ?? 0), (chart.getHeight() - lines.top - lines.bottom) / 100)
  chart.setOption({
    ...base(),
    grid: { ...lines, left: 52, right: 110 },
    xAxis: { type: 'category', boundaryGap: false, data: names, name: axis, nameLocation: 'middle', nameGap: 28, nameTextStyle: { color: text }, axisLabel: { color: text }, axisLine: { lineStyle: { color: token('--c-line-strong') } } },
    yAxis: { type: 'value', min: 0, max: 100, axisLabel: { color: text, formatter: '{value}%' }, splitLine: { lineStyle: { color: token('--c-line') } } },
    series: series.map((one, i) => ({
      type: 'line', name: one.name, silent: true, showSymbol: false, data: one.values, lineStyle: { width: 3 }, itemStyle: { color: token(one.color) },
      endLabel: { show: true, formatter: '{a}', color: token(one.color), fontSize: 14, distance: 8, offset: [0, down[i] ?? 0] },
    })),
  }, true)
}
