/** Rounds of the rows in which messages come in by SMTP and go to Maildirs, or out to the next host. */
import { until } from '../support/wait.ts'
import { type Account, nameEnd } from './accounts.ts'
import { type Load, type Sink, send, sendInTurn } from './load.ts'
import type { Sample, Side } from './paired.ts'
import { delivered, emptyMaildirs, lastDelivery, queued, type System } from './system.ts'
import { cpuSeconds, pss } from './tree.ts'

export type Size = Omit<Load, 'port'>

/** Do some work with a system: how long it took by `ended`, and what it cost. @param work - returns the load's own seconds */
export async function measured(
  system: System,
  messages: number,
  work: () => Promise<number>,
  ended: () => number,
): Promise<Sample & { readonly seconds: number }> {
  const cpu = cpuSeconds(system.pid)
  const start = Date.now()
  const loadSeconds = await work()
  const seconds = (ended() - start) / 1000
  return { value: messages / seconds, seconds, cpuSeconds: cpuSeconds(system.pid) - cpu, loadSeconds, messages }
}

/** In → Maildir; the value is messages a second from the first connection to the last delivery. */
export function toMaildirs(system: System, accounts: readonly Account[], size: Size): Side {
  return side(system, async () => {
    emptyMaildirs(system, accounts)
    const load = { ...size, port: system.smtpPort }
    const [account] = accounts
    const work = async (): Promise<number> => {
      const seconds =
        accounts.length === 1
          ? await send(load, `${account?.name}@${system.host}`)
          : await sendInTurn(load, accounts.length, `${nameEnd}@${system.host}`)
      await until(`${system.name} delivers`, () => delivered(system, accounts) >= size.messages)
      return seconds
    }
    const sample = await measured(system, size.messages, work, () => lastDelivery(system, accounts))
    await drained(system)
    return sample
  })
}

/** In → SMTP out: until the next host has the last message. */
export function toNextHost(system: System, sink: Sink, recipient: string, size: Size): Side {
  return side(system, async () => {
    sink.clear()
    const work = async (): Promise<number> => {
      const seconds = await send({ ...size, port: system.smtpPort }, recipient)
      await until(`${system.name} sends`, () => sink.messages() >= size.messages)
      return seconds
    }
    const sample = await measured(system, size.messages, work, () => sink.last())
    await drained(system)
    return sample
  })
}

export async function drained(system: System): Promise<void> {
  await until(`the queue of ${system.name} is empty`, () => queued(system) === 0)
}

/**
 * A side that remembers its peak of memory. It is looked at every second of the first round, which is not counted, and after each of
 * the others: a look costs as much processor time as a hundred messages.
 */
export function side(system: System, round: () => Promise<Sample>): Side {
  let peak = 0
  let rounds = 0
  const look = (): void => {
    peak = Math.max(peak, pss(system.pid))
  }
  return {
    name: system.name,
    async round() {
      const timer = rounds === 0 ? setInterval(look, 1000) : undefined
      rounds += 1
      const sample = await round()
      clearInterval(timer)
      look()
      return sample
    },
    peak: () => peak,
  }
}
