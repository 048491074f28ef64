/** What smtpd does about mail that is not what its author's domain says: control/authcheck at 2. */
import { Sealer } from '@yabumi/arc'
import { replyReasonBytes } from '@yabumi/limits'
import t from 'tap'
import { askingHome, bringing, replyToMessage, sendingAddress, signed, signingKey, stranger } from './scratch/authored.ts'
import { oneShot } from './scratch/bothways.ts'
import type { ScratchHome } from './scratch/home.ts'

const text = 'From: Joe <joe@example.com>\nTo: r@test.example\nSubject: hello\n\nHello.\n'
const refusal =
  /^550 mail from example\.com is not authenticated, as its DMARC policy demands: SPF fail for example\.com, DKIM none \(#5\.7\.26\)$/

async function replyTo(
  home: ScratchHome,
  message: string,
  environment: Record<string, string> = stranger,
  sender?: string,
): Promise<string> {
  return replyToMessage(await oneShot(home, bringing(message, sender), environment))
}

function lastOf(home: ScratchHome): string {
  return home.queued().at(-1)?.message ?? ''
}

t.test('a forged author is refused, and an author’s own mail is taken', async (t) => {
  const home = await askingHome(t, { authcheck: '2\n' })
  t.match(await replyTo(home, text), refusal)
  t.same(home.queued(), [])
  t.match(await replyTo(home, text, { TCPREMOTEIP: sendingAddress }), /^250 /)
  t.match(await replyTo(home, await signed(text)), /^250 /)
  t.match(
    await replyTo(home, await signed(text, 'lists.example'), stranger, 'list@lists.example'),
    /^550 .*SPF pass for lists\.example \(not aligned\), DKIM pass for lists\.example \(not aligned\)/,
  )
  t.match(await replyTo(home, text, { TCPREMOTEIP: '127.0.0.1' }), /^250 /, 'this host is no stranger')
  t.match(await replyTo(home, text, { ...stranger, RELAYCLIENT: '' }), /^250 /)
  home.control('dmarc', '0\n')
  t.match(await replyTo(home, text), /^250 /)
  t.match(home.facts(), /^v1 ORIGIN=network RESULTS=spf\+3Dfail|^v1 RESULTS=spf\+3Dfail/)
})

t.test('a domain that asks for quarantine gets it', async (t) => {
  const home = await askingHome(t, { authcheck: '2\n' })
  t.match(await replyTo(home, text.replaceAll('example.com', 'quiet.example')), /^250 /)
  t.match(lastOf(home), /^Authentication-Results: [\s\S]*\tdmarc=fail \(p=quarantine dis=quarantine\)[\s\S]*\nX-Spam-Flag: YES\nReceived: /)
})

t.test('a list that has broken the signature of its author leads to quarantine, if it is there and answers for itself', async (t) => {
  const home = await askingHome(t, { authcheck: '2\n' })
  const own = await signed(text)
  const changed = `List-Id: <l.lists.example>\n${own.replace('Subject: ', 'Subject: [l] ')}`
  t.match(await replyTo(home, await signed(changed, 'lists.example'), stranger, 'list@lists.example'), /^250 /)
  t.match(lastOf(home), /\nX-Spam-Flag: YES\nReceived: /)
  t.match(await replyTo(home, changed, stranger, 'nobody@nowhere.example'), /^550 /, 'nobody answers for it')
  t.match(
    await replyTo(home, await signed(`List-Id: <l>\n${text}`, 'lists.example'), stranger, 'l@lists.example'),
    /^550 /,
    'its author never signed it',
  )
})

t.test('whom the operator exempts need not be as DMARC wants', async (t) => {
  const home = await askingHome(t, { authcheck: '2\n' })
  for (const [line, sender] of [
    ['198.51.100.0/24', 'x@nowhere.example'],
    ['198.51.100.9', 'x@nowhere.example'],
    ['lists.example', 'x@lists.example'],
    ['@example.com', 'x@nowhere.example'],
  ] as const) {
    home.control('dmarcexceptions', '')
    t.match(await replyTo(home, text, stranger, sender), /^550 /)
    home.control('dmarcexceptions', `# some\n${line}\n`)
    t.match(await replyTo(home, text, stranger, sender), /^250 /, line)
  }
  home.control('dmarcexceptions', '198.51.100.0/99\nexample.com\nlists.example\n')
  t.match(await replyTo(home, text), /^550 /)
})

t.test('a message has one From with an address, of one domain', async (t) => {
  const home = await askingHome(t, { authcheck: '2\n' })
  const withFrom = (...fields: string[]): string => `${fields.map((field) => `${field}\n`).join('')}Subject: x\n\nx\n`
  const bad: [string, RegExp][] = [
    [withFrom(), /it has no From/],
    [withFrom('From: a@example.com', 'From: b@nowhere.example'), /it has several From fields/],
    [withFrom('From: b@nowhere.example', 'from : a@example.com'), /it has several From fields/],
    [withFrom('From: a@example.com, b@nowhere.example'), /its authors are of several domains/],
    [withFrom('From: a group: ;'), /its From is no address/],
    [withFrom('From: joe'), /its From is no address/],
  ]
  for (const [message, why] of bad) {
    const reply = await replyTo(home, message)
    t.match(reply, /^550 one From address, please: .* \(#5\.6\.0\)$/, message)
    t.match(reply, why)
  }
  for (const field of [
    'From: people: a@example.com;',
    'From: (joe@nowhere.example) a@example.com (b@nowhere.example)',
    'From: "b@nowhere.example" <a@example.com>',
  ])
    t.match(await replyTo(home, withFrom(field)), /^550 mail from example\.com is not/, field)
  home.control('fromcheck', '0\n')
  for (const [message] of bad) t.match(await replyTo(home, message), /^250 /)
})

t.test('a signature for the beginning of a body vouches for none of it', async (t) => {
  const home = await askingHome(t, { authcheck: '2\n' })
  const own = await signed(text)
  t.match(await replyTo(home, `${own}more\n`), /^550 .*DKIM fail for example\.com/)
})

/** Sealed by these, the first one first. */
async function sealed(message: string, ...domains: string[]): Promise<string> {
  let whole = message
  for (const domain of domains) {
    const sealer = new Sealer({
      domain,
      selector: 's1',
      key: signingKey,
      nowSeconds: Math.floor(Date.now() / 1000),
      id: `mx.${domain}`,
      chain: whole === message ? 'none' : 'pass',
    })
    const results = `Authentication-Results: mx.${domain}; dmarc=pass header.from=example.com\n`
    sealer.push(Buffer.from((results + whole).replaceAll('\n', '\r\n'), 'latin1'))
    whole = `${(await sealer.end()).replaceAll('\r\n', '\n')}${results}${whole}`
  }
  return whole
}

t.test('a seal of somebody who is believed says that it was authentic; a broken one says nothing', async (t) => {
  const home = await askingHome(t, { authcheck: '2\n' })
  const chain = await sealed(text, 'relay.example')
  t.match(await replyTo(home, chain), /^550 /, 'nobody is believed')
  home.control('arctrusted', 'Relay.example\n')
  t.match(await replyTo(home, chain), /^250 /)
  t.match(lastOf(home), /\tarc=pass/)
  t.match(await replyTo(home, chain.replace('Hello', 'Hullo')), /^550 /, 'it was changed after the seal')
  t.match(await replyTo(home, chain.replace('dmarc=pass header', 'dmarc=fail header')), /^550 /)
  t.match(await replyTo(home, await sealed(text, 'relay.example', 'lists.example')), /^550 /, 'the last one is not believed')
  t.match(await replyTo(home, (await sealed(text, 'relay.example')).replaceAll('example.com', 'quiet.example')), /^250 /)
})

t.test('where the DNS does not answer nothing is refused, and nothing passes', async (t) => {
  const home = await askingHome(t, { authcheck: '2\n' }, { '_dmarc.example.com': 'SERVFAIL', 's1._domainkey.example.com': 'SERVFAIL' })
  t.match(await replyTo(home, await signed(text)), /^250 /)
  t.match(lastOf(home), /\tdkim=temperror [\s\S]*\tdmarc=temperror /)
})

t.test('a reason is cut in the reply', async (t) => {
  const long = Array.from({ length: 4 }, () => 'x'.repeat(50)).join('.')
  const home = await askingHome(t, { authcheck: '2\n' })
  const reply = await replyTo(home, text, stranger, `a@${long}`)
  const [, reason = ''] = /demands: (.*) \(#5\.7\.26\)$/.exec(reply) ?? []
  t.equal(reason.length, replyReasonBytes)
  const shorter = `SPF none for ${long}, DKIM none`.length - replyReasonBytes
  t.match(await replyTo(home, text, stranger, `a@${long.slice(shorter)}`), /, DKIM none \(#5\.7\.26\)$/)
})
