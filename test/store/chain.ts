/**
 * QMAILQUEUE filters in a chain: each reads descriptors 0 and 1 and runs the next with fresh pipes on both, the last one runs
 * queue. Whoever of them refuses, everything that queues mail says so in its own words.
 */
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ScratchHome } from '../support/home.ts'

const home = await ScratchHome.make(t, 'joe')
home.control('forbidpipelining', undefined) // a whole session comes at once
home.control('enhancedstatus', undefined) // replies are qmail's
home.control('rcpthosts', 'mail.test.example\n')
const scratch = join(home.root, 'filters')
mkdirSync(scratch)
chmodSync(scratch, 0o777)

/** A filter that obeys the field `X-NAME: CODE [LETTER]` of a message; without one it adds a field and goes on. */
function filter(name: string, next: string): string {
  const path = join(scratch, name)
  const script = [
    '#!/bin/sh',
    'exec 3<&1',
    `mess=$(mktemp ${scratch}/mess.XXXXXX) && cat >"$mess" || exit 53`,
    `verdict=$(sed -n 's/^X-${name}: //p' "$mess")`,
    'set -- $verdict',
    'case $1 in',
    `  82|88) printf '%s' "$2refused by ${name} (#5.7.1)" >&6; rm "$mess"; exit $1;;`,
    '  ?*) rm "$mess"; exit $1;;',
    'esac',
    `{ echo 'X-Seen-By: ${name}'; cat "$mess"; rm "$mess"; } | { cat <&3 | ${next} 1<&0 0<&4; } 4<&0`,
    '',
  ].join('\n')
  writeFileSync(path, script, { mode: 0o755 })
  return path
}

const second = filter('two', '"$LASTQUEUE"')
const first = filter('one', second)
const env = { QMAILQUEUE: first, LASTQUEUE: join(home.directory, 'bin/queue') }

const message = (field: string): string => `${field === '' ? '' : `${field}\n`}From: a@b.example\nSubject: chain\n\nhello\n`
const netstring = (text: string): string => `${text.length}:${text},`

/** What each program says about a message, and its exit code where that means something. */
const ways: Record<string, (text: string) => Promise<string>> = {
  async inject(text) {
    const { exitCode, stderr } = await home.run('inject', ['-fa@b.example', 'joe@mail.test.example'], { input: text, env, reject: false })
    return `${exitCode} ${stderr}`
  },
  async forward(text) {
    const variables = { ...env, NEWSENDER: 'a@b.example', DTLINE: 'Delivered-To: x@mail.test.example\n' }
    const { exitCode, stderr } = await home.run('forward', ['joe@mail.test.example'], { input: text, env: variables, reject: false })
    return `${exitCode} ${stderr}`
  },
  async smtpd(text) {
    const dialogue = `EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<joe@mail.test.example>\r\nDATA\r\n${text.replaceAll('\n', '\r\n')}.\r\nQUIT\r\n`
    const { stdout } = await home.run('smtpd', [], { input: dialogue, env: { ...env, TCPREMOTEIP: '192.0.2.1' }, reject: false })
    return /354 .*\r\n(.*)\r\n221 /.exec(stdout)?.[1] ?? stdout
  },
  async qmtpd(text) {
    const input = netstring(`\n${text}`) + netstring('a@b.example') + netstring(netstring('joe@mail.test.example'))
    const { stdout } = await home.run('qmtpd', [], { input, env: { ...env, TCPREMOTEIP: '192.0.2.1' }, reject: false })
    return /^\d+:(.*),$/.exec(stdout)?.[1] ?? stdout
  },
}

/** What is expected of each, from the letter and the text of the result (spec §2.2). */
function expected(way: string, letter: 'D' | 'Z', text: string): string {
  if (way === 'smtpd') return `${letter === 'D' ? 554 : 451} ${text}`
  if (way === 'qmtpd') return `${letter}${text}`
  return `${letter === 'D' ? 100 : 111} ${way === 'inject' ? 'qmail-inject' : way}: fatal: ${text}\n`
}

const verdicts: [field: string, letter: 'D' | 'Z', text: string][] = [
  ['31', 'D', 'mail server permanently rejected message (#5.3.0)'],
  ['71', 'Z', 'mail server temporarily rejected message (#4.3.0)'],
  ['82 D', 'D', 'refused by NAME (#5.7.1)'],
  ['82 Z', 'Z', 'refused by NAME (#5.7.1)'],
  ['88 D', 'D', 'refused by NAME (#5.7.1)'],
  ['88 Z', 'Z', 'refused by NAME (#5.7.1)'],
]

for (const [way, hand] of Object.entries(ways)) {
  t.test(`${way} says what a filter of a chain says, the first or the second`, async (t) => {
    for (const name of ['one', 'two']) {
      for (const [verdict, letter, text] of verdicts) {
        const answer = await hand(message(`X-${name}: ${verdict}`))
        t.equal(answer, expected(way, letter, text.replace('NAME', name)), `X-${name}: ${verdict}`)
      }
    }
    t.same(home.pending(), [], 'nothing was queued')
  })
}

t.test('what passes both is queued once, whole, with the fields of both and the envelope as it was', async (t) => {
  const accepted: Record<string, RegExp> = {
    inject: /^0 $/,
    forward: /^0 forward: qp \d+\n$/,
    smtpd: /^250 ok \d+ qp \d+$/,
    qmtpd: /^Kok \d+ qp \d+$/,
  }
  for (const [way, hand] of Object.entries(ways)) {
    const before = new Set(home.pending())
    t.match(await hand(message('')), accepted[way] ?? /never/, way)
    const [id, ...others] = home.pending().filter((one) => !before.has(one))
    t.same(others, [])
    const todo = readFileSync(join(home.directory, 'queue/todo', id ?? ''), 'latin1')
    t.match(todo, /\0Fa@b\.example\0Tjoe@mail\.test\.example\0$/, way)
    const mess = readFileSync(join(home.directory, 'queue/mess', String(Number(id) % 23), id ?? ''), 'latin1')
    t.match(mess, /^Received: .*\nX-Seen-By: two\nX-Seen-By: one\n/, way)
    t.ok(mess.endsWith('\nSubject: chain\n\nhello\n'), way)
  }
  t.same(
    readdirSync(scratch).filter((name) => name.startsWith('mess.')),
    [],
  )
})

t.test('what the envelope says besides goes through the chain to queue, which knows whose word it is (YABUMIFACTS)', async (t) => {
  const before = new Set(readdirSync(join(home.directory, 'queue/todo')))
  const mail = 'MAIL FROM:<a@b.example> BODY=8BITMIME\r\nRCPT TO:<joe@mail.test.example>'
  const dialogue = `EHLO x\r\n${mail}\r\nDATA\r\n${message('').replaceAll('\n', '\r\n')}.\r\nQUIT\r\n`
  const { stdout } = await home.run('smtpd', [], { input: dialogue, env: { ...env, TCPREMOTEIP: '192.0.2.1' }, reject: false })
  t.match(stdout, /\n250 ok \d+ qp \d+\r\n221 /)
  const [number = ''] = readdirSync(join(home.directory, 'queue/todo')).filter((name) => !before.has(name))
  const records = readFileSync(join(home.directory, 'queue/todo', number), 'latin1').split('\0')
  t.match(records[1], /^p\d+ v1 BODY=8BITMIME RESULTS=\S+ ORIGIN=network$/)
})
