/** Rows of IMAP: each operation on both servers in turn, one session after the other. */
import type { Account } from './accounts.ts'
import { type ImapSide, password, withImap } from './imap.ts'
import { ImapClient } from './imapclient.ts'
import { imapLogins, imapMemory, imapTls } from './imapsessions.ts'
import { quartersOf } from './paired.ts'
import { number } from './report.ts'
import { type Figure, type Row, type RowResult, Skip } from './rows.ts'
import type { Shared } from './shared.ts'

const fields = 'BODY.PEEK[HEADER.FIELDS (From To Cc Subject Date Message-ID References Content-Type)]'

/** What is asked twice: at first, and again. Its name, the command, and what is to be reached again. */
const asked: readonly (readonly [name: string, command: string, again: number])[] = [
  ['SIZE', 'FETCH 1:* (RFC822.SIZE)', 2],
  ['ENVELOPE', 'FETCH 1:* (ENVELOPE)', 2],
  ['header fields', `FETCH 1:* (${fields})`, 2],
  ['BODYSTRUCTURE', 'FETCH 1:* (BODYSTRUCTURE)', 1],
  ['SEARCH SUBJECT', 'SEARCH SUBJECT outage', 2],
  ['SORT', 'SORT (REVERSE DATE) UTF-8 ALL', 1],
  ['THREAD', 'THREAD REFERENCES UTF-8 ALL', 1],
]
const stores = 100
const appends = 50
const message = `From: a@b.example\r\nSubject: appended\r\n\r\n${`${'x'.repeat(70)}\r\n`.repeat(56)}`

export const imapRows: readonly Row[] = [
  mailboxRow(1_000, true),
  mailboxRow(10_000),
  mailboxRow(100_000),
  { name: 'imap logins', load: 'log in, SELECT, log out, again and again', run: imapLogins },
  { name: 'imap TLS', load: '10,000 messages of 4 KB over TLS', run: imapTls },
  { name: 'imap idle', load: '1,000 sessions in IDLE, of 100 users', run: imapMemory },
]

function mailboxRow(messages: number, quick?: true): Row {
  return {
    name: `imap ${messages.toLocaleString('en-US')}`,
    load: `one mailbox of ${messages.toLocaleString('en-US')} messages`,
    ...(quick === undefined ? {} : { quick }),
    run: (shared) => mailbox(shared, messages),
  }
}

/** Milliseconds of each operation, by its name. */
type Times = Map<string, number>

async function mailbox(shared: Shared, messages: number): Promise<RowResult> {
  const [account] = shared.accounts
  if (account === undefined) throw new Skip('no accounts')
  return withImap(shared, 'imap', [account], messages, async (sides) => {
    const rounds: (readonly Times[])[] = []
    const end = performance.now() + 1000 * shared.bounds.seconds
    do {
      const times = new Map<ImapSide, Times>()
      for (const side of rounds.length % 2 === 0 ? sides : [...sides].reverse()) times.set(side, await session(side, account))
      rounds.push(sides.map((side) => times.get(side) ?? new Map()))
    } while (performance.now() < end)
    return { unit: 'ms', paired: undefined, figures: figuresOf(rounds) }
  })
}

/** How long each operation takes: in a session of which nothing is known, and in one after it. */
async function session(side: ImapSide, account: Account): Promise<Times> {
  const times: Times = new Map()
  await side.forget(account)
  const first = await ImapClient.logIn(side.doors, false, account.name, password)
  await clock(times, 'SELECT first', () => first.command('SELECT INBOX'))
  for (const [name, command] of asked) await clock(times, `${name} first`, () => first.command(command))
  await first.logOut()
  const client = await ImapClient.logIn(side.doors, false, account.name, password)
  await client.command('SELECT INBOX')
  for (const [name, command] of asked) await clock(times, `${name} again`, () => client.command(command))
  await clock(times, 'STATUS', () => client.command('STATUS INBOX (MESSAGES UNSEEN)'), 20)
  await clock(times, 'FETCH BODY[] of 500', () => client.command('FETCH 1:500 (BODY.PEEK[])'))
  let number = 0
  const store = (): Promise<number> => {
    number += 1
    return client.command(`STORE ${number} +FLAGS.SILENT (\\Flagged)`)
  }
  await clock(times, 'STORE of one flag', store, stores)
  await client.command(`STORE 1:${stores} -FLAGS.SILENT (\\Flagged)`)
  await client.command('UNSELECT')
  await clock(times, 'SELECT again', () => client.command('SELECT INBOX'))
  await clock(times, 'APPEND', () => client.command(`APPEND INBOX (\\Seen) {${message.length}+}\r\n${message}`), appends)
  await client.command('STORE * +FLAGS.SILENT (\\Deleted)') // so that the mailbox does not grow from round to round
  await client.logOut()
  return times
}

/** @param count - how often it is done; the time is that of one */
async function clock(times: Times, name: string, work: () => Promise<unknown>, count = 1): Promise<void> {
  const start = performance.now()
  for (let n = 0; n < count; n += 1) await work()
  times.set(name, (performance.now() - start) / count)
}

function figuresOf(rounds: readonly (readonly Times[])[]): Figure[] {
  const targets: [string, number][] = [
    ['SELECT first', 1],
    ['SELECT again', 2],
    ...asked.flatMap(([name, , again]): [string, number][] => [
      [`${name} first`, 1],
      [`${name} again`, again],
    ]),
    ['STORE of one flag', 2],
    ['STATUS', 1],
    ['FETCH BODY[] of 500', 1],
    ['APPEND', 1],
  ]
  return targets.map(([name, target]) => {
    const all = rounds.map((sides) => sides.map((times) => times.get(name) ?? Number.NaN))
    const [ours, theirs] = [0, 1].map((side) => quartersOf(all.map((times) => times[side] ?? Number.NaN)).median)
    const { median, low, high } = quartersOf(all.map(([own = Number.NaN, other = Number.NaN]) => other / own))
    const of = `${number(ours ?? Number.NaN)} ms, dovecot ${number(theirs ?? Number.NaN)} ms`
    return { what: `${name}, × dovecot's speed`, value: median, unit: '', sense: '≥', target, spread: [low, high], of }
  })
}
