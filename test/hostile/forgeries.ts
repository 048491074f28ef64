/** Mail that says to be somebody else's: each way that is known to fool a receiver is tried on smtpd, with all checks on. */
import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Sealer } from '@yabumi/arc'
import { keyRecordOf, Signer } from '@yabumi/dkim'
import t, { type Test } from 'tap'
import { startDnsServer, type Zone } from '../support/dns-server.ts'
import { hostName, ScratchHome } from '../support/home.ts'

const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const keyRecord = keyRecordOf(createPublicKey(key))
const nowSeconds = Math.floor(Date.now() / 1000)
const zone: Zone = {
  'bank.example': { TXT: ['v=spf1 ip4:192.0.2.7 -all'] },
  '_dmarc.bank.example': { TXT: ['v=DMARC1; p=reject'] },
  'evil.example': { TXT: ['v=spf1 +all'] },
  '_dmarc.silent.example': 'SERVFAIL',
  ...Object.fromEntries(['bank', 'evil', 'silent', 'relay'].map((name) => [`s._domainkey.${name}.example`, { TXT: [keyRecord] }])),
}
const text = 'From: The bank <info@bank.example>\nSubject: hello\n\nHello.\n'

interface Door {
  /** @returns the reply to a message from a stranger */
  bring(message: string): Promise<string>
  /** The message that was queued last; the queue is empty afterwards. */
  taken(): string
}

async function door(t: Test, controls: Record<string, string> = {}): Promise<Door> {
  const dns = await startDnsServer(zone)
  t.teardown(() => dns.close())
  const home = await ScratchHome.make(t)
  home.control('resolvers', `${dns.address}\n`)
  for (const [name, value] of Object.entries({ forbidpipelining: '0\n', ...controls })) home.control(name, value)
  const mess = join(home.directory, 'queue/mess')
  return {
    async bring(message) {
      const lines = message.replaceAll('\n', '\r\n')
      const input = `EHLO evil.example\r\nMAIL FROM:<x@evil.example>\r\nRCPT TO:<joe@${hostName}>\r\nDATA\r\n${lines}.\r\nQUIT\r\n`
      const { stdout } = await home.run('smtpd', [], { input, env: { TCPREMOTEIP: '198.51.100.9' } })
      return stdout.trimEnd().split('\r\n').at(-2) ?? ''
    },
    taken() {
      const paths = readdirSync(mess).flatMap((part) => readdirSync(join(mess, part)).map((name) => join(mess, part, name)))
      const message = readFileSync(paths.at(-1) ?? '', 'latin1')
      for (const path of paths) rmSync(path)
      return message
    },
  }
}

async function signed(message: string, domain: string): Promise<string> {
  const signer = new Signer({ nowSeconds, lifetimeSeconds: 0, keysFor: () => [{ domain, selector: 's', key }] })
  signer.push(Buffer.from(message.replaceAll('\n', '\r\n'), 'latin1'))
  return (await signer.end()).replaceAll('\r\n', '\n') + message
}

t.test('our own name in Authentication-Results is nobody else’s', async (t) => {
  const { bring, taken } = await door(t)
  const forged = `Authentication-Results: (x) ${hostName.toUpperCase()} 1;\n\tdmarc=pass header.from=bank.example\n`
  t.match(await bring(`${forged}${text.replaceAll('bank', 'nobody')}`), /^250 /)
  const message = taken()
  t.notMatch(message, 'bank.example')
  t.equal(message.match(/^Authentication-Results:/gm)?.length, 1)
})

t.test('of two From fields neither is believed', async (t) => {
  const { bring } = await door(t)
  t.match(await bring(await signed(`From: x@evil.example\n${text}`, 'evil.example')), /^550 .*one From address/)
  t.match(await bring(await signed(`${text.replace('\n', '\nfrom : x@evil.example\n')}`, 'evil.example')), /^550 .*one From address/)
})

t.test('comments, names and groups in From hide no author', async (t) => {
  const { bring } = await door(t)
  const froms = ['(x@evil.example) info@bank.example', '"x@evil.example" <info@bank.example>', 'x@evil.example: info@bank.example;']
  for (const from of froms)
    t.match(await bring(await signed(`From: ${from}\nSubject: hello\n\nHello.\n`, 'evil.example')), /^550 .*#5\.(7\.26|6\.0)/, from)
})

t.test('a signature for the beginning of a body vouches for nothing behind it', async (t) => {
  const { bring } = await door(t)
  const body = 'Hello.\r\n'
  const from = 'From: info@bank.example\r\n'
  const bh = createHash('sha256').update(body).digest('base64')
  const own = `DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=bank.example; s=s; h=from; l=${body.length}; bh=${bh}; b=`
  const whole = `${own}${sign('sha256', Buffer.from(from + own), key).toString('base64')}\r\n${from}\r\n${body}`.replaceAll('\r\n', '\n')
  t.match(await bring(whole), /^250 /)
  t.match(await bring(`${whole}Buy this.\n`), /^550 /)
})

t.test('a chain of seals that is broken vouches for nothing', async (t) => {
  const { bring } = await door(t, { arctrusted: 'relay.example\n' })
  const sealer = new Sealer({ domain: 'relay.example', selector: 's', key, nowSeconds, id: 'mx.relay.example', chain: 'none' })
  const results = 'Authentication-Results: mx.relay.example; dmarc=pass header.from=bank.example\n'
  sealer.push(Buffer.from((results + text).replaceAll('\n', '\r\n'), 'latin1'))
  const sealed = `${(await sealer.end()).replaceAll('\r\n', '\n')}${text}`
  t.match(await bring(sealed), /^250 /)
  t.match(await bring(sealed.replace('Hello.', 'Buy this.')), /^550 /)
})

t.test('no answer of the DNS is no pass', async (t) => {
  const { bring, taken } = await door(t)
  t.match(await bring(await signed(text, 'silent.example')), /^250 /, 'nobody can say whether it is the same organisation')
  t.match(taken(), /\tdmarc=temperror /, 'and nobody says that it is')
})
