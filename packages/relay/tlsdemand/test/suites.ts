/** Suites that nobody here wrote, case by case. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import * as outward from '../../../../test/suites/outward.ts'

const suites = {
  dane: outward.dane,
  'mtasts-lookup': outward.stsLookup,
  'mtasts-match': outward.stsMatch,
  'mtasts-policy': outward.stsPolicy,
  'mtasts-record': outward.stsRecord,
  'tlsrpt-record': outward.reportRecord,
} as const

for (const [name, kind] of Object.entries(suites)) {
  t.test(name, async (t) => {
    const suite = JSON.parse(readFileSync(new URL(`../../../../test/suites/inet/${name}.json`, import.meta.url), 'utf8')) as {
      readonly zones?: Record<string, unknown>
      readonly cases: readonly { readonly id: string; readonly input: Record<string, unknown>; readonly expect: Record<string, unknown> }[]
    }
    for (const each of suite.cases) t.equal(kind(each, suite), undefined, each.id)
  })
}
