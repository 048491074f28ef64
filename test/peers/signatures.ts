/** What leaves us signed, as rspamd and mailauth verify it: messages of many kinds, with RSA and Ed25519. */
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { keyRecordOf } from '@yabumi/dkim'
import { execa } from 'execa'
import t from 'tap'
import { startDnsServer } from '../support/dns-server.ts'
import { amRoot, hostName, ScratchHome } from '../support/home.ts'
import { freePort } from '../support/ports.ts'
import { missing } from '../support/programs.ts'
import { startSink } from '../support/sink.ts'
import { until } from '../support/wait.ts'
import { workplace } from './support/peer.ts'

const keys: readonly (readonly [selector: string, key: KeyObject])[] = [
  ['r1', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
  ['e1', generateKeyPairSync('ed25519').privateKey],
]
const records = Object.fromEntries(keys.map(([selector, key]) => [`${selector}._domainkey.${hostName}`, keyRecordOf(createPublicKey(key))]))

const head = `From: Ann <ann@${hostName}>\nTo: you@far.example\nDate: Tue, 01 Dec 2026 05:00:00 +0000\nMessage-ID: <1@${hostName}>\n`
const messages: readonly (readonly [what: string, fields: string, body: string])[] = [
  ['plain', '', 'Hello.\n'],
  ['blanks', 'Comments:   two \t blanks\n\tand a second line  \n', 'x  \t y \n \n\n\n'],
  ['without a body', '', ''],
  ['empty lines', '', '\n\n\n'],
  ['dots', '', '.\n..\n.x\nFrom here\n'],
  ['8-bit', 'MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n', 'caf\xc3\xa9\n'],
  ['a long line', '', `${'0123456789'.repeat(95)}\n`],
  ['fields twice', 'Cc: a@far.example\nComments: 1\nComments: 2\nReply-To: ann@far.example\nList-Id: <l.example>\n', 'x\n'],
  ['parts', 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n', '--b\n\nx\n--b--\n'],
  ['60 KB', '', 'A line of some sixty bytes, as people write it into a letter.\n'.repeat(1_000)],
]

const sink = await startSink()
t.teardown(() => sink.close())
const dns = await startDnsServer(Object.fromEntries(Object.entries(records).map(([name, record]) => [name, { TXT: [record] }])))
t.teardown(() => dns.close())
const home = await ScratchHome.make(t)
home.control('smtproutes', `:127.0.0.1:${sink.port}\n`)
const domain = join(home.directory, 'control/dkim', hostName)
mkdirSync(domain, { recursive: true, mode: 0o755 })
for (const [selector, key] of keys) {
  writeFileSync(join(domain, `${selector}.key`), key.export({ format: 'pem', type: 'pkcs8' }) as string, { mode: 0o600 })
  writeFileSync(join(domain, `${selector}.state`), 'active 2026-11-30T22:00:00Z\n', { mode: 0o600 })
}
const running = await home.supervise()
for (const [what, fields, body] of messages)
  await home.inject(
    ['-f', `ann@${hostName}`, 'you@far.example'],
    Buffer.from(`${head}Subject: ${what}\n${fields}\n${body}`, 'latin1').toString('latin1'),
  )

/** As it came to the next host. */
async function wire(subject: string): Promise<Buffer> {
  const { text } = await until(
    () => `mail about ${subject}; the log so far:\n${running.log}`,
    () => sink.messages.find(({ text }) => text.includes(`\nSubject: ${subject}\n`)),
  )
  return Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1')
}

interface Mailauth {
  dkimVerify(
    message: Buffer,
    options: { readonly resolver: (name: string, type: string) => Promise<string[][]> },
  ): Promise<{ readonly results: readonly { readonly selector: string; readonly status: { readonly result: string } }[] }>
}

/** It has no types. Undefined where it is not installed. */
function mailauth(): Mailauth | undefined {
  try {
    return createRequire(import.meta.url)('mailauth/lib/dkim/verify') as Mailauth
  } catch {
    return undefined
  }
}

const verifier = mailauth()
t.test('mailauth', { skip: verifier === undefined && 'mailauth is not installed' }, async (t) => {
  const resolver = async (name: string): Promise<string[][]> => {
    const record = records[name.replace(/\.$/, '')]
    if (record === undefined) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
    return [[record]]
  }
  for (const [what] of messages) {
    const { results } = await (verifier as Mailauth).dkimVerify(await wire(what), { resolver })
    t.same(results.map(({ selector, status }) => `${selector} ${status.result}`).sort(), ['e1 pass', 'r1 pass'], what)
  }
})

t.test('rspamd', { skip: amRoot ? missing('rspamd') : 'only root starts rspamd as its own account' }, async (t) => {
  const place = workplace(home, 'rspamd')
  chmodSync(place, 0o777)
  const port = await freePort()
  const conf = [
    `options { filters = "dkim"; control_socket = "${place}/control mode=0600"; dns { nameserver = ["${dns.address}"]; timeout = 5s; } }`,
    `logging { type = "file"; filename = "${place}/log"; level = "info"; }`,
    `worker "normal" { bind_socket = "127.0.0.1:${port}"; count = 1; }`,
    'dkim { }',
  ]
  writeFileSync(join(place, 'conf'), `${conf.join('\n')}\n`)
  const places = ['DBDIR', 'RUNDIR', 'LOGDIR'].map((name) => `--var=${name}=${place}`)
  const child = execa('rspamd', ['-f', '-i', '-u', '_rspamd', '-g', '_rspamd', '-c', join(place, 'conf'), ...places], {
    all: true,
    reject: false,
  })
  t.teardown(() => {
    child.kill('SIGTERM')
    return child
  })
  const at = (path: string): string => `http://127.0.0.1:${port}/${path}`
  await until('rspamd answers', () =>
    fetch(at('ping')).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  for (const [what] of messages) {
    const answer = await fetch(at('checkv2'), { method: 'POST', body: new Uint8Array(await wire(what)) })
    const { symbols } = (await answer.json()) as { symbols: Record<string, { readonly options?: readonly string[] }> }
    t.same(
      [...(symbols['R_DKIM_ALLOW']?.options ?? [])].sort(),
      [`${hostName}:s=e1`, `${hostName}:s=r1`],
      `${what}: ${JSON.stringify(symbols)}`,
    )
  }
})
