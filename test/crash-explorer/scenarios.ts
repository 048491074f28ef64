/**
 * What is recorded: messages, where they go, and what must become of them.
 *
 * A recipient is `joe-TAG-LETTERS@host`; TAG says which scenario or which rebuilt state the message belongs to, the letters what happens to
 * it (see dotfiles). Tags are of one length, so that a recording can be given another tag without moving a byte.
 */
import { hostName } from '../support/home.ts'
import { randomFrom } from './random.ts'

export const tagPattern = /t\d{6}/g

export function tagOf(number: number): string {
  return `t${String(number).padStart(6, '0')}`
}

export const farHost = 'far.example'
/** Takes the bounces of bounces of all states. */
export const doubleBounces = 'dbl'

/** Where one copy of a message arrives: the name of a mailbox of its tag. */
export interface Arrival {
  readonly box: string
  /** Most copies that a crash may add to those that are there: one for each delivery that can be under way. */
  readonly repeats: number
}

/** A recipient, by the letters of its address, and what must come of it. */
export interface Destination {
  readonly letters: string
  readonly arrivals: readonly Arrival[]
  /** Who is told that it failed, if it must fail. */
  readonly bounce?: Arrival
  /** A tool removes it from the queue: it may have been delivered before, and with `--bounce` the sender is told if not. */
  readonly removed?: 'silently' | 'with a bounce'
}

export interface ScenarioMessage {
  readonly sender: string
  readonly to: readonly Destination[]
  /** How it comes in; `killed`: its queue is killed, and what is left has become old when the system starts. */
  readonly by: 'inject' | 'smtp' | 'queue' | 'dropped' | 'killed'
  readonly lines: number
}

export interface Scenario {
  readonly name: string
  readonly messages: readonly ScenarioMessage[]
  /** Send them at the same time instead of one after the other is finished. */
  readonly together?: boolean
  /** A delivery is deferred at first. */
  readonly deferred?: boolean
  /** Queue tools that are run then; TAG stands for the tag. */
  readonly tools?: readonly (readonly string[])[]
}

const once = (box: string): Destination => ({ letters: box, arrivals: [{ box, repeats: 1 }] })
const maildir = once('a')
const second = once('b')
const mbox = once('m')
const program = once('p')
const far = once('r')
const farToo = once('q')
const deferred = once('d')
// the message under way and its forward may both be repeated
const forward: Destination = { letters: 'f', arrivals: [{ box: 'a', repeats: 2 }] }
const both: Destination = {
  letters: 'g',
  arrivals: [
    { box: 'b', repeats: 1 },
    { box: 'a', repeats: 2 },
  ],
}
const nobody: Destination = { letters: 'x', arrivals: [], bounce: { box: 's', repeats: 2 } }
const nobodyTwice: Destination = { letters: 'y', arrivals: [], bounce: { box: doubleBounces, repeats: 3 } }

function message(to: readonly Destination[], options: Partial<ScenarioMessage> = {}): ScenarioMessage {
  return { sender: 's', to, by: 'smtp', lines: 6, ...options }
}

/** In the order in which they are recorded. */
export const scenarios: readonly Scenario[] = [
  { name: 'Maildir, by inject', messages: [message([maildir], { by: 'inject' })] },
  { name: 'Maildir, by SMTP', messages: [message([maildir])] },
  { name: 'Maildir, by the one-shot queue', messages: [message([maildir], { by: 'queue' })] },
  { name: 'two recipients, by the one-shot queue', messages: [message([maildir, mbox], { by: 'queue' })] },
  { name: 'mbox, twice', messages: [message([mbox]), message([mbox])] },
  {
    name: 'one after the other',
    messages: [message([maildir], { lines: 12 }), message([second], { lines: 9 }), message([mbox]), message([maildir], { lines: 4 })],
  },
  { name: 'program', messages: [message([program])] },
  { name: 'forward', messages: [message([forward])] },
  { name: 'Maildir and forward in one file', messages: [message([both])] },
  { name: 'several recipients', messages: [message([maildir, second, mbox, program])] },
  { name: 'another host', messages: [message([far])] },
  { name: 'two at another host, by the one-shot queue', messages: [message([far, farToo], { by: 'queue' })] },
  { name: 'here and at another host', messages: [message([maildir, far, farToo], { by: 'inject' })] },
  { name: 'deferral and retry', messages: [message([deferred])], deferred: true },
  { name: 'deferral of one of two, and retry', messages: [message([maildir, deferred])], deferred: true },
  { name: 'qretry', messages: [message([deferred])], deferred: true, tools: [['qretry', '--all', '--yes']] },
  {
    name: 'qhold and qrelease',
    messages: [message([maildir, deferred])],
    deferred: true,
    tools: ['qhold', 'qrelease'].map((tool) => [tool, '--all', '--yes']),
  },
  {
    name: 'qrm of one of two recipients',
    messages: [message([maildir, { ...deferred, removed: 'silently' }])],
    deferred: true,
    tools: [['qrm', '--yes', '--recipient', `joe-TAG-d@${hostName}`]],
  },
  {
    name: 'qrm with a bounce',
    messages: [message([maildir, { ...deferred, removed: 'with a bounce' }])],
    deferred: true,
    tools: [['qrm', '--yes', '--bounce', '--recipient', `joe-TAG-d@${hostName}`]],
  },
  { name: 'failure and bounce', messages: [message([nobody])] },
  { name: 'failure of one of two, and bounce', messages: [message([maildir, nobody])] },
  { name: 'double bounce', messages: [message([nobodyTwice], { sender: 'x' })] },
  { name: 'long message', messages: [message([maildir, mbox], { lines: 900 })] },
  { name: 'connection lost in the message', messages: [message([maildir], { by: 'dropped', lines: 1_000 })] },
  { name: 'queue killed, and the sweep after 36 hours', messages: [message([maildir], { by: 'killed' })] },
  {
    name: 'four at once',
    messages: [message([maildir]), message([second, mbox]), message([maildir], { by: 'inject' }), message([mbox, nobody])],
    together: true,
  },
]

const ways = ['inject', 'smtp', 'queue'] as const

/** Two or three messages at the same time, to recipients of all kinds, by chance: `random SEED.NUMBER`. */
function randomScenario(name: string): Scenario {
  const [, seed = '0', number = '0'] = /^random (\d+)\.(\d+)$/.exec(name) ?? []
  const random = randomFrom(Number(seed) * 1_000 + Number(number))
  const one = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T
  const messages = Array.from({ length: 2 + Math.floor(random() * 2) }, () => {
    const into = one([maildir, forward, both])
    const others = [into === both ? far : second, mbox, program, farToo, nobody].filter(() => random() < 0.25)
    return message([into, ...others], { by: one(ways) })
  })
  return { name, messages, together: true }
}

export function randomNames(seed: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `random ${seed}.${index + 1}`)
}

/** @throws Error if there is none of this name */
export function scenarioNamed(name: string): Scenario {
  const found = name.startsWith('random ') ? randomScenario(name) : scenarios.find((scenario) => scenario.name === name)
  if (found === undefined) throw new Error(`no scenario is called ${name}`)
  return found
}

/** Letters that need a dotfile, and mailboxes, for a scenario. */
export function needsOf({ messages }: Scenario): { letters: ReadonlySet<string>; boxes: ReadonlySet<string> } {
  const letters = new Set(messages.flatMap(({ to, sender }) => [...to.map((one) => one.letters), sender]))
  if (letters.has('f') || letters.has('g')) letters.add('a') // where those forward to
  const boxes = messages.flatMap(({ to }) => to.flatMap(({ arrivals }) => arrivals.map(({ box }) => box)))
  return { letters, boxes: new Set(['s', ...boxes]) }
}

export function addressOf(letters: string, tag: string): string {
  return letters === 'r' || letters === 'q' ? `joe-${tag}-${letters}@${farHost}` : `joe-${tag}-${letters}@${hostName}`
}

/** The `.qmail-TAG-LETTERS` files of a tag. */
export function dotfiles(tag: string): [letters: string, text: string][] {
  const boxes = `./boxes/${tag}`
  const file = `boxes/${tag}/p/tmp/$$`
  const store = `|dd of=${file} bs=65536 status=none && sync ${file} && mv ${file} boxes/${tag}/p/new/$$ && sync boxes/${tag}/p/new`
  return [
    ['a', `${boxes}/a/\n`],
    ['b', `${boxes}/b/\n`],
    ['m', `${boxes}/m\n`],
    ['p', `${store}\n`],
    ['s', `${boxes}/s/\n`],
    ['f', `&joe-${tag}-a@${hostName}\n`],
    ['g', `${boxes}/b/\n&joe-${tag}-a@${hostName}\n`],
    ['d', `|test -e flags/${tag} || exit 111\n${boxes}/d/\n`],
  ]
}

/** Maildirs that a tag may need; `r` and `q` are kept by the other host. */
export const maildirs = ['a', 'b', 'p', 's', 'd'] as const
export const farBoxes = ['r', 'q'] as const

/** What is said of each message that the one-shot queue takes; the facts of its envelope must bring it to the next host. */
export const saidBody = 'BODY=8BITMIME'
/** The field that the other host keeps them in. */
export const toldField = 'X-Told'

/** The key of message `number` of a tag's scenario. */
export function keyOf(tag: string, number: number): string {
  return `${tag}.${number}`
}

/** What is injected, LF line ends: every line of the body names its message and its place. */
export function textOf(tag: string, number: number, { to, lines }: ScenarioMessage): { header: string; body: string } {
  const key = keyOf(tag, number)
  const visible = to.map(({ letters }) => addressOf(letters, tag)).join(', ')
  const header = `From: <someone@${hostName}>\nTo: ${visible}\nSubject: message ${key}\nX-Crash: ${key}\n`
  const body = Array.from({ length: lines }, (_, line) => `${key} line ${String(line).padStart(5, '0')} of ${lines} ${'-'.repeat(50)}\n`)
  return { header, body: `${body.join('')}${key} end\n` }
}
