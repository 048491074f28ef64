/** kill -9 of any program of IMAP while two clients are at work: what was answered is there, and every UID stays the message that it was. */
import t from 'tap'
import { amRoot, hostName, ScratchHome } from '../support/home.ts'
import { ImapClient } from '../support/imapclient.ts'
import { giveAccounts, Logins } from '../support/logins.ts'
import { until } from '../support/wait.ts'

const password = 'geheim'
const before = 12 // changes that are answered before the kill, and after it
const serve = ['bin/imap', '--worker', 'Maildir', '%']

/** Where a message is, as its client was told. */
interface Told {
  readonly box: string
  readonly uid: number
}

/** A client that appends messages, moves some, and comes back when it is thrown out. */
class Busy {
  readonly told = new Map<string, Told>()
  /** What was under way when the connection was lost: nobody knows what became of it. */
  readonly unknown = new Set<string>()
  readonly #logins: Logins
  readonly #name: string
  #made = 0
  #ended = false

  constructor(logins: Logins, name: string) {
    this.#logins = logins
    this.#name = name
  }

  end(): void {
    this.#ended = true
  }

  async work(): Promise<void> {
    while (!this.#ended) {
      const client = await until('a login', () => logIn(this.#logins))
      try {
        await client.must('SELECT INBOX')
        while (!this.#ended) await this.#change(client)
      } catch {
        // thrown out: again
      } finally {
        client.close()
      }
    }
  }

  async #change(client: ImapClient): Promise<void> {
    this.#made += 1
    const id = `${this.#name}-${this.#made}`
    this.unknown.add(id)
    const uid = await client.append('INBOX', `X-Id: ${id}\r\n\r\nbody of ${id}\r\n`)
    this.told.set(id, { box: 'INBOX', uid })
    this.unknown.delete(id)
    await client.must(`UID STORE ${uid} +FLAGS (\\Flagged work)`)
    if (this.#made % 3 !== 0) return
    this.told.delete(id)
    this.unknown.add(id)
    const { text, untagged } = await client.must(`UID MOVE ${uid} Archive`)
    const there = /COPYUID \d+ \d+ (\d+)/.exec([text, ...untagged].join('\n'))?.[1]
    this.told.set(id, { box: 'Archive', uid: Number(there) })
    this.unknown.delete(id)
  }
}

async function logIn(logins: Logins): Promise<ImapClient | undefined> {
  try {
    const client = await ImapClient.open(logins.port)
    if ((await client.say(`LOGIN kyoma ${password}`)).status === 'OK') return client
    client.close()
  } catch {
    // nobody listens now
  }
  return undefined
}

/** Every message of a mailbox: what it says it is, by UID. */
async function look(client: ImapClient, box: string): Promise<Map<number, string>> {
  await client.must(`SELECT ${box}`)
  const found = new Map<number, string>()
  for (const items of await client.fetch('UID FETCH 1:* (UID BODY.PEEK[])')) {
    const text = String(items.get('BODY[]')).slice(1)
    const id = /^X-Id: (\S+)\r\n\r\nbody of \1\r\n$/.exec(text)?.[1]
    found.set(Number(items.get('UID')), id ?? `torn: ${text}`)
  }
  return found
}

type Victim = 'worker' | 'sessiond' | 'authd' | 'imapd'

/** Kill it, and start it again as supervise does; a worker is started by the next login. */
async function kill(logins: Logins, victim: Victim): Promise<void> {
  if (victim === 'worker') {
    const pid = [...logins.log.matchAll(/imapd: \S+ \d+: pid (\d+): kyoma$/gm)].at(-1)?.[1]
    process.kill(Number(pid), 'SIGKILL')
    return
  }
  await logins.stop(victim, 'SIGKILL')
  const front = ['--listen', `127.0.0.1:${logins.port}`, '--ready-fd', '3', hostName, 'imap', '--worker', 'Maildir']
  const args = { sessiond: ['--ready-fd', '3', ...serve], authd: ['--ready-fd', '3'], imapd: front }
  await logins.start(victim, args[victim])
}

for (const victim of ['worker', 'sessiond', 'authd', 'imapd'] as const) {
  t.test(`kill -9 of ${victim}`, async (t) => {
    const home = await ScratchHome.make(t, 'kyoma')
    if (amRoot) giveAccounts(home)
    await home.run('setpassword', ['kyoma'], { input: `${password}\n` })
    const logins = await Logins.start(t, home, { front: 'imapd', serve })
    const first = await until('a login', () => logIn(logins))
    await first.must('CREATE Archive')
    first.close()
    const clients = ['a', 'b'].map((name) => new Busy(logins, name))
    const working = clients.map((client) => client.work())
    const count = (): number => clients.reduce((sum, { told }) => sum + told.size, 0)
    await until('changes', () => count() >= before)
    await kill(logins, victim)
    const [then, marks] = [count(), clients.map(({ told }) => told.size)]
    await until('changes after it', () => count() >= then + before && clients.every(({ told }, at) => told.size > (marks[at] as number)))
    for (const client of clients) client.end()
    await Promise.all(working)

    const last = await until('a login', () => logIn(logins))
    const found = new Map<string, Map<number, string>>()
    for (const box of ['INBOX', 'Archive']) found.set(box, await look(last, box))
    last.close()
    const all = [...found.values()].flatMap((messages) => [...messages.values()])
    const told = clients.flatMap((client) => [...client.told])
    const unknown = new Set(clients.flatMap((client) => [...client.unknown]))
    t.same(
      told.filter(([id, { box, uid }]) => found.get(box)?.get(uid) !== id),
      [],
      'what was told is true',
    )
    t.same(
      all.filter((id) => !unknown.has(id) && all.indexOf(id) !== all.lastIndexOf(id)),
      [],
      'nothing is there twice',
    )
    t.same(
      all.filter((id) => !unknown.has(id) && !told.some(([each]) => each === id)),
      [],
      'nothing is torn, or of nobody',
    )
  })
}
