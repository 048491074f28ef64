/**
 * Regular expressions do not go back and forth: each one in the sources, with texts made to mislead it, takes at most twelve times as long for ten
 * times the text. It is time that is measured, the least of several times, because nothing counts the engine's steps; what grows by the
 * square takes a hundred times as long, so a busy machine makes no difference.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { checkout } from '../support/home.ts'
import { backtracks, expressionsIn } from './support/expressions.ts'

/** These read our own sources and pages, at build time. */
const buildTime = /^packages\/workshop\/(build|manual)\//
const repeats = /[*+]|\{\d*,/

t.test('expressions that go back and forth are found', async (t) => {
  for (const planted of [/[ \t]+$/, /^(a+)+$/, /%.*$/, /^(?:[!-.0-[\]-~]{1,63}\.)*[!-.0-[\]-~]{1,63}\.?$/]) {
    t.type(backtracks(planted), 'string', String(planted))
  }
  for (const sound of [/^[ \t]+/, /(?<![ \t])[ \t]+$/, /[^!-~]/g, /^([^:]*):([^:]*)$/]) t.equal(backtracks(sound), undefined, String(sound))
})

t.test('expressions are found in a source, and what only looks like one is not', async (t) => {
  const inner = '`$' + "{e.replace(/ +/, '/y/')}`"
  const source = `const a = b / c / d // not /this/\nif (/[/"]+x\\//gi.test(${inner})) return /z/ /* /no/ */\n`
  t.same(
    expressionsIn(source).map((one) => `/${one.source}/${one.flags}`),
    ['/[/"]+x\\//gi', '/ +/', '/z/'],
  )
})

t.test('no expression in the sources takes more than linear time', async (t) => {
  const files = globSync('packages/*/*/src/**/*.ts', { cwd: checkout }).filter((file) => !buildTime.test(file))
  let tried = 0
  for (const file of files) {
    for (const expression of expressionsIn(readFileSync(join(checkout, file), 'utf8'))) {
      if (!repeats.test(expression.source)) continue
      tried += 1
      t.equal(backtracks(expression), undefined, `${file}: /${expression.source}/${expression.flags}`)
    }
  }
  t.ok(tried > 80)
  t.comment(`${tried} expressions`)
})
