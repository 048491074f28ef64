/** Our verdicts by DANE beside those of posttls-finger(1), with nsd and unbound in a network name space. */
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { amRoot, ScratchHome } from '../support/home.ts'
import { missing } from '../support/programs.ts'
import type { Verdicts } from './support/danespace.ts'
import { workplace } from './support/peer.ts'

const tools = ['posttls-finger', 'nsd', 'unbound', 'ldns-keygen', 'ldns-signzone', 'ip', 'unshare', 'openssl']

async function why(): Promise<string | false> {
  if (!amRoot) return 'only root makes a network name space'
  const { exitCode } = await execa('unshare', ['--net', '--mount', 'true'], { reject: false })
  return exitCode === 0 ? missing(...tools) : 'this machine allows no network name space'
}

t.test('posttls-finger and we say the same of each host', { skip: await why() }, async (t) => {
  const home = await ScratchHome.make(t)
  const program = join(import.meta.dirname, 'support/danespace.ts')
  const args = [
    '--net',
    '--mount',
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    program,
    home.directory,
    workplace(home, 'zones'),
  ]
  const { stdout } = await execa('unshare', args)
  const verdicts = JSON.parse(stdout) as Record<string, Verdicts>
  const expected: readonly [string, RegExp, RegExp][] = [
    ['good', /^posttls-finger: Verified TLS connection established/m, /\0K127\.0\.0\.1 accepted message\./],
    ['wrong', /^posttls-finger: Un(?:trusted|verified) TLS connection/m, /^Z127\.0\.0\.1|ZTLS required by DANE but not to be had: /],
    ['expired', /^posttls-finger: Verified TLS connection established/m, /\0K127\.0\.0\.1 accepted message\./],
    ['insecure', /^posttls-finger: (?:Untrusted|Anonymous) TLS connection established/m, /\0K127\.0\.0\.1 accepted message\./],
    ['bogus', /(?:Host not found|try again|not found|lookup error)/im, /^Z/m],
  ]
  for (const [host, finger, ours] of expected) {
    t.match(verdicts[host]?.finger, finger, host)
    t.match(verdicts[host]?.ours, ours, host)
  }
})
