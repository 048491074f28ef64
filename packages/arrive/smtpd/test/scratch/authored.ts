/** Messages with signatures, a zone that vouches for them, and sessions that bring them. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { keyRecordOf, Signer } from '@yabumi/dkim'
import type { Test } from 'tap'
import { startDnsServer, type Zone } from '../../../../../test/support/dns-server.ts'
import { ScratchHome } from './home.ts'

/** Of all who sign and seal. */
export const { privateKey: signingKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const keyRecord = keyRecordOf(createPublicKey(signingKey))
/** The address that example.com sends from. */
export const sendingAddress = '192.0.2.7'
export const stranger = { TCPREMOTEIP: '198.51.100.9' }
export const host = 'mx.test.example'

/** Names that one key may sign for. */
const signers = ['example.com', 'lists.example', 'relay.example']
const zone: Zone = {
  'example.com': { TXT: [`v=spf1 ip4:${sendingAddress} -all`] },
  '_dmarc.example.com': { TXT: ['v=DMARC1; p=reject'] },
  'quiet.example': { TXT: [`v=spf1 ip4:${sendingAddress} ~all`] },
  '_dmarc.quiet.example': { TXT: ['v=DMARC1; p=quarantine'] },
  'lists.example': { TXT: ['v=spf1 ip4:198.51.100.9 -all'] },
  ...Object.fromEntries(signers.map((name) => [`s1._domainkey.${name}`, { TXT: [keyRecord] }])),
}

/** A home that asks a server with this zone, and with `more`. */
export async function askingHome(t: Test, controls: Record<string, string>, more: Zone = {}): Promise<ScratchHome> {
  const dns = await startDnsServer({ ...zone, ...more })
  t.teardown(() => dns.close())
  return new ScratchHome(t, { me: `${host}\n`, resolvers: `${dns.address}\n`, ...controls })
}

/** @param text - with LF line ends */
export async function signed(text: string, domain = 'example.com', nowSeconds = Math.floor(Date.now() / 1000)): Promise<string> {
  const signer = new Signer({ nowSeconds, lifetimeSeconds: 0, keysFor: () => [{ domain, selector: 's1', key: signingKey }] })
  signer.push(Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1'))
  return `${(await signer.end()).replaceAll('\r\n', '\n')}${text}`
}

/** A session that brings one message. @param text - with LF line ends */
export function bringing(text: string, sender = 'joe@example.com', helo = 'mail.example.com'): string {
  const lines = text.replaceAll(/^\./gm, '..').replaceAll('\n', '\r\n')
  return `EHLO ${helo}\r\nMAIL FROM:<${sender}>\r\nRCPT TO:<r@test.example>\r\nDATA\r\n${lines}.\r\nQUIT\r\n`
}

/** The reply to the message of such a session. */
export function replyToMessage(replies: string): string {
  return replies.trimEnd().split('\r\n').at(-2) ?? ''
}
