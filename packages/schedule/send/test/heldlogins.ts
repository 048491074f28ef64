/** Logins whose mail goes to addresses that do not exist are held (control/bouncehold), until qrelease lets a message of theirs go. */
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FactMap } from '@yabumi/facts'
import { bounceHoldRecipients, watchedLogins } from '@yabumi/limits'
import { heldUntil } from '@yabumi/retrytimes'
import { execa } from 'execa'
import t from 'tap'
import { until } from '../../../../test/support/wait.ts'
import { HeldLogins } from '../src/try/heldlogins.ts'
import { bin, Home } from './rig/home.ts'
import { Send } from './rig/send.ts'

const facts = (login: string): FactMap => new Map([['AUTH', login] as const])
const unknown = 'Sorry, no mailbox here by that name. (#5.1.1)\n'
const elsewhere = '192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 no such user\nGiving up on 192.0.2.1.\n'
const full = '192.0.2.1 does not like recipient.\nRemote host said: 552 5.2.2 full\nGiving up on 192.0.2.1.\n'

/** @returns what is said of logins that are held */
function watch(percent: number, work: (logins: HeldLogins) => void): string[] {
  const said: string[] = []
  work(new HeldLogins(percent, (line) => said.push(line)))
  return said
}

t.test('more than so many percent of twenty or more recipients that do not exist hold a login', (t) => {
  const send = (logins: HeldLogins, bad: number, good: number, login = 'joe'): void => {
    for (let n = 0; n < good; n += 1) logins.note(facts(login), 'success', '')
    for (let n = 0; n < bad; n += 1) logins.note(facts(login), 'failure', n % 2 === 0 ? unknown : elsewhere)
  }
  t.same(
    watch(30, (logins) => send(logins, 7, 13)),
    ['user joe is held: 7 of 20 recipients within an hour do not exist'],
  )
  t.same(
    watch(30, (logins) => {
      send(logins, 30, 13)
      t.ok(logins.holds(facts('joe')))
      t.notOk(logins.holds(facts('anna')), 'and no other')
      t.notOk(logins.holds(new Map()))
      logins.letGo(facts('joe'))
      t.notOk(logins.holds(facts('joe')))
      send(logins, 19, 0)
      t.notOk(logins.holds(facts('joe')), 'it is counted anew')
    }).length,
    1,
    'said once',
  )
  t.same(
    watch(30, (logins) => send(logins, 6, 14)),
    [],
    'as many are none too many',
  )
  t.same(
    watch(30, (logins) => send(logins, bounceHoldRecipients - 1, 0)),
    [],
  )
  t.same(
    watch(0, (logins) => send(logins, 100, 0)),
    [],
    'without the file nobody is held',
  )
  t.same(
    watch(30, (logins) => send(logins, 30, 0, 'an+2Ana')),
    ['user an*na is held: 20 of 20 recipients within an hour do not exist'],
  )
  t.end()
})

t.test('other failures, deferrals and mail of nobody’s login do not count', (t) => {
  const said = watch(1, (logins) => {
    for (let n = 0; n < 50; n += 1) {
      logins.note(facts('joe'), 'failure', full)
      logins.note(facts('joe'), 'deferral', unknown)
      logins.note(facts('joe'), 'failure', 'Remote host said: 550 no 15.1.12 here\n')
      logins.note(new Map(), 'failure', unknown)
    }
  })
  t.same(said, [])
  t.end()
})

t.test('an hour after its first recipient a login is counted anew; of too many the oldest is forgotten', (t) => {
  let now = 0
  t.intercept(performance, 'now', { value: () => now })
  const said = watch(30, (logins) => {
    for (let n = 0; n < 19; n += 1) logins.note(facts('joe'), 'failure', unknown)
    now = 3_600_000
    for (let n = 0; n < 19; n += 1) logins.note(facts('joe'), 'failure', unknown)
    for (let n = 0; n < watchedLogins; n += 1) logins.note(facts(`u${n}`), 'success', '')
    logins.note(facts('joe'), 'failure', unknown)
    t.notOk(logins.holds(facts('joe')))
  })
  t.same(said, [])
  t.end()
})

t.test('all mail of a login waits then, postmaster hears of it, and qrelease frees it', async (t) => {
  const home = new Home({ concurrencyremote: '10\n', bouncehost: 'b.test\n', bouncehold: '30\n' })
  t.teardown(() => home.remove())
  writeFileSync(join(home.path, 'fakequeue'), '#!/bin/sh\ncat >mess.$$\ncat <&1 >envelope.$$\nmv mess.$$ got.$$\n')
  chmodSync(join(home.path, 'fakequeue'), 0o755)
  const notices = (): string[] =>
    readdirSync(home.path)
      .filter((name) => name.startsWith('got.'))
      .map((name) => readFileSync(join(home.path, name), 'latin1'))
      .filter((text) =>
        text.includes('\nTo: postmaster@b.test\nSubject: user joe is held: 20 of 20 recipients within an hour do not exist\n'),
      )
  const many = Array.from({ length: 60 }, (_, n) => `guess${n}@d${n}.test`)
  const listed = home.submit({ sender: 'joe@b.test', recipients: many, facts: 'v1 AUTH=joe' })
  const send = new Send(home, { env: { QMAILQUEUE: './fakequeue' }, facts: true })
  for (let n = 0; n < bounceHoldRecipients; n += 1) await send.deliver('remote', 'D', elsewhere)
  await send.logged(/^user joe is held: 20 of 20/)
  const later = home.submit({ sender: 'joe@b.test', recipients: ['one@far.test'], facts: 'v1 AUTH=joe' })
  const two = home.submit({ sender: 'joe@b.test', recipients: ['one@far.test', 'two@far.test'], facts: 'v1 AUTH=joe' })
  home.submit({ sender: 'anna@b.test', recipients: ['friend@far.test'], facts: 'v1 AUTH=anna' })
  const seen: string[] = []
  while (!seen.includes('friend@far.test')) seen.push(await send.deliver('remote', 'K'))
  t.same(
    seen.filter((name) => !name.startsWith('guess')),
    ['friend@far.test'],
    'mail of others goes on',
  )
  t.ok(seen.length <= 11, 'of the message under way only deliveries that had begun came to an end')
  await send.logged(/^end msg/)
  await until('postmaster hears of it', () => notices().length === 1)
  for (const id of [later, two])
    await until(
      () => `${id} is held; the log:\n${send.log}`,
      () => home.file('remote', id) !== undefined && home.mtime('remote', id) === heldUntil,
    )

  const release = async (...args: string[]): Promise<void> => {
    const { stdout } = await execa(join(bin, 'qrelease'), ['--yes', ...args], { env: { YABUMI_HOME: home.path } })
    t.match(stdout, /^released #/)
  }
  await release(later)
  t.equal(await send.deliver('remote', 'K'), 'one@far.test')
  await release(two)
  t.same([await send.deliver('remote', 'K'), await send.deliver('remote', 'K')].toSorted(), ['one@far.test', 'two@far.test'])
  home.submit({ sender: 'joe@b.test', recipients: ['free@far.test'], facts: 'v1 AUTH=joe' })
  t.equal(await send.deliver('remote', 'K'), 'free@far.test', 'the login is free')
  t.equal(await send.stop(), 0)
  t.match(home.file('remote', listed), /Tguess/)
})
