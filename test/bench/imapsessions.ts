/** Rows of many IMAP sessions: what a login costs, what a session costs that waits, and what TLS costs. */
import { type ImapSide, password, withImap } from './imap.ts'
import { ImapClient } from './imapclient.ts'
import { paired, type Sample, type Side } from './paired.ts'
import { number } from './report.ts'
import { type Figure, type RowResult, Skip } from './rows.ts'
import type { Shared } from './shared.ts'
import { cpuSeconds, pss } from './tree.ts'

const idlers = 1_000
const parkingSeconds = 110 // a session rests after 30 s, and a worker without one leaves after 60 s

/** Log in, SELECT, log out: once before the clock runs, because what was right once is remembered on both sides. */
export async function imapLogins(shared: Shared): Promise<RowResult> {
  const accounts = shared.accounts.slice(0, 1)
  const [account] = accounts
  if (account === undefined) throw new Skip('no accounts')
  const side = ({ name, doors, pid }: ImapSide): Side => ({
    name,
    peak: () => 0,
    async round(): Promise<Sample> {
      const [cpu, start, messages] = [cpuSeconds(pid), performance.now(), 50]
      for (let n = 0; n < messages; n += 1) {
        const client = await ImapClient.logIn(doors, false, account.name, password)
        await client.command('SELECT INBOX')
        await client.logOut()
      }
      return { value: (1000 * messages) / (performance.now() - start), cpuSeconds: cpuSeconds(pid) - cpu, messages }
    },
  })
  return withImap(shared, 'imap', accounts, 100, async (sides) => {
    const result = await paired(sides.map(side), shared.bounds)
    const [ratio] = result.ratios
    if (ratio === undefined) throw new Error('nothing to compare with')
    const figure: Figure = { what: '× dovecot', value: ratio.median, unit: '', sense: '≥', target: 2, spread: [ratio.low, ratio.high] }
    return { unit: 'logins/s', paired: result, figures: [figure] }
  })
}

/** Processor time of the server for each byte that a client gets over TLS. */
export async function imapTls(shared: Shared): Promise<RowResult> {
  const accounts = shared.accounts.slice(0, 1)
  const [account] = accounts
  if (account === undefined) throw new Skip('no accounts')
  const side = ({ name, doors, pid }: ImapSide): Side => ({
    name,
    peak: () => 0,
    async round(): Promise<Sample> {
      const client = await ImapClient.logIn(doors, true, account.name, password)
      await client.command('SELECT INBOX')
      const cpu = cpuSeconds(pid)
      const bytes = await client.command('FETCH 1:* (BODY.PEEK[])')
      const seconds = cpuSeconds(pid) - cpu
      await client.logOut()
      return { value: (1000 * seconds) / (bytes / 1e6), cpuSeconds: seconds, messages: bytes / 4_000 }
    },
  })
  return withImap(shared, 'imap', accounts, 10_000, async (sides) => {
    const result = await paired(sides.map(side), shared.bounds)
    const [ratio] = result.ratios
    if (ratio === undefined) throw new Error('nothing to compare with')
    const figure: Figure = { what: "× dovecot's", value: ratio.median, unit: '', sense: '≤', target: 1.5, spread: [ratio.low, ratio.high] }
    return { unit: 'ms of CPU a MB', paired: result, figures: [figure] }
  })
}

/** Memory of everything that a server runs while so many sessions wait in IDLE, in clear and over TLS. */
export async function imapMemory(shared: Shared): Promise<RowResult> {
  const figures = await withImap(shared, 'imap', shared.accounts, 10, async (sides) => {
    const found: Figure[] = []
    for (const isTls of [false, true]) {
      const [ours, theirs] = [await memoryOf(sides[0], shared, isTls), await memoryOf(sides[1], shared, isTls)]
      const of = `dovecot ${number(theirs / 1e6)} MB`
      found.push({ what: isTls ? 'over TLS' : 'in clear', value: ours / 1e6, unit: ' MB', sense: '≤', target: isTls ? 160 : 100, of })
    }
    return found
  })
  return { unit: '', paired: undefined, figures }
}

/** @returns bytes beyond those that it has with no session */
async function memoryOf({ doors, pid }: ImapSide, { accounts }: Shared, isTls: boolean): Promise<number> {
  const before = pss(pid)
  const clients: ImapClient[] = []
  for (let n = 0; n < idlers; n += 1) {
    const client = await ImapClient.logIn(doors, isTls, accounts[n % accounts.length]?.name ?? '', password)
    await client.command('SELECT INBOX')
    client.say('i IDLE')
    await client.until('+ ')
    clients.push(client)
  }
  await new Promise((resolve) => setTimeout(resolve, 1000 * parkingSeconds))
  const memory = pss(pid) - before
  for (const client of clients) client.hangUp()
  return memory
}
