/**
 * Write the page of IMAP clients: what a person types into each, and what client and server said in a session that was
 * checked.
 *
 *     node test/peers/support/imap/transcripts.ts FILE
 *
 * Out   FILE; a client that is not on this machine is left out, and named on descriptor 2
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ImapReader } from './client.ts'
import { curl, fetchmail, getmail } from './fetch.ts'
import { ImapHost } from './host.ts'
import { imapfilter, imapflow, imaplib, perl } from './libraries.ts'
import { mutt, neomutt } from './readers.ts'
import { record } from './recorder.ts'
import { interimap, mbsync, offlineimap } from './sync.ts'

const clients = [mutt, neomutt, mbsync, offlineimap, interimap, fetchmail, getmail, curl, imaplib, perl, imapfilter, imapflow]
const mostLines = 32

const introduction = `# IMAP clients

What a person types into each of these, and what it and imapd say to each other. The settings are for TLS. The sessions
are those of the tests in \`test/peers\`, in clear on loopback; each is tested under TLS as well. What the client and the
server hold afterwards is compared. This page is written by \`node test/peers/support/imap/transcripts.ts FILE\`.

Long lines are cut, and passwords left out. \`C:\` is the client, \`S:\` the server.
`

const settingsOf = (client: ImapReader): string =>
  client.settings({
    host: 'localhost',
    port: 993,
    login: client.name,
    password: 'PASSWORD',
    authority: '/etc/ssl/certs/ca-certificates.crt',
  })

/** Its first lines and its last ones. */
function shortened(lines: readonly string[]): string[] {
  if (lines.length <= mostLines) return [...lines]
  const left = lines.length - mostLines
  return [...lines.slice(0, mostLines - 6), `-- ${left} more lines`, ...lines.slice(-6)]
}

const indented = (text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n')

async function section(host: ImapHost, client: ImapReader, cleaner: { teardown(work: () => unknown): void }): Promise<string> {
  const user = client.name
  const account = host.account(user, false)
  const recorder = await record(cleaner, host.port, [account.password])
  const directory = join(host.home.root, `at-${user}`)
  mkdirSync(directory, { mode: 0o700 })
  await client.session({ host, user, account: { ...account, port: recorder.port }, directory })
  const [file = '', ...lines] = settingsOf(client).split('\n')
  const said = indented(shortened(recorder.lines()).join('\n'))
  return `\n## ${client.name}\n\n${client.deed}\n\nIn \`${file}\`:\n\n${indented(lines.join('\n'))}\n\nA session:\n\n${said}\n`
}

const ends: (() => unknown)[] = []
const cleaner = { teardown: (work: () => unknown): void => void ends.unshift(work) }
try {
  const [file = ''] = process.argv.slice(2)
  const present = clients.filter((client) => {
    const absent = client.needs()
    if (absent !== false) process.stderr.write(`${client.name}: ${absent}\n`)
    return absent === false
  })
  const host = await ImapHost.start(cleaner, ...present.map(({ name }) => name), 'interimap-other')
  let page = introduction
  for (const client of present) page += await section(host, client, cleaner)
  writeFileSync(file, page)
} finally {
  for (const end of ends) await end()
}
process.exit()
