// Real mail readers against popup, checkpassword and pop3d: each fetches two messages byte for byte and removes them.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { ScratchHome } from '../../../test/home.ts'
import { missing } from '../../../test/programs.ts'
import { age, Listening } from './fixtures/listening.ts'

const login = 'kyoma'
const password = 'geheim'
const home = await ScratchHome.make(t, login)
await home.run('setpassword', [login, '--apop'], { input: `${password}\n` })
const listening = await Listening.start(t, home)

const messages = [
  'From: a@blue.example\nTo: kyoma@blue.example\nSubject: =?utf-8?q?caf=C3=A9?=\nMessage-ID: <1@blue.example>\nDate: 22 Jun 1999 05:23:14 -0000\n\n.\n..dots\nFrom the start\n\nend\n',
  `From: b@blue.example\nTo: kyoma@blue.example\nSubject: long\nMessage-ID: <2@blue.example>\nDate: 22 Jun 1999 05:23:15 -0000\n\n${'caf\xe9 '.repeat(12).concat('\n').repeat(3_000)}`,
]

function fill(): void {
  for (const [index, message] of messages.entries()) home.userFile(login, `Maildir/new/${930_000_000 + index}.1.blue`, message)
  age(home, login)
}

/** Somewhere for a client to keep its things. */
function workplace(name: string): string {
  const directory = join(home.root, name)
  for (const part of ['', 'Maildir', 'Maildir/tmp', 'Maildir/new', 'Maildir/cur'])
    mkdirSync(join(directory, part), { recursive: true, mode: 0o700 })
  return directory
}

/** A program that a client gives a message to; getmail would not write to a Maildir as root. */
function saver(directory: string): string {
  const file = join(directory, 'save')
  writeFileSync(file, `#!/bin/sh\ncat >'${directory}/Maildir/new/'$$\n`, { mode: 0o755 })
  return file
}

/** Every client may add fields of its own on top, and an empty line at the end: the protocol adds one in qmail's way. */
function fetched(directory: string): string[] {
  const names = readdirSync(join(directory, 'Maildir/new'))
  const texts = names.map((name) => readFileSync(join(directory, 'Maildir/new', name), 'latin1').replaceAll('\r\n', '\n'))
  return texts.map((text) => `${text.slice(text.search(/^From: /m)).replace(/\n*$/, '')}\n`).sort()
}

async function run(t: Tap, file: string, args: string[], directory: string, input = ''): Promise<string> {
  const { exitCode, all } = await execa(file, args, {
    all: true,
    cwd: directory,
    env: { PATH: `${process.env['PATH']}:/usr/bin`, HOME: directory, FETCHMAILHOME: directory, LC_ALL: 'C' },
    extendEnv: false,
    input,
    reject: false,
    encoding: 'latin1',
  })
  t.equal(exitCode, 0, all)
  return all
}

type Tap = Pick<typeof t, 'equal' | 'same'>

function wasFetched(t: Tap, directory: string): void {
  t.same(fetched(directory), messages.map((message) => message.replace(/\n*$/, '\n')).sort())
  t.same(home.maildir(login), [], 'and removed')
}

for (const method of ['user', 'apop']) {
  t.test(`mpop fetches by ${method}`, { skip: missing('mpop') }, async (t) => {
    fill()
    const directory = workplace(`mpop-${method}`)
    const delivery = `--delivery=maildir,${join(directory, 'Maildir')}`
    const options = [
      '--host=127.0.0.1',
      `--port=${listening.port}`,
      `--user=${login}`,
      `--passwordeval=echo ${password}`,
      `--auth=${method}`,
    ]
    await run(t, 'mpop', [...options, '--tls=off', '--keep=off', delivery, `--uidls-file=${join(directory, 'uidls')}`], directory)
    wasFetched(t, directory)
  })

  t.test(`fetchmail fetches by ${method}`, { skip: missing('fetchmail') }, async (t) => {
    fill()
    const directory = workplace(`fetchmail-${method}`)
    const save = saver(directory)
    const protocol = method === 'apop' ? 'APOP' : 'POP3'
    const rules = `poll 127.0.0.1 service ${listening.port} protocol ${protocol} auth password\n  user "${login}" password "${password}" sslproto "" fetchall nokeep mda "${save}"\n`
    writeFileSync(join(directory, 'rules'), rules, { mode: 0o600 })
    await run(t, 'fetchmail', ['-f', 'rules', '--nosyslog', '--pidfile', join(directory, 'pid')], directory)
    wasFetched(t, directory)
  })

  t.test(`getmail fetches by ${method}`, { skip: missing('getmail') }, async (t) => {
    fill()
    const directory = workplace(`getmail-${method}`)
    const retriever = `type = SimplePOP3Retriever\nserver = 127.0.0.1\nport = ${listening.port}\nusername = ${login}\npassword = ${password}\nuse_apop = ${method === 'apop'}\n`
    const rules = `[retriever]\n${retriever}[destination]\ntype = MDA_external\npath = ${saver(directory)}\nallow_root_commands = true\n[options]\ndelete = true\nverbose = 1\n`
    writeFileSync(join(directory, 'getmailrc'), rules, { mode: 0o600 })
    await run(t, 'getmail', ['--getmaildir', directory, '--rcfile', 'getmailrc'], directory)
    wasFetched(t, directory)
  })
}

t.test('curl lists, fetches and removes by APOP', { skip: missing('curl') }, async (t) => {
  fill()
  const directory = workplace('curl')
  const curl = (...args: string[]) =>
    run(t, 'curl', ['-sS', '--user', `${login}:${password}`, '--login-options', 'AUTH=+APOP', ...args], directory)
  const url = `pop3://127.0.0.1:${listening.port}/`
  t.same(
    (await curl(url)).split(/\r?\n/),
    messages.map(({ length }, index) => `${index + 1} ${length}`),
  )
  for (const [index, message] of messages.entries()) {
    await curl('-o', join(directory, 'one'), `${url}${index + 1}`)
    t.equal(readFileSync(join(directory, 'one'), 'latin1').replaceAll('\r\n', '\n'), `${message}\n`, 'with the empty line that qmail adds')
  }
  for (const _ of messages) await curl('--request', 'DELE', '--head', `${url}1`)
  t.same(home.maildir(login), [])
})

t.test('curl is refused with a wrong password', { skip: missing('curl') }, async (t) => {
  const { exitCode } = await execa('curl', ['-sS', '--user', `${login}:wrong`, `pop3://127.0.0.1:${listening.port}/`], {
    reject: false,
    cwd: dirname(home.root),
  })
  t.equal(exitCode, 67)
})
