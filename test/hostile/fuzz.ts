/** Every parser, a few thousand inputs each: the short form of make fuzz. And the faults that it must find. */
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { wings } from '../../packages/workshop/build/src/wings.ts'
import { fuzz } from '../fuzz/main.ts'
import { targets } from '../fuzz/targets.ts'

const seed = 20_261_123
const inputs = 1_500

t.test('the harness finds what is planted', { jobs: 4 }, async (t) => {
  for (const [target, what] of [
    ['planted crash', /^TypeError: planted/],
    ['planted quadratic time', /^",": \d+(\.\d+)? steps for 2000 bytes, \d+(\.\d+)? for ten times as many$/],
    ['planted hang', /^input \d+ of seed \d+ does not end$/],
    ['planted growth', /^\d+ MB more are kept after \d+ inputs$/],
  ] as const) {
    t.test(target, async (t) => {
      const { findings } = await fuzz(target, seed, inputs, 5)
      t.match(findings[0]?.what, what)
    })
  }
})

/** They read nothing: a table, and what makes certificates. */
const withoutParser = ['controlfiles', 'selfsigned']

t.test('every package of the wing formats has a target', async (t) => {
  const source = readFileSync(join(import.meta.dirname, '../fuzz/targets.ts'), 'utf8')
  const formats = wings.find(({ name }) => name === 'formats')?.nouns ?? []
  t.ok(formats.length > 1)
  t.same(
    formats.filter((name) => !source.includes(`from '@yabumi/${name}'`)),
    withoutParser,
  )
})

t.test('no parser crashes, hangs, keeps memory or takes more than linear time', { jobs: cpus().length }, async (t) => {
  for (const { name } of targets) {
    t.test(name, async (t) => {
      const { findings, inputs: tried, growth } = await fuzz(name, seed, inputs)
      t.same(findings, [])
      t.ok(tried > inputs)
      t.comment(`${tried} inputs, steps grew at most ${growth.toFixed(2)} times for ten times the bytes`)
    })
  }
})
