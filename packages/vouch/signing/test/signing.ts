import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { chmodSync, closeSync, mkdirSync, openSync, unlinkSync, writeFileSync } from 'node:fs'
import { Chain } from '@yabumi/arc'
import { keyRecordOf, Verifier } from '@yabumi/dkim'
import type { FactMap, FactName } from '@yabumi/facts'
import { addressTokens, keptSignatureSeconds, keptSignatures } from '@yabumi/limits'
import t, { type Test } from 'tap'
import { hostName, ScratchHome, userAccount } from '../../../../test/support/home.ts'
import { decide, onSigned, signaturesFor } from '../src/index.ts'

const before = process.cwd()
const domain = 'own.example'
const keys: readonly (readonly [selector: string, key: KeyObject])[] = [
  ['r', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
  ['e', generateKeyPairSync('ed25519').privateKey],
]
const told: string[] = []
onSigned((line) => told.push(line))

/** One home for all: what is kept in memory is that of one home. */
async function enterHome(t: Test): Promise<void> {
  const home = await ScratchHome.make(t, 'joe', 'ann')
  home.control('virtualdomains', `${domain}:joe\nhosted.example:ann\n`)
  home.control('dkimusers', '33:shop.example\n')
  process.chdir(home.directory)
  t.teardown(() => process.chdir(before))
  for (const each of [domain, 'hosted.example', 'shop.example', hostName]) {
    mkdirSync(`control/dkim/${each}`, { recursive: true })
    for (const [selector, key] of keys) {
      writeFileSync(`control/dkim/${each}/${selector}.key`, key.export({ format: 'pem', type: 'pkcs8' }) as string, { mode: 0o600 })
      writeFileSync(`control/dkim/${each}/${selector}.state`, 'active 2026-11-30T22:00:00Z\n', { mode: 0o600 })
    }
    chmodSync(`control/dkim/${each}`, 0o755)
  }
  chmodSync('control/dkim', 0o755)
  mkdirSync('control/dkim/idle.example')
}

const facts = (...pairs: [FactName, string][]): FactMap => new Map(pairs)
const invoked = (who: string): string => `Received: (qmail 12 invoked ${who}); 30 Nov 2026 22:00:00 -0000\r\n`
const joe = `by uid ${userAccount.uid}`
const text = 'To: you@far.example\nSubject: hello\n\nHello.\n..\n.x\n'

async function signed(who: string, from: string, of: FactMap = new Map(), ...more: string[]): Promise<string> {
  const decision = await decide([invoked(who), ...more, `From: ${from}\r\n`], of)
  if (decision === undefined) return 'nothing'
  return 'keys' in decision ? decision.keys.map((key) => `${key.selector}.${key.domain}`).join(' ') : decision.unsigned
}

t.test('signing', async (t) => {
  await enterHome(t)
  const both = `r.${domain} e.${domain}`

  await t.test('a user is signed for where the mail for From is the user’s', async (t) => {
    t.equal(await signed(joe, `Joe <info@${domain}>`), both)
    t.equal(await signed(joe, `Joe <info@a.${domain}>`), `info@a.own.example is not an address of uid ${userAccount.uid}, who sent it`)
    t.equal(await signed(joe, `x@OWN.example, "Joe, too" <y@own.example>`), both, 'several authors, each of them')
    t.match(await signed(`by uid ${userAccount.uid + 7}`, `info@${domain}`), /is not an address of uid/)
    t.match(await signed(joe, `info@${domain}, eve@far.example`), /^eve@far\.example is not an address of uid/)
    t.equal(await signed(joe, 'eve@far.example'), 'nothing', 'a domain without keys is not spoken of')
    t.equal(await signed(joe, 'joe@idle.example'), 'no key of idle.example is active')
  })

  await t.test('root and daemons are signed for, each for their domains', async (t) => {
    t.equal(await signed('by uid 0', `cron@${domain}`), both)
    t.equal(await signed('by uid 33', 'order@shop.example'), 'r.shop.example e.shop.example')
    t.match(await signed('by uid 33', `order@${domain}`), /is not an address of uid 33/, 'www-data as another hosted domain')
  })

  await t.test('what a .qmail passes on is not signed, whoever seems to have written it', async (t) => {
    const forged = ['Received: (qmail 11 invoked from network); 30 Nov 2026 22:00:00 -0000\r\n', `Delivered-To: info@${domain}\r\n`]
    for (const trace of forged) t.equal(await signed(joe, `info@${domain}`, facts(), trace), 'a .qmail passes it on')
    t.equal(await signed('by uid 0', `info@${domain}`, facts(), ...forged), 'a .qmail passes it on')
    t.equal(await signed('by alias', `info@${domain}`), 'a .qmail passes it on')
  })

  await t.test('what came from the network is signed for logins and relay clients only', async (t) => {
    const network = 'from network'
    t.equal(await signed(network, `info@${domain}`), 'it came from the network')
    t.equal(await signed(joe, `info@${domain}`, facts(['ORIGIN', 'network'])), 'it came from the network')
    t.equal(await signed(network, `ann@${hostName}`, facts(['AUTH', 'ann'])), `r.${hostName} e.${hostName}`)
    t.match(await signed(network, 'x@shop.example', facts(['AUTH', 'ann'])), /^x@shop\.example is not an address of ann, who sent it/)
    t.equal(await signed(network, `info@${domain}`, facts(['RELAY', 'far.example,Own.Example'])), both)
    t.equal(await signed(network, `info@a.${domain}`, facts(['RELAY', `.${domain}`])), both, 'with the keys of the domain above')
    t.match(await signed(network, 'x@shop.example', facts(['RELAY', domain])), /may not write as shop\.example/)
  })

  await t.test('bounces are signed as our own, and nobody else by their name', async (t) => {
    t.equal(await signed('for bounce', `MAILER-DAEMON@${hostName}`), `r.${hostName} e.${hostName}`)
    t.match(await signed('for bounce', `x@${domain}`), /is not the domain of our bounces/)
    t.match(await signed(`by uid ${userAccount.uid + 7}`, `MAILER-DAEMON@${hostName}`), /is not an address of uid/)
  })

  await t.test('a message must say once who wrote it', async (t) => {
    for (const header of [
      [],
      [`From: a@${domain}\r\n`, `From: b@${domain}\r\n`],
      ['From: undisclosed:;\r\n'],
      ['From: joe\r\n'],
      ['From: <\r\n'],
      [`From: ${'a '.repeat(addressTokens)}<a@${domain}>\r\n`],
    ]) {
      t.match(await decide([invoked(joe), ...header], facts()), { unsigned: /From/ }, header.join('').slice(0, 40))
    }
  })

  const fileOf = (content: string): number => {
    writeFileSync('message', content, 'latin1')
    const fd = openSync('message', 'r')
    unlinkSync('message')
    return fd
  }
  const verified = async (top: Buffer, content: string): Promise<string[]> => {
    const records = new Map(keys.map(([selector, key]) => [`${selector}._domainkey.${domain}`, keyRecordOf(createPublicKey(key))]))
    const verifier = new Verifier({
      nowSeconds: Date.now() / 1000,
      lookUp: async (name) => ({ kind: 'found', records: [records.get(name) ?? ''] }),
    })
    verifier.push(Buffer.concat([top, Buffer.from(content.replace(/\r?\n/g, '\r\n'), 'latin1')]))
    return (await verifier.end()).map(({ result, selector }) => `${selector} ${result}`)
  }
  const message = `${invoked(joe).replace('\r', '')}From: info@${domain}\n${text}`

  await t.test('a message of the queue is signed as it goes out, dots and all, whatever its size', async (t) => {
    for (const content of [message, message + 'x. \t y\n.\n'.repeat(50_000), `${message}\n\n\n`]) {
      const fd = fileOf(content)
      const top = await signaturesFor(fd, facts())
      t.same(await verified(top, content), ['r pass', 'e pass'])
      t.match(top.toString(), /^DKIM-Signature: v=1; a=rsa-sha256; c=relaxed\/relaxed; d=own\.example;\r\n s=r; t=[0-9]+; x=[0-9]+\r?;/)
      closeSync(fd)
    }
    t.match(told.at(-1), /^dkim: [0-9]+ d=own\.example s=r\+e$/)
  })

  await t.test('two long messages at once are each signed for their own text', async (t) => {
    const contents = ['x', 'y'].map((letter) => `${message}${letter.repeat(70).concat('\n').repeat(3_000)}`)
    const fds = contents.map(fileOf)
    const tops = await Promise.all(fds.map((fd) => signaturesFor(fd, facts())))
    for (const [index, top] of tops.entries()) t.same(await verified(top, contents[index] as string), ['r pass', 'e pass'])
    for (const fd of fds) closeSync(fd)
  })

  await t.test('a message that is not signed is left as it is, and the reason is told', async (t) => {
    const fd = fileOf(message.replace(joe, 'from network'))
    t.equal((await signaturesFor(fd, facts())).length, 0)
    t.match(told.at(-1), /^dkim: [0-9]+ not signed: it came from the network$/)
    closeSync(fd)
  })

  /** @returns the chain's word, or nothing for a message without; and what is sealed */
  const chainOf = async (content: string, of: FactMap = new Map()): Promise<string> => {
    const fd = fileOf(content)
    const top = await signaturesFor(fd, of)
    closeSync(fd)
    const lookUp = async (name: string) => ({
      kind: 'found' as const,
      records: keys.filter(([selector]) => name.startsWith(`${selector}.`)).map(([, key]) => keyRecordOf(createPublicKey(key))),
    })
    const chain = new Chain({ nowSeconds: Date.now() / 1000, lookUp })
    const verifier = new Verifier({ nowSeconds: Date.now() / 1000, lookUp, companion: chain })
    verifier.push(Buffer.concat([top, Buffer.from(content.replaceAll('\n', '\r\n'), 'latin1')]))
    await verifier.end()
    const { result, sealers, results } = await chain.end()
    return result === 'none' ? '' : [result, ...sealers, results.at(-1)?.replace(/\s+/g, ' ').trim()].join(' ')
  }

  await t.test('what goes on is sealed by our domain, with what it was worth when it came', async (t) => {
    const results = `Authentication-Results: ${hostName}; spf=pass smtp.mailfrom=far.example; arc=none\n`
    const came = `${results}Received: from far.example\nFrom: eve@far.example\n${text}`
    const forward = (who: string, rest = came): string => `${invoked(who).replace('\r', '')}Delivered-To: joe@${hostName}\n${rest}`
    const sealed = `pass ${hostName} ${hostName}; spf=pass smtp.mailfrom=far.example; arc=none`
    for (const who of [joe, 'by alias']) t.equal(await chainOf(forward(who)), sealed, who)
    t.match(told.at(-1), /^arc: [0-9]+ sealed$/)
    t.equal(await chainOf(forward('from network', came), facts(['RESULTS', 'spf+3Dpass'])), sealed, 'what is relayed')
    t.equal(await chainOf(forward('from network', `${came}another file\n`)), '', 'nobody has judged it')
    t.equal(await chainOf(forward(joe, came.replace(results, ''))), '')
    t.equal(await chainOf(forward(joe, came.replace(hostName, 'other.example'))), '', 'somebody else has judged it')
    t.equal(await chainOf(`${invoked(joe).replace('\r', '')}${results}From: eve@far.example\n${text}`), '', 'joe has written it himself')
    t.equal(await chainOf(forward(joe, came + 'x\n'.repeat(100_000))), sealed, 'of any size')
  })

  await t.test('where DMARC of the next host will refuse it, the log says so', async (t) => {
    const warned = async (results: string): Promise<boolean> => {
      told.length = 0
      await chainOf(
        `${invoked(joe).replace('\r', '')}Delivered-To: joe@${hostName}\nAuthentication-Results: ${hostName};\n ${results}\nFrom: eve@far.example\n${text}`,
      )
      return told.some((line) => /^dmarc: [0-9]+: far\.example has not signed it, and DMARC of the next host will reject it$/.test(line))
    }
    const dmarc = 'dmarc=pass (p=reject) header.from=far.example policy.dmarc=reject'
    t.ok(await warned(`spf=pass smtp.mailfrom=far.example; dkim=none; ${dmarc}`))
    t.ok(await warned(`dkim=pass header.d=other.example; dkim=fail header.d=far.example; ${dmarc}`))
    t.notOk(await warned(`dkim=pass header.d=far.example; ${dmarc}`))
    t.notOk(await warned(`dkim=none; ${dmarc.replaceAll('reject', 'none')}`))
    t.notOk(await warned('spf=pass'))
  })

  await t.test('with control/arc at 0 nothing is sealed', async (t) => {
    writeFileSync('control/arc', '0\n')
    const came = `Authentication-Results: ${hostName}; arc=none\nFrom: eve@far.example\n${text}`
    t.equal(await chainOf(`${invoked(joe).replace('\r', '')}Delivered-To: joe@${hostName}\n${came}`), '')
  })

  await t.test('signatures are kept for further attempts, so many of them', async (t) => {
    const fd = fileOf(message)
    const first = await signaturesFor(fd, facts())
    t.equal(await signaturesFor(fd, facts()), first, 'the same bytes')
    const others = Array.from({ length: keptSignatures }, (_, index) => {
      writeFileSync(`m${index}`, 'From: x\n\n')
      return openSync(`m${index}`, 'r')
    })
    for (const other of others.slice(0, 1)) await signaturesFor(other, facts())
    t.equal(await signaturesFor(fd, facts()), first)
    for (const other of others) await signaturesFor(other, facts())
    t.not(await signaturesFor(fd, facts()), first, 'made anew')
    for (const other of [fd, ...others]) closeSync(other)
    t.ok(keptSignatureSeconds < 604_800, 'they are good for longer than they are kept')
  })
})
