import { BarChart, LineChart, ScatterChart } from 'echarts/charts'
import { GridComponent } from 'echarts/components'
import { init, use, type ECharts } from 'echarts/core'
import { LabelLayout } from 'echarts/features'
import { SVGRenderer } from 'echarts/renderers'
import { shown, type Cell, type Chart, type Table } from './report'

use([BarChart, LineChart, ScatterChart, GridComponent, LabelLayout, SVGRenderer])

type Option = Parameters<ECharts['setOption']>[0]

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

export function open(element: HTMLElement): ECharts {
  return init(element, null, { renderer: 'svg' })
}

const percentAxis = { type: 'value' as const, axisLabel: { formatter: (v: number) => `${Math.round(v * 100)}%`, fontSize: 13 } }

const wideGrid = { top: 28, right: 96, bottom: 44, left: 56 }

function base(): Option {
  const line = { lineStyle: { color: token('--c-line') } }
  return { animationDuration: 180, textStyle: { fontFamily: token('--font'), color: token('--c-text') }, grid: wideGrid, xAxis: { splitLine: line }, yAxis: { splitLine: line } }
}

function dashed(name: string, data: (number | null | (number | null)[])[], color: string) {
  return {
    type: 'line' as const, data, symbol: 'none', silent: true, lineStyle: { type: 'dashed' as const, width: 1, color },
    endLabel: { show: name !== '', formatter: name, color, fontSize: 13 }, labelLayout: { moveOverlap: 'shiftY' as const },
  }
}

// Labels closer to each other than this would cover each other; the table behind the picture has every figure.
const labelPX = 44
const daysPX = 92 // of the days of a week
const fewNames = 12
const phoneGrid = { top: 40, right: 20, bottom: 44, left: 44 }
const across = (grid: { left: number; right: number }, width: number) => width - grid.left - grid.right

/** The share of each week with its interval; n stands under the week. */
export function trend(table: Table, words: { interval: string; n: (n: number) => string }, width: number): Option {
  const brand = token('--c-brand')
  const quiet = token('--c-text-3')
  const column = (i: number) => table.rows.map((row) => row[i] as number | null)
  const narrow = width < narrowPX
  const grid = narrow ? phoneGrid : wideGrid
  const each = across(grid, width) / table.rows.length
  return {
    ...base(),
    grid,
    xAxis: { type: 'category', data: table.rows.map((row) => `${row[0]}\n${words.n(row[5] as number)}`), axisLabel: { color: quiet, fontSize: 13, hideOverlap: true, ...(each > daysPX ? { interval: 0 } : {}) } },
    yAxis: { ...percentAxis, min: 0, max: 1, name: narrow ? `┄ ${words.interval}` : '', nameGap: 14, nameTextStyle: { align: 'left', color: quiet, fontSize: 13 }, splitLine: { lineStyle: { color: token('--c-line') } } },
    series: [
      dashed('', column(3), quiet),
      dashed(narrow ? '' : words.interval, column(2), quiet),
      {
        type: 'line', data: column(1), symbolSize: 9, lineStyle: { width: 3, color: brand }, itemStyle: { color: brand }, silent: true,
        label: { show: each > labelPX, position: 'top', color: token('--c-text'), fontSize: 14, formatter: (p: { value: unknown }) => shown(p.value as Cell | undefined, 'percent') },
      },
    ],
  }
}

/** Each part by its number of cases and its share, within the limits of chance; only those below are named. */
export function funnel(groups: Table, limits: Table, words: { cases: string; far: string; near: string }, width: number): Option {
  const quiet = token('--c-text-3')
  const line = (i: number) => limits.rows.map((row) => [row[0] as number, row[i] as number])
  const named = (groups.marks ?? []).filter((mark) => mark === 'below').length <= fewNames
  const points = groups.rows.map((row, i) => ({ row, below: groups.marks?.[i] === 'below' })).filter(({ row }) => row[1] !== null)
  return {
    ...base(),
    grid: width < narrowPX ? { ...phoneGrid, right: 52 } : wideGrid,
    xAxis: { type: 'value', name: words.cases, nameLocation: 'middle', nameGap: 28, min: 0, nameTextStyle: { fontSize: 13 }, axisLabel: { fontSize: 13, hideOverlap: true }, splitLine: { show: false } },
    yAxis: { ...percentAxis, scale: true, max: (of: { max: number }) => Math.min(1, of.max), splitLine: { lineStyle: { color: token('--c-line') } } },
    series: [
      dashed(words.near, line(1), quiet), dashed('', line(2), quiet), dashed(words.far, line(3), token('--c-line-strong')), dashed('', line(4), token('--c-line-strong')),
      {
        type: 'scatter', symbolSize: 11, silent: true,
        data: points.map(({ row, below }) => ({
          value: [row[5] as number, row[1] as number],
          symbol: below ? 'diamond' : 'circle',
          itemStyle: { color: token(below ? '--c-now' : '--c-brand') },
          label: { show: below && named, position: 'right', formatter: String(row[0]).split(' ')[0] ?? '', color: token('--c-now'), fontSize: 13 },
        })),
        labelLayout: { moveOverlap: 'shiftY' },
      },
    ],
  }
}

/** The reasons from the most frequent on, each with its count and the share reached with it. */
export function pareto(table: Table, width: number): Option {
  const narrow = width < narrowPX / 1.2
  const nameWidth = Math.min(320, width * 0.45)
  return {
    ...base(),
    grid: { top: 4, bottom: 4, left: nameWidth + 12, right: narrow ? 96 : 172 },
    xAxis: { type: 'value', show: false, min: 0 },
    yAxis: {
      type: 'category', inverse: true, data: table.rows.map((row) => `${row[1]}（${row[2]}）`), axisLine: { show: false }, axisTick: { show: false },
      axisLabel: { color: token('--c-text'), fontSize: narrow ? 13 : 14, lineHeight: 16, width: nameWidth, overflow: narrow ? 'break' : 'truncate', interval: 0 },
    },
    series: [{
      type: 'bar', barWidth: 22, silent: true,
      data: table.rows.map((row, i) => ({ value: row[3] as number, itemStyle: { color: token(table.marks?.[i] === 'ours' ? '--c-now-fill' : '--c-brand'), borderRadius: 6 } })),
      label: { show: true, position: 'right', color: token('--c-text'), fontSize: 14, formatter: (p: { dataIndex: number }) => {
        const row = table.rows[p.dataIndex]
        return row ? `${row[3]} · ${shown(row[4] ?? null, 'percent')}${narrow ? '' : ` · ∑ ${shown(row[5] ?? null, 'percent')}`}` : ''
      } },
    }],
  }
}

/** How a table says that it is to be drawn: by hours as columns, else bars with their words, or a line over time. */
export function drawn(table: Table, chart: Chart): (width: number) => Option {
  const [first = 1, second] = chart.columns
  if (chart.kind === 'line') return (width) => line(table, width, first)
  if (upright(table)) return (width) => columns(table, width < narrowPX, first, second)
  if (table.id === 'reasons') return (width) => pareto(table, width)
  return (width) => bars(table, first, Math.min(nameWidth(table), width * 0.4))
}

const barPX = 36
const manyBars = 12
const tightPX = 26 // of each bar, where there are many
const glyphPX = 14

/** The room that the names of the rows need. */
function nameWidth(table: Table): number {
  return Math.min(320, Math.max(...table.rows.map((row) => [...String(row[0])].length)) * glyphPX + glyphPX)
}

const narrowPX = 600 // of a phone: no room for words beside a picture, nor for the figure of an hour in which nothing was

/** Hours follow each other from left to right; everything else has names that need room. */
function upright(table: Table): boolean {
  return table.id === 'hours'
}

export function heightOf(table: Table, chart: Chart): number {
  return chart.kind === 'line' || upright(table) ? 280 : table.rows.length * (table.rows.length > manyBars ? tightPX : barPX)
}

function valueOf(row: Table['rows'][number], column: number): number | null {
  return row[column] as number | null
}

function line(table: Table, width: number, column: number): Option {
  const brand = token('--c-brand')
  const kind = table.columns[column]?.kind ?? 'count'
  const grid = width < narrowPX ? { ...phoneGrid, top: 28 } : { ...wideGrid, right: 28 }
  return {
    ...base(),
    grid,
    xAxis: { type: 'category', data: table.rows.map((row) => String(row[0])), axisLabel: { color: token('--c-text-3'), fontSize: 13 } },
    yAxis: { ...(kind === 'percent' ? percentAxis : { type: 'value' as const, axisLabel: { fontSize: 13 } }), min: 0, splitLine: { lineStyle: { color: token('--c-line') } } },
    series: [{
      type: 'line', data: table.rows.map((row) => valueOf(row, column)), symbolSize: 8, silent: true, lineStyle: { width: 3, color: brand }, itemStyle: { color: brand },
      label: { show: across(grid, width) / table.rows.length > labelPX, position: 'top', color: token('--c-text'), fontSize: 13, formatter: (p: { value: unknown }) => shown(p.value as Cell | undefined, kind) },
    }],
  }
}

/** What was beside what is usual: columns and a stepped line, named at its end, where there is no room above. */
function columns(table: Table, narrow: boolean, column: number, usual?: number): Option {
  const kind = table.columns[column]?.kind ?? 'count'
  const quiet = token('--c-text-2')
  const figure = (value: number | null) => (narrow ? (value ? String(Math.round(value)) : '') : shown(value, kind).replace('—', ''))
  const beside = usual === undefined ? [] : table.rows.map((row) => valueOf(row, usual))
  const compared = beside.some((value) => value !== null)
  return {
    ...base(),
    grid: narrow ? { top: 36, right: 8, bottom: 32, left: 36 } : { top: 28, right: 150, bottom: 32, left: 56 },
    xAxis: { type: 'category', data: table.rows.map((row) => String(row[0])), axisLabel: { color: token('--c-text-3'), fontSize: 13 } },
    yAxis: { type: 'value', name: narrow && compared ? `┄ ${table.columns[usual ?? 0]?.name ?? ''}` : '', nameGap: 12, nameTextStyle: { align: 'left', color: quiet, fontSize: 13 }, axisLabel: { fontSize: 13 }, splitLine: { lineStyle: { color: token('--c-line') } } },
    series: [
      {
        type: 'bar', data: table.rows.map((row) => valueOf(row, column)), barMaxWidth: 40, silent: true, itemStyle: { color: token('--c-brand'), borderRadius: [4, 4, 0, 0] },
      },
      { // the figures alone, on top of the line
        type: 'scatter', data: table.rows.map((row) => valueOf(row, column) ?? '-'), symbolSize: 1, z: 4, silent: true, itemStyle: { color: 'transparent' },
        label: { show: true, position: 'top', distance: 4, color: token('--c-text'), backgroundColor: token('--c-surface'), padding: [1, 3], fontSize: 13, formatter: (p: { value: unknown }) => figure(typeof p.value === 'number' ? p.value : null) },
      },
      ...(compared ? [{
        type: 'line' as const, step: 'middle' as const, data: beside, symbol: 'none', silent: true, lineStyle: { type: 'dashed' as const, width: 2, color: quiet },
        endLabel: { show: !narrow, distance: 36, formatter: table.columns[usual ?? 0]?.name ?? '', color: quiet, fontSize: 13 },
      }] : []),
    ],
  }
}

function bars(table: Table, column: number, nameWidth: number): Option {
  const kind = table.columns[column]?.kind ?? 'count'
  return {
    ...base(),
    grid: { top: 4, bottom: 4, left: nameWidth + 12, right: 96 },
    xAxis: { type: 'value', show: false, min: 0 },
    yAxis: {
      type: 'category', inverse: true, data: table.rows.map((row) => String(row[0])), axisLine: { show: false }, axisTick: { show: false },
      axisLabel: { color: token('--c-text'), fontSize: 14, width: nameWidth, overflow: 'truncate', interval: 0 },
    },
    series: [{
      type: 'bar', barWidth: table.rows.length > manyBars ? 15 : 20, silent: true,
      data: table.rows.map((row, i) => ({ value: valueOf(row, column) ?? 0, itemStyle: { color: token(table.marks?.[i] === 'ours' ? '--c-now-fill' : '--c-brand'), borderRadius: 6 } })),
      label: { show: true, position: 'right', color: token('--c-text'), fontSize: 14, formatter: (p: { dataIndex: number }) => shown(table.rows[p.dataIndex]?.[column] ?? null, kind) },
    }],
  }
}
