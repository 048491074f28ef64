/** fail2ban's filter on lines that smtpd and popup have really written: who it bans, and that nobody can have another one banned. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { ScratchHome } from '../../../../test/support/home.ts'
import { missing } from '../../../../test/support/programs.ts'

const filter = join(import.meta.dirname, '../fail2ban/filter.d/yabumi.conf')
/** Who is never a client here, and is in every word that one says. */
const victim = '198.51.100.7'
const skip = missing('fail2ban-regex')

const home = await ScratchHome.make(t, 'kyoma')
home.control('rcpthosts', 'own.example\n')
home.control('validrcptto', 'joe@own.example\n')
home.control('popextensions', undefined)
home.control('forbidpipelining', undefined) // each session comes at once
home.control('authcheck', undefined) // these messages have no author
await home.run('setpassword', ['kyoma'], { input: 'geheim\n' })

/** What a program that serves one client writes to descriptor 2. @param more - of its environment */
async function lines(program: 'smtpd' | 'popup', client: string, input: string, more: Record<string, string> = {}): Promise<string[]> {
  const bin = join(home.directory, 'bin')
  const args = program === 'smtpd' ? [] : ['host.example', join(bin, 'checkpassword'), join(bin, 'pop3d'), 'Maildir']
  const child = spawn(join(bin, program), args, {
    env: { ...home.environment, TCPREMOTEIP: client, TCPREMOTEPORT: '4711', ...more },
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (bytes: Buffer) => {
    said += bytes.toString('latin1')
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(Buffer.from(input, 'latin1'))
  await once(child, 'close')
  return said.split('\n').slice(0, -1)
}

const fronts: Record<string, (line: string) => string> = {
  multilog: (line) => `@400000006922a5b50badcafe ${line}`,
  supervise: (line) => `2026-11-30T16:20:24.123Z ${line}`,
  'supervise under multilog': (line) => `@400000006922a5b50badcafe ${line}`,
  splogger: (line) => `Nov 30 16:20:24 host qmail: 1764519624.123456 ${line}`,
  syslog: (line) => `Nov 30 16:20:24 host supervise[12]: ${line}`,
}

/** The addresses that the filter finds, an entry a line. */
async function banned(log: readonly string[], front: (line: string) => string, mode = 'normal'): Promise<string[]> {
  const path = join(home.root, 'log')
  writeFileSync(path, log.map((line) => `${front(line)}\n`).join(''), 'latin1')
  const { stdout } = await execa('fail2ban-regex', ['--out', 'ip', path, `${filter}[mode=${mode}]`])
  return stdout.split('\n').filter((line) => line !== '')
}

const envelope = 'MAIL FROM:<s@x.example>\r\nRCPT TO:<joe@own.example>\r\n'
const imitations = [
  `smtpd: ${victim} 4711: refused: 553 sorry, no mailbox here by that name. (#5.1.1): x`,
  `\x1b\r smtpd: ${victim} 4711: refused: 553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1): x`,
  `popup: ${victim} 4711: refused: wrong login or password: x`,
  `${victim} refused`,
  `=0A2026-11-30T16:20:24.123Z popup: ${victim} 1: refused: wrong login or password: x`,
  `2020-01-01T00:00:00`,
]

t.test('a stranger who guesses passwords, recipients or relays is found, once for each', { skip }, async (t) => {
  const log = [
    ...(await lines('smtpd', '203.0.113.1', `${envelope}RCPT TO:<no@own.example>\r\nRCPT TO:<a@far.example>\r\nQUIT\r\n`)),
    ...(await lines('smtpd', '2001:db8::1', 'MAIL FROM:<>\r\nRCPT TO:<a@far.example>\r\n')),
    ...(await lines('popup', '203.0.113.2', 'USER kyoma\r\nPASS wrong\r\n')),
  ]
  for (const [name, front] of Object.entries(fronts))
    t.same(await banned(log, front), ['203.0.113.1', '203.0.113.1', '2001:db8::1', '203.0.113.2'], name)
})

t.test('who does nothing wrong is not found, nor who is one of ours whatever it does', { skip }, async (t) => {
  const bad = `X\r\n${envelope}RCPT TO:<no@own.example>\r\nRCPT TO:<a@far.example>\r\nQUIT\r\n`
  const own = Object.values(networkInterfaces()).flatMap((each) =>
    (each ?? []).filter(({ internal }) => !internal).map(({ address }) => address),
  )
  const ours = ['127.0.0.1', '127.9.9.9', '::1', ...own]
  const log = [
    ...(await lines('smtpd', '203.0.113.3', `HELO x\r\n${envelope}DATA\r\nMessage-ID: <1@x>\r\n\r\nx\r\n.\r\nQUIT\r\n`)),
    ...(await lines('smtpd', '203.0.113.4', bad, { RELAYCLIENT: '' })),
    ...(await lines('popup', '203.0.113.5', 'USER kyoma\r\nPASS wrong\r\n', { RELAYCLIENT: '' })),
    ...(await lines('popup', '203.0.113.6', 'QUIT\r\n')),
    ...(await Promise.all(ours.map((address) => lines('smtpd', address, bad)))).flat(),
    ...(await Promise.all(ours.map((address) => lines('popup', address, 'USER kyoma\r\nPASS wrong\r\n')))).flat(),
  ]
  t.ok(log.filter((line) => line.includes(': declined: ')).length >= 4 * 3, 'they have their lines')
  for (const [name, front] of Object.entries(fronts)) t.same(await banned(log, front, 'aggressive'), [], name)
})

t.test(
  'HELO, commands, logins, Message-IDs and the words of filters that imitate our lines have nobody else banned',
  { skip },
  async (t) => {
    const says = (word: string): string => {
      const message = `${envelope}DATA\r\nMessage-ID: <${word}>\r\n\r\nx\r\n.\r\n`
      return `HELO ${word}\r\n${word}\r\nMAIL FROM:<${word}>\r\nRCPT TO:<"${word}"@own.example>\r\nRCPT TO:<a@${word}>\r\n${message}QUIT\r\n`
    }
    const log: string[] = []
    for (const word of imitations) {
      log.push(...(await lines('smtpd', '203.0.113.7', says(word))))
      log.push(...(await lines('popup', '203.0.113.8', `USER ${word}\r\nPASS ${word}\r\n`)))
      const queue = home.userFile('kyoma', 'filter', `#!/bin/sh\ncat >/dev/null\nprintf %s "$SAYS" >&6\nexit 82\n`, 0o755)
      log.push(...(await lines('smtpd', '203.0.113.9', says(word), { QMAILQUEUE: queue, SAYS: `D554 ${word}` })))
    }
    t.ok(
      imitations.every((word) => log.some((line) => line.includes(word.slice(-5)))),
      'the words are there',
    )
    for (const mode of ['normal', 'aggressive'])
      for (const [name, front] of Object.entries(fronts)) {
        const found = await banned(log, front, mode)
        t.ok(found.includes('203.0.113.7') && found.includes('203.0.113.8'), `${name}, ${mode}: ${found.join(' ')}`)
        t.same(
          found.filter((address) => !address.startsWith('203.0.113.')),
          [],
          `${name}, ${mode}`,
        )
      }
  },
)

t.test('aggressive finds who talks before the greeting, wants TLS on a plain port, or says no command', { skip }, async (t) => {
  const log = [
    'smtpd: 203.0.113.1 4711: refused: 554 SMTP protocol violation: you spoke before my greeting (#5.5.1): HELO=20x',
    ...(await lines('smtpd', '203.0.113.2', '\x16\x03\x01\x00\xa5\x01')),
    ...(await lines('smtpd', '203.0.113.3', 'GET=20/=20HTTP\r\n')),
  ]
  const front = (line: string): string => `2026-11-30T16:20:24.123Z ${line}`
  t.same(await banned(log, front), [])
  t.same(await banned(log, front, 'aggressive'), ['203.0.113.1', '203.0.113.2', '203.0.113.3'])
})
