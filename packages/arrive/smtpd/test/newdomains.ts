/** Domains that a login writes to for the first time (control/newdomains). */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { knownDomains, newDomainsPerDay } from '@yabumi/limits'
import t from 'tap'
import { ScratchHome } from '../../../../test/support/home.ts'
import { KnownDomains } from '../src/knowndomains.ts'
import { UserLimits } from '../src/userlimits.ts'

const home = mkdtempSync(join(tmpdir(), 'yabumi-newdomains-'))
mkdirSync(join(home, 'control'))
process.chdir(home)
t.teardown(() => rmSync(home, { recursive: true }))
const day = 86_400_000

let last: UserLimits | undefined

/** @param keeps - whether it goes on with what was counted before */
function limits(text: string | undefined, keeps = false): { limits: UserLimits; told: string[] } {
  last?.save() // so that it does not later
  if (!keeps) rmSync('state', { recursive: true, force: true })
  if (text === undefined) rmSync('control/newdomains', { force: true })
  else writeFileSync('control/newdomains', text)
  const told: string[] = []
  const tell = (line: string): unknown => told.push(line)
  last = new UserLimits(tell, tell)
  return { limits: last, told }
}

const to = (domains: readonly string[]): string[] => domains.map((domain) => `x@${domain}`)
const domains = (from: number, count: number): string[] => Array.from({ length: count }, (_, n) => `d${from + n}.example`)

t.test('so many new ones a day, and those of before as often as anybody likes', async (t) => {
  const { limits: some, told } = limits(`${newDomainsPerDay}\n`)
  const now = Date.now()
  t.ok(some.admits('joe', to(domains(0, newDomainsPerDay - 1)), now))
  t.notOk(some.admits('joe', to(domains(1_000, 2)), now), 'one more than is left: none of them counts')
  t.same(told, [`user joe reached ${newDomainsPerDay} new domains in 1d: more is put off`])
  t.ok(some.admits('joe', to(domains(1_000, 1)), now))
  t.notOk(some.admits('joe', to(domains(1_001, 1)), now))
  t.equal(told.length, 1, 'the operator hears it once')
  for (let n = 0; n < 300; n += 1) t.ok(some.admits('joe', to(domains((n % newDomainsPerDay) % 100, 1)), now))
  t.ok(some.admits('ann', to(domains(0, newDomainsPerDay)), now), 'nobody else is concerned')
  t.ok(some.admits('joe', to(domains(1_001, newDomainsPerDay)), now + day), 'tomorrow')
})

t.test('without the file there is no limit, and nothing is kept', async (t) => {
  const { limits: none } = limits(undefined)
  for (let n = 0; n < 10; n += 1) t.ok(none.admits('joe', to(domains(100 * n, 100)), 0))
  t.notOk(existsSync('state/submit/domains'))
})

t.test('it holds across a restart, torn lines or not', async (t) => {
  const { limits: before } = limits('2\n')
  const now = Date.now()
  t.ok(before.admits('joe doe', to(['a.example', 'b.example']), now))
  before.save()
  t.equal(readFileSync('state/submit/domains', 'latin1'), 'a.example joe doe\nb.example joe doe\n')
  writeFileSync('state/submit/domains', 'c.exam', { flag: 'a' })
  const { limits: after, told } = limits('3\n', true)
  t.ok(after.admits('joe doe', to(['b.example']), now))
  t.ok(after.admits('joe doe', to(['c.example']), now))
  t.notOk(after.admits('joe doe', to(['d.example']), now))
  after.save()
  t.equal(readFileSync('state/submit/domains', 'latin1'), 'a.example joe doe\nb.example joe doe\nc.example joe doe\n')
  t.equal(told.length, 1, 'the limit alone')
})

t.test('so many are known in all, and one more has the login with the most forget its oldest', async (t) => {
  rmSync('state', { recursive: true, force: true })
  const known = new KnownDomains((line) => t.fail(line))
  t.same(known.newOf('ann', ['a.example']), ['a.example'])
  known.add('ann', ['a.example'])
  known.add('joe', domains(0, knownDomains - 1))
  t.same(known.newOf('joe', ['d0.example']), [])
  known.add('ann', ['b.example'])
  known.save()
  t.same(known.newOf('ann', ['a.example', 'b.example']), [])
  t.same(known.newOf('joe', ['d0.example', 'd1.example']), ['d0.example'])
})

t.test('a state that cannot be written costs a line, and no mail', async (t) => {
  const { limits: some, told } = limits('2\n')
  writeFileSync('state', '')
  t.ok(some.admits('joe', to(['a.example']), Date.now()))
  some.save()
  t.ok(told.some((line) => /^state\/submit\/domains: .*; which domains people have written to is forgotten at a restart$/.test(line)))
  rmSync('state')
})

t.test('a new home has the limit', async (t) => {
  const made = await ScratchHome.make(t)
  t.equal(readFileSync(join(made.directory, 'control/newdomains'), 'utf8'), `${newDomainsPerDay}\n`)
})
