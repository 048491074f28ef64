/** Exchanges of mechanisms with authd as it runs, by what fronts use: every mechanism, right and wrong, and what is no exchange. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { authFailures, authResponseBytes, authResponses } from '@yabumi/limits'
import { askMechanisms, type ExchangeStep, LoginExchange } from '@yabumi/loginprotocol'
import { encodeBase64, startClient } from '@yabumi/sasl'
import t from 'tap'
import { type Cleaner, ScratchHome } from '../../../../test/support/home.ts'
import { Logins } from '../../../../test/support/logins.ts'
import type { Conversation } from '../../../system/loginprotocol/src/index.ts'
import { claimOf } from '../src/exchange.ts'

const joe = { login: 'kyoma', secret: 'geheim' }
const binding = Buffer.alloc(32, 9)
const before = process.cwd()

async function authd(t: Cleaner, controls: Record<string, string> = {}): Promise<{ home: ScratchHome; logins: Logins }> {
  const home = await ScratchHome.make(t, 'kyoma')
  for (const [name, text] of Object.entries(controls)) home.control(name, text)
  await home.run('setpassword', ['kyoma', '--apop'], { input: 'geheim\n' })
  const logins = await Logins.start(t, home, { without: ['sessiond', 'popup'] })
  process.chdir(home.directory)
  t.teardown(() => process.chdir(before))
  return { home, logins }
}

interface Way {
  readonly from?: string
  /** What authd and the client know of the channel. */
  readonly bound?: Buffer | undefined
  readonly clientBound?: Buffer | undefined
}

/** A client logs in to the end. */
async function logIn(name: string, of = joe, { from = '192.0.2.1', bound, clientBound = bound }: Way = {}): Promise<ExchangeStep> {
  const client = startClient(name, of, clientBound)
  const exchange = new LoginExchange(from, bound)
  let step = await exchange.begin(name, client.initial === undefined ? '' : encodeBase64(client.initial))
  while (step.kind === 'challenge') {
    const response = await client.respond(Buffer.from(step.text, 'base64').toString('latin1'))
    if (response === undefined) {
      exchange.close()
      return { kind: 'malformed' }
    }
    step = await exchange.respond(encodeBase64(response))
  }
  if (step.kind === 'right' && !client.mayBelieve) throw new Error('the server did not prove itself')
  return step
}

t.test('every mechanism lets the right password in and no other one, for a login that exists or not', async (t) => {
  await authd(t)
  t.same(await askMechanisms('192.0.2.1'), ['SCRAM-SHA-256', 'PLAIN', 'LOGIN', 'CRAM-MD5'])
  for (const name of ['SCRAM-SHA-256', 'PLAIN', 'LOGIN', 'CRAM-MD5']) {
    t.same(await logIn(name), { kind: 'right', login: 'kyoma' }, name)
    t.match(await logIn(name, { login: 'kyoma', secret: 'Geheim' }), { kind: 'wrong', login: 'kyoma' }, name)
    t.match(await logIn(name, { login: 'nobody', secret: 'geheim' }, { from: '192.0.2.2' }), { kind: 'wrong', login: 'nobody' }, name)
    await logIn(name, joe, { from: '192.0.2.2' })
  }
  t.same(await logIn('SCRAM-SHA-256-PLUS', joe, { bound: binding }), { kind: 'right', login: 'kyoma' })
  t.match(await logIn('SCRAM-SHA-256-PLUS', joe, { bound: binding, clientBound: Buffer.alloc(32) }), { kind: 'wrong' })
  t.match(await logIn('SCRAM-SHA-256', joe, { bound: binding, clientBound: binding }), { kind: 'wrong', text: /between us/ })
  t.match(await logIn('SCRAM-SHA-256-PLUS', joe, { clientBound: binding }), { kind: 'unknown' }, 'it was not offered')
})

t.test('what is no response of the mechanism is malformed, and what is no mechanism unknown', async (t) => {
  await authd(t)
  const begin = (name: string, initial: string): Promise<ExchangeStep> => new LoginExchange('192.0.2.1', undefined).begin(name, initial)
  for (const initial of ['*', 'AGtAAA', 'AGt5b21hAGdlaGVpbQ=', '=AAA', 'AGt5b21hAGdlaGVpbQ==\n', '=', 'a'.repeat(authResponseBytes + 4)]) {
    t.match(await begin('PLAIN', initial), { kind: 'malformed' }, initial.slice(0, 20))
  }
  t.match(await begin('PLAIN', `${'AAAA'.repeat(authResponseBytes / 4)}`), { kind: 'malformed' })
  t.match(await begin('PLAIN', encodeBase64(`\0kyoma\0${'x'.repeat(authResponseBytes / 2)}`)), { kind: 'wrong' }, 'a long response is one')
  for (const name of ['', 'plain', 'OAUTHBEARER', 'EXTERNAL', 'SCRAM-SHA-1']) t.match(await begin(name, ''), { kind: 'unknown' }, name)
})

t.test('an exchange without an end is ended', async (t) => {
  let said = 0
  const say = async (): Promise<void> => {
    said += 1
  }
  const conversation = { say, record: async () => ['response', ''] } as unknown as Conversation
  t.equal(await claimOf(conversation, { step: () => ({ kind: 'challenge', text: 'more' }) }, ''), undefined)
  t.equal(said, authResponses - 1)
})

t.test('a login that was stored before has what SCRAM needs after the first right password', async (t) => {
  const { home } = await authd(t, { scram: '0\n' })
  const passwords = (): string => readFileSync(join(home.directory, 'users/passwords'), 'latin1')
  t.notMatch(passwords(), 'SCRAM')
  t.same(await askMechanisms('192.0.2.1'), ['PLAIN', 'LOGIN', 'CRAM-MD5'])
  home.control('scram', '1\n')
  t.same((await askMechanisms('192.0.2.1'))?.[0], 'PLAIN', 'not yet')
  t.match(await logIn('PLAIN', { login: 'kyoma', secret: 'wrong' }), { kind: 'wrong' })
  t.notMatch(passwords(), 'SCRAM', 'of a wrong one nothing is made')
  t.match(await logIn('PLAIN'), { kind: 'right' })
  t.match(passwords(), /^kyoma:\$scrypt\$[^:]+:Z2VoZWlt:SCRAM-SHA-256\$65536:[^$]+\$[^:]+:[^:]+\n$/)
  t.same((await askMechanisms('192.0.2.1'))?.[0], 'SCRAM-SHA-256')
  t.match(await logIn('SCRAM-SHA-256'), { kind: 'right' })
})

t.test('a client that guesses waits longer each time, and is refused in the end; one that has logged in well is not', async (t) => {
  await authd(t)
  await logIn('PLAIN', joe, { from: '192.0.2.9' })
  for (let n = 1; n <= authFailures; n += 1) {
    t.not(await askMechanisms('192.0.2.1'), 'refused')
    t.match(await logIn('PLAIN', { login: `user${n}`, secret: 'x' }), { kind: 'wrong', seconds: Math.min(n, 10) })
    await logIn('PLAIN', { login: `user${n}`, secret: 'x' }, { from: '192.0.2.9' })
  }
  t.equal(await askMechanisms('192.0.2.1'), 'refused')
  t.not(await askMechanisms('192.0.2.9'), 'refused')
  t.not(await askMechanisms('192.0.2.2'), 'refused')
})

t.test('ten wrong passwords by any mechanism slow down strangers for all of them', async (t) => {
  await authd(t, { authfailures: '0\n' })
  await logIn('SCRAM-SHA-256', joe, { from: '192.0.2.9' })
  for (const name of ['PLAIN', 'LOGIN', 'SCRAM-SHA-256', 'CRAM-MD5', 'PLAIN', 'LOGIN', 'SCRAM-SHA-256', 'CRAM-MD5', 'PLAIN', 'LOGIN'])
    t.match(await logIn(name, { login: 'kyoma', secret: 'x' }), { kind: 'wrong' }, name)
  t.match(await logIn('SCRAM-SHA-256'), { kind: 'trouble', text: /too many wrong passwords/ })
  t.match(await logIn('PLAIN'), { kind: 'trouble' })
  t.match(await logIn('PLAIN', joe, { from: '192.0.2.9' }), { kind: 'right' })
  t.match(await logIn('SCRAM-SHA-256', joe, { from: '192.0.2.9' }), { kind: 'right' })
})

t.test('who is not there is answered as who is there, with the same salt each time', async (t) => {
  await authd(t)
  const first = async (login: string): Promise<string> => {
    const exchange = new LoginExchange('192.0.2.1', undefined)
    const step = await exchange.begin('SCRAM-SHA-256', encodeBase64(`n,,n=${login},r=abc`))
    exchange.close()
    return step.kind === 'challenge' ? Buffer.from(step.text, 'base64').toString('latin1') : step.kind
  }
  const shape = (text: string): string => text.replace(/r=abc[^,]+/, 'r=').replace(/s=[^,]+/, 's=')
  const saltOf = (text: string): string | undefined => /s=([^,]+)/.exec(text)?.[1]
  t.equal(shape(await first('nobody')), shape(await first('kyoma')))
  t.equal(saltOf(await first('nobody')), saltOf(await first('nobody')))
  t.equal(saltOf(await first('nobody'))?.length, saltOf(await first('kyoma'))?.length)
  t.not(saltOf(await first('nobody')), saltOf(await first('nemo')))
})

t.test('authd that is not there is trouble, never a wrong password', async (t) => {
  const { logins } = await authd(t)
  await logins.stop('authd')
  t.match(await logIn('PLAIN'), { kind: 'trouble', text: /^unable to ask authd: / })
  t.equal(await askMechanisms('192.0.2.1'), undefined)
})
