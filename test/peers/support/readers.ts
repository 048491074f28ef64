/** Mail readers that fetch by POP3 and remove what they fetched: mpop, fetchmail, getmail, curl, mutt. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runPeer } from './peer.ts'

/** How a reader says who it is: USER and PASS, or APOP. */
export type Method = 'user' | 'apop'

export interface Mailbox {
  readonly port: number
  readonly login: string
  readonly password: string
}

export interface Reader {
  readonly program: string
  /** Fetch everything into Maildir/new of a workplace and remove it from the server. @returns what the reader printed */
  fetch(directory: string, mailbox: Mailbox, method: Method): Promise<string>
}

/** A Maildir for what a reader fetches. */
export function makeMaildir(directory: string): void {
  for (const part of ['tmp', 'new', 'cur']) mkdirSync(join(directory, 'Maildir', part), { recursive: true, mode: 0o700 })
}

/** What a reader has fetched, with LF line ends, from the shortest to the longest: their names say nothing. */
export function fetched(directory: string): string[] {
  const names = readdirSync(join(directory, 'Maildir/new'))
  const texts = names.map((name) => readFileSync(join(directory, 'Maildir/new', name), 'latin1').replaceAll('\r\n', '\n'))
  return texts.sort(bySize)
}

export function bySize(a: string, b: string): number {
  return a.length - b.length
}

const mpop: Reader = {
  program: 'mpop',
  fetch(directory, { port, login, password }, method) {
    const account = ['--host=127.0.0.1', `--port=${port}`, `--user=${login}`, `--passwordeval=echo ${password}`, `--auth=${method}`]
    const delivery = `--delivery=maildir,${join(directory, 'Maildir')}`
    return runPeer(directory, 'mpop', [...account, '--tls=off', '--keep=off', delivery, `--uidls-file=${join(directory, 'uidls')}`])
  },
}

const fetchmail: Reader = {
  program: 'fetchmail',
  fetch(directory, { port, login, password }, method) {
    const protocol = method === 'apop' ? 'APOP' : 'POP3'
    const server = `poll 127.0.0.1 service ${port} protocol ${protocol} auth password`
    const user = `user "${login}" password "${password}" sslproto "" fetchall nokeep no rewrite mda "${saver(directory)}"`
    writeFileSync(join(directory, 'rules'), `${server}\n  ${user}\n`, { mode: 0o600 })
    const env = { FETCHMAILHOME: directory }
    return runPeer(directory, 'fetchmail', ['-f', 'rules', '--nosyslog', '--pidfile', join(directory, 'pid')], { env })
  },
}

const getmail: Reader = {
  program: 'getmail',
  fetch(directory, { port, login, password }, method) {
    const account = `username = ${login}\npassword = ${password}\nuse_apop = ${method === 'apop'}\n`
    const retriever = `[retriever]\ntype = SimplePOP3Retriever\nserver = 127.0.0.1\nport = ${port}\n${account}`
    const destination = `[destination]\ntype = MDA_external\npath = ${saver(directory)}\nallow_root_commands = true\n`
    writeFileSync(join(directory, 'getmailrc'), `${retriever}${destination}[options]\ndelete = true\nverbose = 1\n`, { mode: 0o600 })
    return runPeer(directory, 'getmail', ['--getmaildir', directory, '--rcfile', 'getmailrc'])
  },
}

const curl: Reader = {
  program: 'curl',
  async fetch(directory, { port, login, password }, method) {
    const url = `pop3://127.0.0.1:${port}/`
    const who = ['-sS', '--user', `${login}:${password}`, ...(method === 'apop' ? ['--login-options', 'AUTH=+APOP'] : [])]
    const list = await runPeer(directory, 'curl', [...who, url])
    const numbers = [...list.matchAll(/^(\d+) \d+\r?$/gm)].map(([, number = '']) => number)
    for (const number of numbers) await runPeer(directory, 'curl', [...who, '-o', `Maildir/new/${number}`, `${url}${number}`])
    for (const _ of numbers) await runPeer(directory, 'curl', [...who, '--request', 'DELE', '--head', `${url}1`])
    return list
  },
}

/** It works in a terminal only, which script(1) gives it. */
const mutt: Reader = {
  program: 'mutt',
  async fetch(directory, { port, login, password }, method) {
    const pop = [
      `pop_host = "pop://${login}@127.0.0.1:${port}"`,
      `pop_pass = "${password}"`,
      `pop_authenticators = "${method}"`,
      'pop_delete = yes',
    ]
    const here = [
      'mbox_type = Maildir',
      `spoolfile = "${directory}/Maildir"`,
      `folder = "${directory}"`,
      'quit = yes',
      'ssl_force_tls = no',
      'ssl_starttls = no',
      'mark_old = no',
    ]
    const settings = [...pop, ...here, 'crypt_use_gpgme = no'].map((each) => `set ${each}\n`).join('')
    writeFileSync(join(directory, 'muttrc'), `${settings}push "<fetch-mail><quit>"\n`, { mode: 0o600 })
    const screen = await runPeer(directory, 'script', ['-qec', 'stty rows 24 cols 80; exec mutt -n -F muttrc', '/dev/null'], {
      env: { TERM: 'vt100' },
      terminal: true,
    })
    return screen.replaceAll(/[^ -~]+/g, ' ')
  },
}

/** A program that a reader gives a message to: a reader that runs as root does not write to a Maildir itself. */
function saver(directory: string): string {
  const file = join(directory, 'save')
  writeFileSync(file, `#!/bin/sh\ncat >'${directory}/Maildir/new/'$$\n`, { mode: 0o755 })
  return file
}

export const readers: readonly Reader[] = [mpop, fetchmail, getmail, curl, mutt]
