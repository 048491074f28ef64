/** Clients that fetch mail and go: fetchmail, getmail, curl. */
import { deepEqual, match } from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { missing } from '../../../support/programs.ts'
import { runPeer } from '../peer.ts'
import type { ImapReader } from './client.ts'
import { type Account, atFirst, letter, messageLine } from './host.ts'
import { writeSettings } from './sync.ts'

/** What has been saved in DIRECTORY/saved, by name. */
function saved(directory: string): string[] {
  const place = join(directory, 'saved')
  return readdirSync(place)
    .map((name) => messageLine(readFileSync(join(place, name), 'latin1'), []))
    .sort()
}

/** A program that puts each message into a file of its own. */
function makeSaver(directory: string): void {
  mkdirSync(join(directory, 'saved'))
  writeFileSync(join(directory, 'save'), `#!/bin/sh\ncat >'${directory}/saved/'$$\n`, { mode: 0o755 })
}

const emptied = { ...atFirst, INBOX: [], Work: [] }

export const fetchmail: ImapReader = {
  name: 'fetchmail',
  needs: () => missing('fetchmail'),
  ways: ['clear', 'tls'],
  deed: 'Fetches INBOX and Work, hands each message to a program, and removes it; a second run finds nothing.',
  settings({ host, port, login, password, authority }: Account) {
    const security = authority === undefined ? 'sslproto ""' : `ssl sslcertck sslcertfile ${authority}`
    return `~/.fetchmailrc
poll ${host} service ${port} protocol imap auth password
  user "${login}" password "${password}" ${security}
  folder INBOX Work fetchall nokeep no rewrite
  mda "~/save"
`
  },
  async session(visit) {
    const { host, user, directory } = visit
    makeSaver(directory)
    const file = writeSettings(visit, fetchmail)
    writeFileSync(file, readFileSync(file, 'latin1').replace('~/', `${directory}/`))
    const options = ['--nosyslog', '--pidfile', join(directory, 'pid')]
    await runPeer(directory, 'fetchmail', options)
    deepEqual(saved(directory), ['one', 'plan', 'three', 'two'])
    deepEqual(await host.held(user), emptied)
    match(await runPeer(directory, 'sh', ['-c', 'fetchmail "$@"; test $? = 1', 'sh', ...options]), /No mail/)
    deepEqual(saved(directory).length, 4)
  },
}

export const getmail: ImapReader = {
  name: 'getmail',
  needs: () => missing('getmail'),
  ways: ['clear', 'tls'],
  deed: 'Fetches what is new in INBOX and Work, and leaves it there; a second run fetches only what has come since.',
  settings({ host, port, login, password, authority }: Account) {
    const [kind, security] = authority === undefined ? ['SimpleIMAPRetriever', ''] : ['SimpleIMAPSSLRetriever', `ca_certs = ${authority}\n`]
    return `~/.getmail/getmailrc
[retriever]
type = ${kind}
server = ${host}
port = ${port}
username = ${login}
password = ${password}
${security}mailboxes = ("INBOX", "Work")

[destination]
type = MDA_external
path = ~/save
allow_root_commands = true

[options]
read_all = false
delete = false
`
  },
  async session(visit) {
    const { host, user, directory } = visit
    makeSaver(directory)
    writeSettings(visit, getmail)
    await runPeer(directory, 'getmail', [])
    deepEqual(saved(directory), ['one', 'plan', 'three', 'two'])
    deepEqual(await host.held(user), atFirst)
    await host.add(user, 'Work', 'later')
    await runPeer(directory, 'getmail', [])
    deepEqual(saved(directory), ['later', 'one', 'plan', 'three', 'two'])
  },
}

export const curl: ImapReader = {
  name: 'curl',
  needs: () => missing('curl'),
  ways: ['clear', 'tls'],
  deed: 'Lists mailboxes, fetches a message, uploads one, searches, sets a flag and expunges: a command a connection.',
  settings({ host, port, login, authority }: Account) {
    const [scheme, trust] = authority === undefined ? ['imap', ''] : ['imaps', ` --cacert ${authority}`]
    const url = `${scheme}://${host}:${port}`
    return `commands
curl --user ${login}${trust} '${url}/'
curl --user ${login}${trust} '${url}/INBOX;UID=2'
curl --user ${login}${trust} '${url}/Work' --upload-file letter
curl --user ${login}${trust} '${url}/INBOX?SUBJECT%20one'
curl --user ${login}${trust} '${url}/INBOX' --request 'STORE 1 +FLAGS (\\Deleted \\Seen)'
curl --user ${login}${trust} '${url}/INBOX' --request 'EXPUNGE'
`
  },
  async session({ host, user, account, directory }) {
    const { port, login, password, authority } = account
    const url = `${authority === undefined ? 'imap' : 'imaps'}://localhost:${port}`
    const trust = authority === undefined ? [] : ['--cacert', authority]
    const run = (path: string, ...more: string[]): Promise<string> =>
      runPeer(directory, 'curl', ['-sS', '--user', `${login}:${password}`, ...trust, `${url}/${path}`, ...more])
    match(await run(''), /^\* LIST \([^)]*\) "\/" "?R&APw-ckblick\/1999"?\r$/m)
    deepEqual((await run('INBOX;UID=1')).replaceAll('\r\n', '\n'), letter('one'))
    writeFileSync(join(directory, 'letter'), letter('sent').replaceAll('\n', '\r\n'))
    await run('Work', '--upload-file', 'letter')
    match(await run('INBOX?SUBJECT%20one'), /^\* SEARCH 1\r$/m)
    match(await run('INBOX', '--request', 'STORE 1 +FLAGS (\\Deleted \\Seen)'), /^\* 1 FETCH \(FLAGS \(.*\\Deleted/m)
    match(await run('INBOX', '--request', 'EXPUNGE'), /^\* 1 EXPUNGE\r$/m)
    deepEqual(await host.held(user), { ...atFirst, INBOX: atFirst['INBOX']?.slice(1), Work: ['plan', 'sent \\Seen'] })
  },
}
