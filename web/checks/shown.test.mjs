// A figure as people read it (manager/desk/report.ts), without the page around it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const source = readFileSync(fileURLToPath(new URL('../src/manager/desk/report.ts', import.meta.url)), 'utf8').replace(/^import .*$/gm, '')
const words = 'const i18n = { global: { t: (key, of) => `${of.n} ${key}` } };'
const code = ts.transpileModule(words + source, { compilerOptions: { module: 'esnext', target: 'es2022' } }).outputText
const { shown } = await import('data:text/javascript,' + encodeURIComponent(code))

test('what is not there is never a number', () => {
  for (const kind of ['count', 'percent', 'minutes', 'text']) for (const none of [null, undefined, NaN]) assert.equal(shown(none, kind), '—', kind)
})

test('what is there', () => {
  assert.equal(shown(0, 'count'), '0')
  assert.equal(shown(0.5, 'percent'), '50.0%')
  assert.equal(shown(7, 'minutes'), '7.0 reports.minutes')
  assert.equal(shown('A', 'text'), 'A')
})
