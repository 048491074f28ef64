/** A home with imapd, in clear and under TLS, and what its users' mailboxes hold, for the IMAP clients of others. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundle, makeCertificate } from '../../../certificates.ts'
import { type Cleaner, hostName, ScratchHome } from '../../../support/home.ts'
import { ImapClient } from '../../../support/imapclient.ts'
import { freePort } from '../../../support/ports.ts'
import type { Running } from '../../../support/running.ts'

/** Messages of each mailbox, in order: its name and its flags, `two \Flagged \Seen`. */
export type Held = Readonly<Record<string, readonly string[]>>

/** What a client must know. */
export interface Account {
  readonly host: 'localhost'
  readonly port: number
  readonly login: string
  readonly password: string
  /** The certificate to trust, a path; undefined where the session is in clear. */
  readonly authority: string | undefined
}

const start = 'From: Anna <anna@client.example>\nTo: joe@mail.test.example\nDate: Wed, 23 Jun 1999 12:02:24 +0900\n'

/** A message that says which it is. */
export function letter(name: string, more = ''): string {
  return `${start}Subject: letter ${name}\nMessage-ID: <${name}@letters.example>\n${more}\nThis is ${name}.\nFrom here it goes on.\n.\n`
}

const parts = `MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Gr=C3=BC=C3=9Fe
--b
Content-Type: application/octet-stream; name="data.bin"
Content-Disposition: attachment; filename="data.bin"
Content-Transfer-Encoding: base64

AAECAwQF
--b--
`

/** What every user has at the beginning. */
export const atFirst: Held = {
  Drafts: [],
  INBOX: ['one', 'three \\Answered \\Seen', 'two \\Flagged \\Seen'],
  'R&APw-ckblick/1999': ['old \\Seen'],
  Work: ['plan'],
}

const folders = Object.keys(atFirst).filter((name) => name !== 'INBOX')

export class ImapHost {
  readonly home: ScratchHome
  readonly running: Running
  readonly port: number
  readonly tlsPort: number
  /** The certificate that signed ours, a path. */
  readonly authority: string

  private constructor(home: ScratchHome, running: Running, port: number, tlsPort: number, authority: string) {
    this.home = home
    this.running = running
    this.port = port
    this.tlsPort = tlsPort
    this.authority = authority
  }

  /** Start one with these users, who have what is there at first. It is ended with the test. */
  static async start(cleaner: Cleaner, ...users: string[]): Promise<ImapHost> {
    const home = await ScratchHome.make(cleaner, ...users)
    const made = join(home.root, 'made')
    mkdirSync(made)
    const authority = makeCertificate(made, 'authority')
    const own = bundle(made, makeCertificate(made, 'ours', { names: [hostName, 'localhost'] }, authority), authority)
    home.control('servercert.pem', readFileSync(own, 'latin1'))
    home.control('connectrateperip', '0\n')
    const [port, tlsPort] = [await freePort(), await freePort()]
    const options = ['--imap', `127.0.0.1:${port}`, '--imaps', `127.0.0.1:${tlsPort}`]
    const running = await home.supervise({ options })
    const host = new ImapHost(home, running, port, tlsPort, authority.certificate)
    for (const user of users) {
      await home.run('setpassword', [user], { input: `${passwordOf(user)}\n` })
      await host.fill(user)
    }
    return host
  }

  account(login: string, isSecure: boolean): Account {
    const authority = isSecure ? this.authority : undefined
    return { host: 'localhost', port: isSecure ? this.tlsPort : this.port, login, password: passwordOf(login), authority }
  }

  /** A session of our own, which sees what a client has done. */
  async session(user: string): Promise<ImapClient> {
    const session = await ImapClient.open(this.port)
    await session.must(`LOGIN ${user} ${passwordOf(user)}`)
    return session
  }

  async fill(user: string): Promise<void> {
    const session = await this.session(user)
    for (const folder of folders) await session.must(`CREATE ${folder}`)
    for (const folder of folders) await session.must(`SUBSCRIBE ${folder}`)
    for (const [folder, messages] of Object.entries(atFirst)) {
      for (const message of messages) {
        const [name = '', ...flags] = message.split(' ')
        const text = name === 'three' ? letter(name).replace(/\n\n[\s\S]*/, `\n${parts}`) : letter(name)
        await session.append(folder, text.replaceAll('\n', '\r\n'), flags.join(' '))
      }
    }
    session.close()
  }

  /** Add a message, as if it had come meanwhile. */
  async add(user: string, folder: string, name: string, flags = ''): Promise<void> {
    const session = await this.session(user)
    await session.append(folder, letter(name).replaceAll('\n', '\r\n'), flags)
    session.close()
  }

  async held(user: string): Promise<Held> {
    const session = await this.session(user)
    const { untagged } = await session.must('LIST "" *')
    const selectable = untagged.filter((line) => !/\\Noselect|\\NonExistent/i.test(line))
    const names = selectable.map((line) => line.split(' ').at(-1)?.replaceAll('"', '') ?? '')
    const entries: [string, string[]][] = []
    for (const name of names.sort()) {
      await session.must(`EXAMINE ${name}`)
      const found = await session.fetch('UID FETCH 1:* (UID FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])')
      const messages = found.map((items) => {
        const field = [...items].find(([item]) => item.startsWith('BODY'))?.[1]
        const words = [items.get('FLAGS') ?? []].flat().map(String)
        return messageLine(String(field).slice(1), words) // what is a string has a mark in front
      })
      entries.push([name, messages.sort()])
    }
    session.close()
    return Object.fromEntries(entries)
  }
}

export function passwordOf(user: string): string {
  return `secret-of-${user}`
}

/** Its name and what is set, without \Recent. */
export function messageLine(text: string, flags: readonly string[]): string {
  const name = /^Message-ID: <([^@>]+)@/im.exec(text)?.[1] ?? 'nameless'
  const spelled = flags.map((flag) => flag.toLowerCase().replace(/^\\./, (start) => start.toUpperCase()))
  return [name, ...spelled.filter((flag) => flag !== '\\Recent').sort()].join(' ')
}
