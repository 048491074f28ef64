/** Play a scenario against the real `imap` under strace, and keep what it did to the disk and what the client knew when. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MailAccount } from '@yabumi/mailfolder'
import { checkout, userAccount } from '../../support/home.ts'
import { ImapClient } from '../../support/imapclient.ts'
import { contentsAfter, type DiskEvent, isName, treeOf } from '../disk.ts'
import { Recording } from '../recording.ts'
import { filesBelow } from '../trees.ts'
import { rebuildMaildir } from './rebuild.ts'
import { MailRecording, tracedCalls } from './recording.ts'
import { type Box, type MailScenario, messageText, type World } from './scenarios.ts'

export interface Played {
  readonly scenario: MailScenario
  readonly events: readonly DiskEvent[]
  readonly earlier: number
  readonly directories: ReadonlySet<number>
  /** Every line that the client was sent. */
  readonly told: readonly string[]
  /** What the client knew before the first command, and after each. */
  readonly worlds: readonly World[]
  /** Of each command, the place in `told` of the line that ended it. */
  readonly ends: readonly number[]
}

/**
 * @param programs - the bin directory of the programs; undefined for this checkout's
 * @throws Error if the server refuses a command, or what was recorded does not explain the files at the end
 */
export async function playMail(scenario: MailScenario, programs: string | undefined): Promise<Played> {
  const home = mkdtempSync(join(realpathSync(tmpdir()), 'mailbox-explorer-'))
  try {
    const maildir = join(home, 'Maildir')
    const worlds = [await prepare(maildir, scenario.modseq)]
    own(home)
    const recording = new MailRecording(maildir, home)
    const ends: number[] = []
    for (const steps of scenario.sessions) {
      const trace = join(home, 'trace')
      await session(programs ?? join(checkout, 'bin'), home, trace, async (client) => {
        for (const { say, after } of steps) {
          const { text, untagged } = await client.must(say)
          const world = worlds.at(-1) as World
          worlds.push(after === undefined ? world : after(world, { tagged: text, untagged }))
        }
      })
      const [from, heard] = [recording.told.length, steps.length + 1]
      recording.read(readFileSync(trace, 'latin1'))
      const tagged = recording.told.flatMap((line, at) => (at >= from && /^(tag|t\d+) OK/.test(line) ? [at] : []))
      ends.push(...tagged.slice(1, heard))
      rmSync(trace)
    }
    compare(recording, maildir, join(home, 'again'), scenario.name)
    const { events, earlier, directories, told } = recording
    return { scenario, events, earlier, directories, told, worlds, ends }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

/** INBOX with three messages, and an empty `Old`. */
async function prepare(maildir: string, modseq: number | undefined): Promise<World> {
  for (const part of ['', 'cur', 'new', 'tmp']) mkdirSync(join(maildir, part), { mode: 0o700 })
  const account = new MailAccount(maildir)
  account.create('Old')
  const [inbox, old] = ['INBOX', 'Old'].map((name) => account.open(name)) as [
    ReturnType<MailAccount['open']>,
    ReturnType<MailAccount['open']>,
  ]
  await inbox.sync()
  await old.sync()
  const messages = new Map<number, string>()
  for (const id of ['m1', 'm2', 'm3']) {
    const [uid = 0] = await inbox.append([{ message: Buffer.from(messageText(id)), flags: 1, keywords: [] }])
    messages.set(uid, id)
  }
  const boxes = new Map<string, Box>([
    ['INBOX', { validity: String(inbox.uidValidity), messages }],
    ['Old', { validity: String(old.uidValidity), messages: new Map() }],
  ])
  account.end()
  if (modseq !== undefined) {
    writeFileSync(join(maildir, 'yabumi-imap/modseq'), `${modseq}\n`)
    rmSync(join(maildir, 'yabumi-imap/index')) // it would know better
  }
  return { boxes, subscribed: new Set() }
}

function own(home: string): void {
  chmodSync(home, 0o755)
  for (const path of ['.', ...readdirSync(home, { recursive: true, encoding: 'utf8' })])
    chownSync(join(home, path), userAccount.uid, userAccount.gid)
}

/** One session, from its login to the end that the server makes of it. */
async function session(bin: string, home: string, trace: string, work: (client: ImapClient) => Promise<void>): Promise<void> {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const connecting = ImapClient.open((server.address() as { port: number }).port)
  const [socket] = (await once(server, 'connection')) as [Socket]
  const options = ['-f', '-y', '-xx', '-s', '16777216', '--seccomp-bpf', '-e', `trace=${tracedCalls}`, '-e', 'signal=none', '-o', trace]
  const child = spawn('strace', [...options, join(bin, 'imap'), 'Maildir', 'tag'], {
    ...userAccount,
    cwd: home,
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: [socket, socket, 'inherit'],
  })
  const ended = once(child, 'exit')
  socket.destroy()
  const client = await connecting
  try {
    await work(client)
    await client.say('LOGOUT')
    const [code] = (await ended) as [number | null]
    if (code !== 0) throw new Error(`imap ended with ${code}`)
  } finally {
    client.close()
    server.close()
    await ended
  }
}

/** @throws Error if the events do not lead to the files that are there */
function compare({ events, directories }: MailRecording, maildir: string, again: string, name: string): void {
  const data = Recording.dataOf(events)
  const tree = treeOf(events.filter(isName), (inode) => contentsAfter(data.get(inode.id) ?? [], 0, 'full'))
  rebuildMaildir(tree, directories, again)
  const [made, there] = [filesBelow(again), filesBelow(maildir)]
  const wrong = [...new Set([...made.keys(), ...there.keys()])].filter(
    (path) => !there.get(path)?.equals(made.get(path) ?? Buffer.from('no file')),
  )
  if (wrong.length > 0) throw new Error(`${name}: the calls that were recorded do not explain ${wrong.join(', ')}`)
}
