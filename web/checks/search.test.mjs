// What people type and what they mean, over the example catalogue: the matter must be among the first three.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { pinyin } from 'pinyin-pro'
import ts from 'typescript'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const code = ts.transpileModule(readFileSync(at('../src/kiosk/search.ts'), 'utf8'), { compilerOptions: { module: 'esnext', target: 'es2022' } }).outputText
const { find, index } = await import('data:text/javascript,' + encodeURIComponent(code))

const filler = JSON.parse(readFileSync(at('../src/kiosk/filler.json'), 'utf8'))
const say = (text) => pinyin(text, { toneType: 'none', type: 'array', v: true, nonZh: 'consecutive' })

function catalogue() {
  const [head, ...lines] = readFileSync(at('../../server/catalogue/example/matters.csv'), 'utf8').trim().split(/\r?\n/).map((line) => line.split(','))
  const column = (name) => head.indexOf(name)
  return lines.map((cells) => ({
    code: cells[column('code')], name: { zh: cells[column('name')] }, department: cells[column('department')],
    keywords: cells[column('keywords')].split(';'),
  }))
}

// [typed, code of the matter that is meant]
const table = [
  // characters of the name
  ['食品经营', 'SCJG-008'], ['个体工商户', 'SCJG-004'], ['施工许可', 'ZJJ-001'], ['取水', 'SLJ-001'], ['结婚登记', 'MZJ-003'], ['户口迁移', 'GAJ-002'],
  ['不动产转移', 'ZRJ-002'], ['医师执业', 'WJW-007'], ['林木采伐', 'LCJ-001'], ['公共场所卫生', 'WJW-001'], ['网约车', 'JTJ-006'], ['社会保障卡', 'SBZX-001'],
  // common words
  ['开餐馆', 'SCJG-008'], ['摆摊', 'CGJ-004'], ['摆摊', 'SCJG-004'], ['盖房子', 'ZRJ-001'], ['盖房子', 'ZJJ-001'], ['开药店', 'SCJG-014'], ['开诊所', 'WJW-004'], ['开公司', 'SCJG-001'],
  ['关店', 'SCJG-006'], ['身份证丢了', 'GAJ-001'], ['过户', 'ZRJ-002'], ['挖沙', 'SLJ-005'], ['打井', 'SLJ-001'], ['养猪场', 'NYJ-001'], ['卖农药', 'NYJ-004'],
  ['跑货车', 'JTJ-002'], ['开网吧', 'WLJ-002'], ['砍树', 'LCJ-001'], ['开宾馆', 'GAJ-003'], ['开宾馆', 'WJW-001'], ['做馕', 'SCJG-013'], ['退休', 'SBZX-003'],
  ['外地看病', 'YBJ-002'], ['公积金', 'GJJ-001'], ['落户', 'GAJ-002'], ['卖鞭炮', 'YJJ-001'], ['办幼儿园', 'JYJ-001'], ['广告牌', 'CGJ-003'], ['发票', 'SWJ-001'],
  // sentences
  ['我要开个餐馆', 'SCJG-008'], ['怎么办营业执照', 'SCJG-004'], ['想办身份证', 'GAJ-001'], ['办理房产过户手续', 'ZRJ-002'], ['我想开理发店', 'WJW-001'], ['补办社保卡', 'SBZX-001'],
  // pinyin
  ['shipinjingying', 'SCJG-008'], ['kaicanguan', 'SCJG-008'], ['baitan', 'SCJG-004'], ['shenfenzheng', 'GAJ-001'], ['jiehun', 'MZJ-003'], ['guohu', 'ZRJ-002'], ['gongjijin', 'GJJ-001'],
  ['kai yao dian', 'SCJG-014'], ['yingyezhizhao', 'SCJG-004'], ['caisha', 'SLJ-005'], ['fapiao', 'SWJ-001'], ['chengxiangjumin', 'YBJ-001'],
  // initials and mixed
  ['gtgsh', 'SCJG-004'], ['qysl', 'SCJG-001'], ['spjy', 'SCJG-008'], ['jhdj', 'MZJ-003'], ['sfz', 'GAJ-001'], ['kcg', 'SCJG-008'], ['gjj', 'GJJ-001'], ['ydjy', 'YBJ-002'], ['qsxk', 'SLJ-001'],
  ['gonggongcsws', 'WJW-001'], ['kaiyd', 'SCJG-014'], ['hukqy', 'GAJ-002'],
  // slips: letters, sounds, characters of the same sound
  ['jiehundemgji', 'MZJ-003'], ['shengfenzheng', 'GAJ-001'], ['gonjijin', 'GJJ-001'], ['sipinjinying', 'SCJG-008'], ['yinyezizao', 'SCJG-004'], ['kaichanguan', 'SCJG-008'],
  ['营业直照', 'SCJG-004'], ['开参馆', 'SCJG-008'], ['公基金', 'GJJ-001'], ['户囗迁移', 'GAJ-002'], ['食品经营证', 'SCJG-008'],
]

const list = index(catalogue(), say)

test('at least 60 queries', () => assert.ok(new Set(table.map(([typed]) => typed)).size >= 60))

for (const [typed, wanted] of table) {
  test(`${typed} finds ${wanted}`, () => {
    const found = find(list, typed, say, filler)
    const first = found.slice(0, 3)
    assert.ok(first.some((matter) => matter.code === wanted), first.map((matter) => `${matter.code} ${matter.name.zh}`).join(', '))
    assert.ok(found.length < 60, `${found.length} matters are no answer`)
  })
}

test('nonsense finds nothing', () => {
  for (const typed of ['qqqqq', '量子纠缠', 'xyzzy']) assert.deepEqual(find(list, typed, say, filler).map((matter) => matter.name.zh), [], typed)
})

test('without pronunciations characters still find', () => {
  assert.equal(find(index(catalogue(), null), '开餐馆', null, filler)[0].code, 'SCJG-008')
})

// How often a search looks at a matter of a list.
function looks(matters) {
  let n = 0
  find(matters.map((matter) => new Proxy(matter, { get: (of, name) => { n++; return of[name] } })), 'shipinjingyingxuke', say, filler)
  return n
}

test('a search over 5,000 matters looks at each no more often than a search over few', () => {
  const times = 42
  const few = looks(list)
  const many = looks(Array.from({ length: times }, () => list).flat())
  assert.ok(few > 0 && many <= 2 * times * few, `${few} looks at ${list.length} matters, ${many} at ${times} times as many`)
})
