// Numbers as the hall judges them (server/person), judged at once at the kiosk.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const source = readFileSync(fileURLToPath(new URL('../src/kiosk/number.ts', import.meta.url)), 'utf8')
const code = ts.transpileModule(source, { compilerOptions: { module: 'esnext', target: 'es2022' } }).outputText
const { codeInQR, companyFits, idFits, mask } = await import('data:text/javascript,' + encodeURIComponent(code))

test('identity numbers', () => {
  for (const good of ['11010519491231002X', '11010519491231002x', '810000199001010027', '820000198505050038', '830000198002020015', '932682198501010017', 'H12345678', '12345678'])
    assert.ok(idFits(good), good)
  for (const bad of ['', '110105194912310021', '1101051949123100', '11010519491231002Y', 'X12345678']) assert.ok(!idFits(bad), bad)
})

test('credit codes', () => {
  for (const good of ['91350100M000100Y43', '91110000802100433B']) assert.ok(companyFits(good), good)
  for (const bad of ['', '91350100M000100Y44', '91110000802100433', '91110000802I00433B']) assert.ok(!companyFits(bad), bad)
})

test('a licence that is scanned', () => {
  assert.equal(codeInQR('https://www.gsxt.gov.cn/index/invalidLink?uniscid=91350100M000100Y43&x=1'), '91350100M000100Y43')
  assert.equal(codeInQR('91110000802100433B'), '91110000802100433B')
  assert.equal(codeInQR('https://example.com/nothing'), '')
})

test('little of a number is shown', () => {
  assert.equal(mask('11010519491231002X'), '110***********002X')
  assert.equal(mask('H12345678'), '*********')
})
