// Every text exists in every language its readers may choose, with the same placeholders; no page carries text or colours of its own.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const src = fileURLToPath(new URL('../src', import.meta.url))
const read = (lang) => JSON.parse(readFileSync(join(src, 'messages', `${lang}.json`), 'utf8'))
const staff = (lang) => read(`staff-${lang}`)

// Staff read Chinese or English; everything else is for the public and stands in all four languages.

function texts(tree, path = '') {
  return Object.entries(tree).flatMap(([key, value]) => {
    if (key.startsWith('_')) return []
    const here = path ? `${path}.${key}` : key
    return typeof value === 'string' ? [[here, value]] : texts(value, here)
  })
}

function holes(text) {
  return (text.match(/\{\w+\}/g) ?? []).sort().join()
}

const chinese = { public: texts(read('zh')), staff: texts(staff('zh')) }

for (const [lang, tree, needed] of [
  ['ug', read('ug'), chinese.public], ['kk', read('kk'), chinese.public], ['en', read('en'), chinese.public], ['en of staff', staff('en'), chinese.staff],
]) {
  test(`${lang} has every text of zh that its readers see, and no other`, () => {
    const own = new Map(texts(tree))
    assert.ok(needed.length > 100)
    assert.deepEqual(needed.map(([key]) => key).filter((key) => !own.get(key)), [], 'missing')
    const known = new Set(needed.map(([key]) => key))
    assert.deepEqual([...own.keys()].filter((key) => !known.has(key)), [], 'unknown')
    for (const [key, text] of needed) assert.equal(holes(own.get(key)), holes(text), key)
  })
}

test('ug and kk say that a native speaker has to read them', () => {
  for (const lang of ['ug', 'kk']) assert.equal(read(lang)._note, 'needs native proofreading')
})

function files(dir) {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? files(join(dir, entry.name)) : [join(dir, entry.name)],
  )
}

const sources = files(src).filter((file) => /\.(vue|ts)$/.test(file))
const pageText = (file) => readFileSync(file, 'utf8')

test('every literal key that a page asks for exists', () => {
  const keys = new Set([...chinese.public, ...chinese.staff].map(([key]) => key))
  const forPublic = new Set(chinese.public.map(([key]) => key))
  for (const file of sources) {
    const known = /src.(kiosk|screen|ticket|rating|appointment)\W/.test(file) ? forPublic : keys
    for (const [, key] of pageText(file).matchAll(/(?:\bt\(|keypath=")['"]?([a-zA-Z_]+(?:\.[a-zA-Z_0-9]+)+)['"]/g)) {
      assert.ok(known.has(key), `${file}: ${key}`)
    }
  }
})

test('no text in components: words come from the message files', () => {
  for (const file of sources) {
    const code = pageText(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*$|<!--[\s\S]*?-->/gm, '')
    assert.doesNotMatch(code, /[\u4e00-\u9fff\u0600-\u06ff]/, file)
  }
})

test('colours come from the token file, and no style attribute or inline handler stands in a page', () => {
  for (const file of sources) {
    const code = pageText(file)
    assert.doesNotMatch(code, /#[0-9a-fA-F]{3,8}\b(?!['"]?\])|\brgba?\(|\bhsla?\(/, file)
    assert.doesNotMatch(code, /\sstyle="/, file)
  }
})

test('a file has one subject: 500 lines at most', () => {
  for (const file of sources) assert.ok(pageText(file).split('\n').length <= 500, file)
})
