/** bin/ is first in the PATH of users' programs, so a program of ours hides one of Debian's with its name. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

/** Those that may have a name of Debian's, and why. A new program may not. */
const excepted: Readonly<Record<string, string>> = {
  sendmail: 'it is what Debian means by that name',
  smtpd: "qmail's, without its prefix",
  pop3d: "qmail's, without its prefix",
  send: "qmail's, without its prefix",
  qstat: "qmail's, without its prefix",
  supervise: 'older than the rule',
  service: 'older than the rule',
  explain: 'older than the rule',
  qhold: 'older than the rule',
}

/** The package of each program that Debian has, by name. */
function debianPrograms(): Map<string, string> {
  const text = readFileSync(join(import.meta.dirname, 'debianprograms.txt'), 'utf8').replace(/^#.*\n/gm, '')
  const entries = text
    .replaceAll(/\n {2}/g, ' ')
    .trim()
    .split('\n')
  return new Map(
    entries.flatMap((entry) => {
      const [name = '', programs = ''] = entry.split(':')
      return programs.split(' ').flatMap((program) => (program === '' ? [] : [[program, name] as const]))
    }),
  )
}

t.test('no program of ours has the name of one that Debian has, but for those excepted', async (t) => {
  const theirs = debianPrograms()
  t.match(theirs, new Map([['sh', 'dash']]))
  const ours = readdirSync(join(import.meta.dirname, '../../../../bin')).filter((name) => !name.startsWith('.'))
  t.same(ours.filter((name) => theirs.has(name)).sort(), Object.keys(excepted).sort())
})
