/** What each event means in each state of a session, seen at its wire. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { smtpEnvelopeBytes, smtpRestSeconds } from '@yabumi/limits'
import { DoorLog } from '@yabumi/logline'
import t, { type Test } from 'tap'
import { processesOf } from '../../../../test/support/processes.ts'
import { until } from '../../../../test/support/wait.ts'
import { EnvelopeMemory } from '../src/envelopememory.ts'
import { Session } from '../src/session.ts'
import { SessionLog } from '../src/sessionlog.ts'
import { readSettings } from '../src/settings.ts'
import { UserQuestions } from '../src/userquestions.ts'
import { ScratchHome } from './scratch/home.ts'

const envelope = 'MAIL FROM:<>\r\nRCPT TO:<r@test.example>\r\n'
const later = performance.now() + smtpRestSeconds * 1000 + 60_000

/** A session without a connection, and everything that it does with its wire and its log. */
class Entrance {
  readonly session: Session
  readonly #home: ScratchHome
  readonly #door: DoorLog
  readonly #seen: string[] = []
  readonly #name = Promise.withResolvers<string>()
  readonly #room = Promise.withResolvers<void>()
  readonly #tls = Promise.withResolvers<string>()
  clientReads = true

  constructor(t: Test, controls: Record<string, string>, nameIsKnown: boolean) {
    this.#home = new ScratchHome(t, { rcpthosts: 'test.example\n', ...controls })
    process.chdir(this.#home.path)
    this.#door = new DoorLog('smtpd', (text) => this.#seen.push(text.replace(/^.*: (end: [^,]*),.*$/s, '$1')))
    const log = new SessionLog(this.#door, { address: '192.0.2.1', port: 4711, share: '192.0.2.1', isOurs: () => false })
    const remoteHost = nameIsKnown ? 'unknown' : this.#name.promise
    const client = { remoteHost, remoteAddress: '192.0.2.1', remoteInfo: undefined, localHost: 'test.example' }
    const settings = readSettings(new Map(Object.entries(this.#home.environment())), undefined)
    const wire = {
      send: (replies: string) => {
        this.#seen.push(...replies.trimEnd().split('\r\n'))
        return this.clientReads
      },
      drained: () => this.#room.promise,
      pause: () => this.#seen.push('pause'),
      resume: () => this.#seen.push('resume'),
      startTls: () => this.#tls.promise,
      close: (exitCode: number) => this.#seen.push(`close ${exitCode}`),
    }
    const shared = {
      memory: new EnvelopeMemory(smtpEnvelopeBytes, () => undefined),
      users: new UserQuestions(() => undefined),
      logins: undefined,
      listJudge: () => Promise.reject(new Error()),
    }
    const tls = { facts: undefined, isAvailable: true, admits: () => true }
    this.session = new Session(client, settings, wire, shared, tls, log)
    t.teardown(async () => {
      process.chdir('/')
      this.session.lost()
      this.release()
      await until('its queue program has ended', () => processesOf(this.#home.path).length === 0)
    })
  }

  say(text: string): void {
    this.session.receive(Buffer.from(text))
  }

  /** What has been seen since the last look. Numbers are N. */
  look(): string[] {
    this.#door.end()
    const seen = this.#seen.splice(0).filter((text) => !text.startsWith('smtpd: '))
    return seen.map((text) => text.replace(/250 ok \d+ qp \d+/, '250 ok N qp N'))
  }

  /** Queue waits with its answer, or with the message already. */
  queueWaits(where: 'with its answer' | 'with the message'): void {
    const wait = `while test ! -e '${this.#home.path}/released'; do sleep 0.02; done\n`
    if (where === 'with its answer') this.#home.queueEnds(wait)
    else writeFileSync(join(this.#home.path, 'keep'), `#!/bin/sh\n${wait}cat >/dev/null\ncat <&1 >/dev/null\nexit 0\n`, { mode: 0o755 })
  }

  /** Whatever the session waits for has come. */
  release(): void {
    this.clientReads = true
    this.#name.resolve('client.example')
    this.#room.resolve()
    this.#tls.resolve('the client left')
    writeFileSync(join(this.#home.path, 'released'), '')
  }

  /** What is seen until a text is. */
  async lookFor(text: string): Promise<string[]> {
    const seen: string[] = []
    await until(
      () => `${text} in ${JSON.stringify(seen)}`,
      () => seen.push(...this.look()) > 0 && seen.some((one) => one.startsWith(text)),
    )
    return seen
  }
}

/** How a session comes into each state. */
const states: Readonly<Record<string, { controls?: Record<string, string>; nameIsKnown?: false; come(entrance: Entrance): void }>> = {
  greeting: { controls: { greetdelay: '1000\n' }, come: () => undefined },
  commands: { come: () => undefined },
  message: { come: (entrance) => entrance.say(`${envelope}DATA\r\n`) },
  chunk: { controls: { esmtp: '1\n' }, come: (entrance) => entrance.say(`EHLO x\r\n${envelope}BDAT 100\r\n`) },
  asking: { nameIsKnown: false, come: (entrance) => entrance.say(`${envelope}DATA\r\n`) },
  tarpit: { controls: { tarpitcount: '1\n', tarpitdelay: '1000\n' }, come: (entrance) => entrance.say(envelope) },
  full: {
    come(entrance) {
      entrance.queueWaits('with the message')
      entrance.say(`${envelope}DATA\r\n`)
      entrance.say(`${'x'.repeat(1_000)}\r\n`.repeat(1_000))
    },
  },
  judging: {
    come(entrance) {
      entrance.queueWaits('with its answer')
      entrance.say(`${envelope}DATA\r\n\r\nx\r\n.\r\n`)
    },
  },
  handshake: { come: (entrance) => entrance.say('STARTTLS\r\n') },
  unread: {
    come(entrance) {
      entrance.clientReads = false
      entrance.say('NOOP\r\n')
    },
  },
  over: { come: (entrance) => entrance.say('QUIT\r\n') },
}

function enter(t: Test, name: string): Entrance {
  const { come, controls = {}, nameIsKnown = true } = states[name] as (typeof states)[string]
  const entrance = new Entrance(t, controls, nameIsKnown)
  entrance.session.greet()
  come(entrance)
  entrance.look()
  return entrance
}

const early = ['554 SMTP protocol violation: you spoke before my greeting (#5.5.1)', 'end: spoke before its greeting', 'close 1']
const silence = ['end: dropped for silence', 'close 1']
const timeout = ['451 timeout (#4.4.2)', ...silence]
const full = ['421 too many connections, try again later (#4.3.2)', 'end: gave way to another client', 'close 1']
const leaving = ['421 shutting down, try again (#4.3.2)', 'end: shutting down', 'close 1']
const left = ['end: the client left', 'close 1']
const pause = ['pause']
const broken = ['end: the connection broke']

/** What is seen then; nothing in the states that are not named. */
const events: [event: string, act: (entrance: Entrance) => unknown, Record<string, string[]>][] = [
  [
    'the client says something',
    (entrance) => entrance.say('NOOP\r\n'),
    { greeting: early, commands: ['250 ok'], asking: pause, tarpit: pause, full: pause, judging: pause, handshake: pause, unread: pause },
  ],
  [
    'the client is silent',
    (entrance) => entrance.session.silent(),
    { commands: timeout, message: timeout, chunk: timeout, handshake: silence, unread: silence },
  ],
  ['another client needs the place', (entrance) => entrance.session.giveWay(later), { commands: full, handshake: full.slice(1) }],
  [
    'smtpd leaves',
    (entrance) => entrance.session.leave(),
    { greeting: leaving, commands: leaving, tarpit: leaving, handshake: leaving.slice(1) },
  ],
  ['the client sends no more', (entrance) => entrance.session.inputEnded(), { greeting: left, commands: left, message: left, chunk: left }],
  [
    'the connection breaks',
    (entrance) => entrance.session.lost(),
    Object.fromEntries(Object.keys(states).map((name) => [name, name === 'over' ? [] : broken])),
  ],
]

for (const [event, act, expected] of events) {
  t.test(`where ${event}`, async (t) => {
    for (const name of Object.keys(states)) {
      const entrance = enter(t, name)
      const seen = expected[name] ?? []
      act(entrance)
      t.same(entrance.look().sort(), seen.toSorted(), name)
      t.equal(entrance.session.isOver, name === 'over' || seen.some((text) => text.startsWith('end: ')), `${name}: is it over`)
    }
  })
}

t.test('what came while a session waited counts when it waits no more', async (t) => {
  const cases: [string, (entrance: Entrance) => unknown, last: string, string[]][] = [
    ['asking', (entrance) => entrance.say('x\r\n.\r\n'), '250 ok N', ['354 go ahead', '250 ok N qp N', 'resume']],
    ['asking', (entrance) => entrance.session.leave(), '354', ['354 go ahead', 'resume']],
    ['asking', (entrance) => entrance.session.inputEnded(), 'close', ['354 go ahead', ...left]],
    ['full', (entrance) => entrance.say('.\r\nNOOP\r\n'), '250 ok', ['250 ok N qp N', '250 ok', 'resume']],
    ['full', (entrance) => entrance.session.leave(), 'resume', ['resume']],
    ['full', (entrance) => entrance.session.inputEnded(), 'close', left],
    ['judging', (entrance) => entrance.say('NOOP\r\n'), '250 ok', ['250 ok N qp N', '250 ok', 'resume']],
    ['judging', (entrance) => entrance.session.leave(), 'close', ['250 ok N qp N', ...leaving]],
    ['judging', (entrance) => entrance.session.inputEnded(), 'close', ['250 ok N qp N', ...left]],
    [
      'judging',
      (entrance) => [entrance.say('QUIT\r\n'), entrance.session.inputEnded()],
      'close',
      ['250 ok N qp N', '221 test.example', 'end: quit', 'close 0'],
    ],
    ['handshake', (entrance) => entrance.say('NOOP\r\n'), 'close', ['end: no TLS', 'close 1']],
    ['unread', (entrance) => entrance.say('NOOP\r\n'), 'resume', ['250 ok', 'resume']],
    ['unread', (entrance) => entrance.session.leave(), 'close', leaving],
    ['unread', (entrance) => entrance.session.inputEnded(), 'close', left],
  ]
  for (const [name, act, last, expected] of cases) {
    const entrance = enter(t, name)
    act(entrance)
    entrance.look()
    entrance.release()
    const seen = await entrance.lookFor(last)
    await new Promise((resolve) => setImmediate(resolve))
    t.same([...seen, ...entrance.look()].sort(), expected.toSorted(), `${name}: ${act}`)
  }
})
