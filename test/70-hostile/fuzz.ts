/** Every parser, a few thousand inputs each: the short form of make fuzz. And the faults that it must find. */
import { cpus } from 'node:os'
import t from 'tap'
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
