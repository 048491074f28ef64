/** The rows of the table: each a load, and what is to be reached. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { until } from '../support/wait.ts'
import { nameEnd } from './accounts.ts'
import { clocked } from './clocked.ts'
import { drained, measured, type Size, side, toMaildirs, toNextHost } from './delivery.ts'
import { dovecotMissing, startDovecot } from './dovecot.ts'
import { type Paired, paired, type Sample, type Side } from './paired.ts'
import { readMailbox } from './pop3.ts'
import type { Shared } from './shared.ts'
import { submit } from './submit.ts'
import { lastDelivery, lastLeft, type System } from './system.ts'
import { cpuSeconds } from './tree.ts'
import type { Yabumi } from './yabumi.ts'

/** One thing that is to be reached. */
export interface Figure {
  readonly what: string
  readonly value: number
  readonly unit: string
  readonly sense: '≥' | '≤'
  readonly target: number
  /** The middle half of the rounds. */
  readonly spread?: readonly [low: number, high: number]
  /** What it is made of, in words. */
  readonly of?: string
}

export interface RowResult {
  readonly figures: readonly Figure[]
  readonly unit: string
  readonly paired: Paired | undefined
}

export interface Row {
  readonly name: string
  readonly load: string
  /** In the quick form too. */
  readonly quick?: true
  /** @param shared - the systems, already running. Throws a Skip if what it needs is missing. */
  run(shared: Shared): Promise<RowResult>
}

export class Skip extends Error {}

const small = 2_000

export const rows: readonly Row[] = [
  deliveryRow('in→Maildir', '2 KB, 20 sessions', 2.0, 1, { messages: 3_000, sessions: 20, sizeBytes: small }, true),
  deliveryRow('in→Maildir, 1 session', '2 KB, one connection', 1.0, 1, { messages: 600, sessions: 1, sizeBytes: small, keep: true }),
  deliveryRow('in→Maildir, 100 users', '2 KB, 100 accounts in turn, 20 sessions', 1.5, 100, {
    messages: 2_000,
    sessions: 20,
    sizeBytes: small,
  }),
  deliveryRow('in→Maildir, 100 KB', '10 sessions', 1.0, 1, { messages: 500, sessions: 10, sizeBytes: 100_000 }),
  deliveryRow('in→Maildir, 10 MB', '2 sessions', 1.0, 1, { messages: 20, sessions: 2, sizeBytes: 10_000_000 }),
  {
    name: 'in→SMTP out',
    load: '2 KB, 20 sessions, to smtp-sink',
    quick: true,
    async run(shared) {
      const size = { messages: 2_000, sessions: 20, sizeBytes: small }
      return compared(shared, 'messages/s', 2.0, (system) => toNextHost(system, shared.sink, 'someone@out.example', size))
    },
  },
  manyRow('one → 1,000 recipients, one domain', (n) => `user${n}@out.example`, 'queue'),
  manyRow('one → 1,000 recipients, 1,000 domains', (n) => `user@d${n}.many.example`, 'queue'),
  manyRow('one → 1,000 local recipients', (n, system) => `${(n % 100) + 1}${nameEnd}-${n}@${system.host}`, 'maildirs'),
  {
    name: 'inject from the shell',
    load: '200 in a row, 200 bytes',
    quick: true,
    async run(shared) {
      const message = join(shared.directory, 'message')
      writeFileSync(message, `To: ${shared.accounts[0]?.name}@${shared.other?.host}\nSubject: bench\n\n${'x'.repeat(130)}\n`)
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's
      const twoHundredTimes = 'for ((i = 0; i < 200; i++)); do "${@:2}" <"$1" || exit 1; done'
      return compared(shared, 's', 1.5, (system) =>
        side(system, async () => {
          const [cpu, start] = [cpuSeconds(system.pid), Date.now()]
          const env = 'environment' in system ? (system as Yabumi).environment : undefined
          const own = await clocked(twoHundredTimes, [message, ...system.inject], env)
          const seconds = (Date.now() - start) / 1000
          await drained(system)
          return { value: seconds, cpuSeconds: cpuSeconds(system.pid) - cpu + own, messages: 200 }
        }),
      )
    },
  },
  { name: 'POP3', load: 'log in, LIST, RETR all, QUIT: 5,000 messages of 4 KB', run: pop3 },
]

/** In → Maildir, on all systems. */
function deliveryRow(name: string, load: string, target: number, users: number, size: Size, quick?: true): Row {
  return {
    name,
    load,
    ...(quick === undefined ? {} : { quick }),
    run: (shared) => compared(shared, 'messages/s', target, (system) => toMaildirs(system, shared.accounts.slice(0, users), size)),
  }
}

/** One message to a thousand: the time until the last one has it. */
function manyRow(name: string, recipient: (n: number, system: System) => string, until: 'queue' | 'maildirs'): Row {
  return {
    name,
    load: 'one message',
    async run(shared) {
      return compared(shared, 's', 1.0, (system) =>
        side(system, async () => {
          const recipients = Array.from({ length: 1_000 }, (_, n) => recipient(n, system))
          const work = async (): Promise<number> => {
            await submit(system.smtpPort, recipients, `Subject: to a thousand\r\n\r\n${'x'.repeat(70)}`)
            await drained(system)
            return 0
          }
          const ended = (): number => (until === 'queue' ? lastLeft(system) : lastDelivery(system, shared.accounts))
          const sample = await measured(system, 1_000, work, ended)
          return { ...sample, value: sample.seconds }
        }),
      )
    },
  }
}

/** All systems beside each other; the target is for the ratio to Postfix, and five times qmail for the first row. */
async function compared(shared: Shared, unit: string, target: number, make: (system: System) => Side): Promise<RowResult> {
  if (shared.other === undefined) throw new Skip(shared.otherMissing)
  const systems = [shared.yabumi, shared.other, ...(shared.qmail === undefined ? [] : [shared.qmail])]
  const result = await paired(systems.map(make), shared.bounds)
  return { unit, paired: result, figures: [figureOf(result, 0, unit, shared.isBefore ? asBefore(unit) : target)] }
}

/** What may be lost against a checkout before. */
function asBefore(unit: string): number {
  return unit === 's' ? 1 / 0.95 : 0.95
}

export function figureOf(result: Paired, other: number, unit: string, target: number): Figure {
  const ratio = result.ratios[other]
  if (ratio === undefined) throw new Error('nothing to compare with')
  const name = result.sides[other + 1]?.name ?? ''
  return { what: `× ${name}`, value: ratio.median, unit: '', sense: unit === 's' ? '≤' : '≥', target, spread: [ratio.low, ratio.high] }
}

async function pop3(shared: Shared): Promise<RowResult> {
  const missing = dovecotMissing()
  if (missing !== undefined) throw new Skip(missing)
  const [account] = shared.accounts
  if (account === undefined) throw new Skip('no accounts')
  const maildirs = [shared.yabumi.maildir, 'Dovecot'].map((name) => join(account.home, name)) as [string, string]
  for (const maildir of maildirs) {
    for (const part of ['tmp', 'new', 'cur']) mkdirSync(join(maildir, part), { recursive: true, mode: 0o700 })
    const text = `From: a@b.example\nSubject: bench\n\n${`${'x'.repeat(70)}\n`.repeat(56)}`
    for (let n = 0; n < 5_000; n += 1) {
      const path = join(maildir, `cur/${1_700_000_000 + n}.M${n}P1.bench:2,S`)
      if (n === 0) writeFileSync(path, text)
      else copyFileSync(join(maildir, 'cur/1700000000.M0P1.bench:2,S'), path)
    }
    await execa('chown', ['-R', `${account.uid}:${account.gid}`, maildir])
  }
  await execa(join(shared.yabumi.home, 'bin/setpassword'), [account.name], { env: shared.yabumi.environment, input: 'secret\n' })
  const dovecot = await startDovecot(join(shared.directory, 'dovecot'), account, maildirs[1], 'secret')
  const client = (name: string, port: number, pid: number): Side => ({
    name,
    peak: () => 0,
    async round(): Promise<Sample> {
      const cpu = cpuSeconds(pid)
      const start = performance.now()
      const { messages } = await readMailbox(port, account.name, 'secret')
      const seconds = (performance.now() - start) / 1000
      if (messages !== 5_000) throw new Error(`${name} has ${messages} messages`)
      return { value: messages / seconds, cpuSeconds: cpuSeconds(pid) - cpu, messages }
    },
  })
  try {
    await until('Dovecot answers', () =>
      readMailbox(dovecot.port, account.name, 'secret')
        .then(() => true)
        .catch(() => false),
    )
    const sides = [client('yabumi', shared.yabumi.pop3Port, shared.yabumi.pid), client('dovecot', dovecot.port, dovecot.pid)]
    const result = await paired(sides, shared.bounds)
    return { unit: 'messages/s', paired: result, figures: [figureOf(result, 0, 'messages/s', 1.0)] }
  } finally {
    await dovecot.stop()
  }
}
