/** Mail readers on a terminal: mutt, NeoMutt. */
import { deepEqual, match } from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { missing } from '../../../support/programs.ts'
import { until } from '../../../support/wait.ts'
import type { ImapReader, Visit } from './client.ts'
import { type Account, atFirst, type Held } from './host.ts'
import { writeSettings } from './sync.ts'
import { Terminal } from './terminal.ts'

/** one is read and flagged, two has moved to Work, three is gone. */
const afterwards: Held = { ...atFirst, INBOX: ['one \\Flagged \\Seen'], Work: ['plan', 'two \\Flagged \\Seen'] }
const deed = 'Opens INBOX, reads a message and flags it, saves one to Work, deletes one, copies one to a file, and leaves.'

function muttSettings(file: string, { host, port, login, password, authority }: Account): string {
  const [scheme, security] =
    authority === undefined
      ? ['imap', 'set ssl_starttls = no\nset ssl_force_tls = no']
      : ['imaps', `set certificate_file = ${authority}\nset ssl_force_tls = yes`]
  return `${file}
set imap_user = ${login}
set imap_pass = ${password}
${security}
set folder = ${scheme}://${host}:${port}/
set spoolfile = +INBOX
set delete = yes
set quit = yes
set copy = no
set mbox_type = mbox
set confirmappend = no
set confirmcreate = no
set wait_key = no
set sort = date
`
}

async function muttSession(visit: Visit, client: ImapReader, program: string): Promise<void> {
  const { host, user, directory } = visit
  const file = writeSettings(visit, client)
  const terminal = new Terminal(`${program} -n -F ${file}`, directory)
  try {
    await terminal.shows(/letter one[\s\S]*letter t/)
    const find = (name: string): string => `/\x15~s "letter ${name}"\r`
    terminal.type(find('two'))
    terminal.type(find('one'))
    terminal.type('\r') // read
    await terminal.shows(/From here it goes on/)
    terminal.type('q')
    terminal.type(`C\x15${directory}/copy\r`)
    await until(
      () => `there is a copy; ${program} shows:\n${terminal.shown}`,
      () => existsSync(join(directory, 'copy')) && readFileSync(join(directory, 'copy'), 'latin1').endsWith('.\n\n'),
      15,
    )
    terminal.type('F')
    terminal.type(find('two'))
    terminal.type('s\x15+Work\r')
    terminal.type(find('three'))
    terminal.type('d$')
    await until('the server holds what mutt has made', async () => (await host.held(user))['INBOX']?.length === 1)
    terminal.type('q')
    await terminal.end()
  } finally {
    terminal.kill()
  }
  match(readFileSync(join(directory, 'copy'), 'latin1'), /^From [\s\S]*\nSubject: letter one\n[\s\S]*\n>?From here it goes on\.\n/)
  deepEqual(await host.held(user), afterwards)
}

export const mutt: ImapReader = {
  name: 'mutt',
  needs: () => missing('mutt', 'script'),
  ways: ['clear', 'tls'],
  deed,
  settings: (account) => muttSettings('~/.muttrc', account),
  session: (visit) => muttSession(visit, mutt, 'mutt'),
}

export const neomutt: ImapReader = {
  name: 'neomutt',
  needs: () => missing('neomutt', 'script'),
  ways: ['clear', 'tls'],
  deed,
  settings: (account) => muttSettings('~/.neomuttrc', account),
  session: (visit) => muttSession(visit, neomutt, 'neomutt'),
}
