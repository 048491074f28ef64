/** What is run while calls fail, and what must hold whatever fails. */
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { execa } from 'execa'
import { amRoot, checkout, hostName, userAccount } from '../support/home.ts'
import type { Sink } from '../support/sink.ts'
import { hungSeconds, type Scenario, stays } from './inject.ts'

const message = `From: s@x.example\nSubject: fault\n\n${'a line of the message\n'.repeat(200)}end\n`
const envelope = 'Fs@x.example\0Tr@y.example\0'

const home = (place: string): string => join(place, 'home')
const bin = (name: string): string => join(checkout, 'bin', name)

function environment(place: string, more: Record<string, string> = {}): Record<string, string> {
  return { YABUMI_HOME: home(place), PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, ...more }
}

function makeHome(place: string): void {
  const { status, stderr } = spawnSync(bin('config-fast'), [hostName], { env: environment(place), encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  const asQmail = { bounceformat: 'qsbmf', forbidpipelining: '0' } // a bounce ends with its message, a session comes at once
  for (const [name, text] of Object.entries(asQmail)) writeFileSync(join(home(place), 'control', name), `${text}\n`)
}

/** Queued means: an entry in todo/ with the whole envelope, and the whole message. @returns undefined, or what is wrong with an entry */
function queued(place: string): { entries: number; wrong: string | undefined } {
  const queue = join(home(place), 'queue')
  const entries = readdirSync(join(queue, 'todo'))
  for (const id of entries) {
    const mess = join(queue, 'mess', String(Number(id) % 23), id)
    if (!existsSync(mess)) return { entries: entries.length, wrong: 'an entry in todo/ without its message' }
    if (!readFileSync(mess, 'latin1').endsWith(message)) return { entries: entries.length, wrong: 'a torn message is queued' }
    if (!readFileSync(join(queue, 'todo', id), 'latin1').endsWith(envelope))
      return { entries: entries.length, wrong: 'a torn envelope is queued' }
  }
  return { entries: entries.length, wrong: undefined }
}

/** Who said yes must have it; who failed must have said "later", and what is there must be whole. */
function judgeQueue(place: string, accepted: boolean, permanent: boolean): string | undefined {
  const { entries, wrong } = queued(place)
  if (wrong !== undefined) return wrong
  if (accepted && entries !== 1) return `acknowledged, and ${entries} are queued`
  return permanent ? 'a fault of this machine was called permanent' : undefined
}

const isPermanent = (exit: number | undefined): boolean => exit === 100 || (exit !== undefined && exit >= 11 && exit <= 40)

const queueOneShot: Scenario = {
  name: 'queue, one-shot',
  prepare(place) {
    makeHome(place)
    writeFileSync(join(place, 'one'), `${envelope}\0`)
  },
  command: (place) => ({ file: bin('queue'), args: [], env: environment(place), input: message, descriptorOne: envelope }),
  judge: (place, exit) => judgeQueue(place, exit === 0, isPermanent(exit)),
}

const injectAndQueue: Scenario = {
  name: 'inject and the queue that it runs',
  prepare: makeHome,
  command: (place) => ({ file: bin('inject'), args: ['-a', '-f', 's@x.example', 'r@y.example'], env: environment(place), input: message }),
  judge: (place, exit) => judgeQueue(place, exit === 0, exit === 100),
}

const smtp = `MAIL FROM:<s@x.example>\r\nRCPT TO:<r@y.example>\r\nDATA\r\n${message.replaceAll('\n', '\r\n')}.\r\nQUIT\r\n`

const smtpdAndQueue: Scenario = {
  name: 'smtpd and the queue that it runs',
  prepare(place) {
    makeHome(place)
    writeFileSync(join(home(place), 'control/rcpthosts'), 'y.example\n')
  },
  command: (place) => ({ file: bin('smtpd'), args: [], env: environment(place), input: smtp }),
  judge: (place, _exit, output) => judgeQueue(place, /^250 ok \d+ qp/m.test(output), /^55\d /m.test(output)),
}

/** A user's home with a Maildir; the owner is the caller unless it is to be the users' account. */
function makeMaildir(user: string, { uid, gid }: { uid: number; gid: number } = { uid: -1, gid: -1 }): void {
  for (const name of ['', 'Maildir', 'Maildir/tmp', 'Maildir/new', 'Maildir/cur']) {
    mkdirSync(join(user, name), { mode: 0o700 })
    chownSync(join(user, name), uid, gid)
  }
}

function prepareUser(place: string, dotqmail: string): void {
  makeHome(place)
  const user = join(place, 'user')
  makeMaildir(user)
  writeFileSync(join(user, '.qmail'), dotqmail)
  writeFileSync(join(user, 'mbox'), before)
  writeFileSync(join(place, 'message'), message)
}

const before = 'From x Mon Nov 23 00:00:00 2026\nSubject: before\n\nwas there\n\n'

function local(name: string, dotqmail: string, arrived: (place: string) => { times: number; wrong: string | undefined }): Scenario {
  return {
    name,
    prepare: (place) => prepareUser(place, dotqmail),
    command: (place) => ({
      file: '/bin/sh',
      args: [
        '-c',
        'exec "$0" -- "$@" <message',
        bin('local'),
        'joe',
        join(place, 'user'),
        'joe',
        '',
        '',
        hostName,
        's@x.example',
        './Maildir/',
      ],
      env: environment(place),
      input: '',
    }),
    judge(place, exit) {
      const { times, wrong } = arrived(place)
      if (wrong !== undefined) return wrong
      if (exit === 0 && times !== 1) return `success, and it is there ${times} times`
      if (times > 1) return `it is there ${times} times`
      return exit === 100 ? 'a fault of this machine was called permanent' : undefined
    },
  }
}

const localMaildir: Scenario = local('local to a Maildir', './Maildir/\n', (place) => {
  const directory = join(place, 'user/Maildir/new')
  const texts = readdirSync(directory).map((name) => readFileSync(join(directory, name), 'latin1'))
  return { times: texts.length, wrong: texts.every((text) => text.endsWith(message)) ? undefined : 'a torn message is in new/' }
})

const localMbox: Scenario = local('local to an mbox', './mbox\n', (place) => {
  const text = readFileSync(join(place, 'user/mbox'), 'latin1')
  if (!text.startsWith(before)) return { times: 0, wrong: 'what was there is damaged' }
  const added = text.slice(before.length)
  if (added === '') return { times: 0, wrong: undefined }
  return {
    times: added.split('Subject: fault').length - 1,
    wrong: added.endsWith(`${message}\n`) ? undefined : 'a torn message is in the mbox',
  }
})

const localForward: Scenario = local('local that forwards', '&r@y.example\n', (place) => {
  const { entries } = queued(place)
  const directory = join(home(place), 'queue/todo')
  const whole = readdirSync(directory).every((id) => {
    const mess = readFileSync(join(home(place), 'queue/mess', String(Number(id) % 23), id), 'latin1')
    return mess.endsWith(message) && readFileSync(join(directory, id), 'latin1').endsWith('Tr@y.example\0')
  })
  return { times: entries, wrong: whole ? undefined : 'a torn forward is queued' }
})

/** A queue with message 23 in todo/ and message 46 half-received: the first is preprocessed, the second removed. */
const clean: Scenario = {
  name: 'clean',
  sparse: 1,
  prepare(place) {
    makeHome(place)
    const queue = join(home(place), 'queue')
    for (const path of ['mess/0/23', 'mess/0/46', 'intd/23', 'intd/46', 'todo/23']) writeFileSync(join(queue, path), 'x')
  },
  command: (place) => ({ file: bin('clean'), args: [], env: environment(place), input: 'todo/23\0foop/46\0' }),
  judge(place, _exit, output) {
    const there = (path: string): boolean => existsSync(join(home(place), 'queue', path))
    const answers = /^[+!x]*/.exec(output)?.[0] ?? ''
    if (answers[0] === '+' && there('todo/23')) return 'it said + and todo/23 is there'
    if (answers[1] === '+' && there('mess/0/46')) return 'it said + and mess/0/46 is there'
    if (!there('mess/0/23')) return 'it removed what it was not told to'
    if (there('intd/23') && !there('todo/23')) return 'todo/23 went before intd/23'
    if (there('intd/46') && !there('mess/0/46')) return 'mess/0/46 went before intd/46'
    return undefined
  },
}

/** The resident queue, while inject hands it a message over its socket. */
const queueResident: Scenario = {
  name: 'queue, resident',
  until: `test -S home/queue.sock && { ${bin('inject')} -a -f s@x.example r@y.example <message; echo $? >code; }`,
  sparse: 2,
  prepare(place) {
    makeHome(place)
    writeFileSync(join(place, 'message'), message)
    writeFileSync(join(place, 'one'), '')
  },
  command: (place) => ({ file: bin('queue'), args: ['--listen'], env: environment(place), input: '' }),
  judge(place) {
    const code = existsSync(join(place, 'code')) ? Number(readFileSync(join(place, 'code'), 'utf8')) : undefined
    return judgeQueue(place, code === 0, code === 100)
  },
}

const kept = `Subject: kept\n\n${'another line\n'.repeat(50)}`

const popMailbox: Scenario = {
  name: 'pop3d that reads one message and deletes it',
  prepare(place) {
    chmodSync(place, 0o755)
    makeHome(place)
    makeMaildir(join(place, 'user'), userAccount)
    for (const [name, text] of Object.entries({ '1.first': message, '2.second': kept })) {
      const path = join(place, 'user/Maildir/new', name)
      writeFileSync(path, text)
      chownSync(path, userAccount.uid, userAccount.gid)
      utimesSync(path, 1, 1) // what came in this second is not shown yet
    }
  },
  command: (place) => ({
    file: amRoot ? 'setpriv' : bin('pop3d'), // it does not serve root
    args: [
      ...(amRoot ? ['--reuid', String(userAccount.uid), '--regid', String(userAccount.gid), '--clear-groups', bin('pop3d')] : []),
      'user/Maildir',
    ],
    env: environment(place),
    input: 'STAT\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n',
  }),
  judge(place, _exit, output) {
    const texts = ['new', 'cur'].flatMap((part) => {
      const directory = join(place, 'user/Maildir', part)
      return readdirSync(directory).map((name) => readFileSync(join(directory, name), 'latin1'))
    })
    const replies = [...output.matchAll(/^[+-].*\r\n/gm)].map(([line]) => line)
    const said = (n: number): boolean => replies[n]?.startsWith('+OK') ?? false
    const text = /^\+OK.*\r\n\+OK.*\r\n\+OK.*\r\n((?:.*\r\n)*?)\.\r\n/.exec(output)?.[1]?.replaceAll('\r\n', '\n')
    const first = replies[1]?.startsWith('+OK 1 ') && text?.startsWith(kept) ? kept : message // that it shows one only, it says
    if (said(2) && text !== undefined && !text.startsWith(first)) return 'it gave a torn message'
    if (!texts.includes(first === kept ? message : kept)) return 'what nobody deleted has gone'
    if (!said(3) && !texts.includes(first)) return 'it deleted what it did not say it would'
    return said(4) && texts.includes(first) ? 'it said + to QUIT and the message is there' : undefined
  },
}

/** The recipient at the next host in a place; several are tried at the same time, and one sink serves them all. */
const farRecipient = (place: string): string => `${basename(place)}@far.example`

function arrivedAt(sink: Sink, place: string): string[] {
  return sink.messages.filter(({ recipients }) => recipients.includes(farRecipient(place))).map(({ text }) => text)
}

function routeTo(sink: Sink, place: string): void {
  writeFileSync(join(home(place), 'control/smtproutes'), `far.example:127.0.0.1:${sink.port}\n`)
}

const remote = (sink: Sink): Scenario => ({
  name: 'remote to another host',
  prepare(place) {
    makeHome(place)
    routeTo(sink, place)
    writeFileSync(join(place, 'message'), message)
  },
  command: (place) => ({
    file: '/bin/sh',
    args: ['-c', 'exec "$0" "$@" <message', bin('remote'), 'far.example', 's@x.example', farRecipient(place)],
    env: environment(place),
    input: '',
  }),
  judge(place, exit, output) {
    const texts = arrivedAt(sink, place)
    if (texts.some((text) => !text.endsWith(message))) return 'a torn message was sent'
    const [first = '', last = ''] = output.split('\0')
    const yes = first.startsWith('r') && last.startsWith('K')
    if (yes && texts.length !== 1) return `success, and it is there ${texts.length} times`
    if (texts.length > 1) return `it is there ${texts.length} times`
    return /(?:^|\0)[hD]/.test(output) || exit === 100 ? 'a fault of this machine was called permanent' : undefined
  },
})

const finished = 'test -z "$(find home/queue/todo home/queue/info home/queue/local home/queue/remote home/queue/bounce -type f)"'

function joesMail(place: string): string[] {
  const directory = join(place, 'user/Maildir/new')
  return readdirSync(directory).map((name) => readFileSync(join(directory, name), 'latin1'))
}

/** All the programs that deliver, with one message of joe's. What a fault has deferred is tried again without it. */
function delivery(
  name: string,
  { to, arrived, bounces = false }: { to: (place: string) => string; arrived: (place: string) => string[]; bounces?: boolean },
  prepareMore: (place: string) => void = () => undefined,
): Scenario {
  return {
    name,
    until: `${finished} || grep -q deferral said`,
    sparse: 16,
    prepare(place) {
      chmodSync(place, 0o755)
      makeHome(place)
      prepareMore(place)
      const { uid, gid } = userAccount
      const user = join(place, 'user')
      makeMaildir(user, userAccount)
      chownSync(join(home(place), 'alias'), uid, gid)
      const assign = `=joe:joe:${uid}:${gid}:${user}:::\n+:alias:${uid}:${gid}:${home(place)}/alias:-::\n.\n`
      writeFileSync(join(home(place), 'users/assign'), assign)
      const env = environment(place)
      for (const [program, args, input] of [
        ['newu', [], ''],
        ['inject', ['-a', '-f', `joe@${hostName}`, to(place)], message],
      ] as const) {
        if (spawnSync(bin(program), args, { env, input }).status !== 0) throw new Error(`${program} failed`)
      }
      writeFileSync(join(place, 'one'), '')
    },
    command: (place) => ({ file: join(home(place), 'bin/start'), args: ['./Maildir/'], env: environment(place), input: '' }),
    async judge(place) {
      const again = [
        '-s',
        'KILL',
        String(hungSeconds),
        '/bin/sh',
        '-c',
        stays(finished, ''),
        'sh',
        join(home(place), 'bin/start'),
        './Maildir/',
      ]
      const log = readFileSync(join(place, 'said'), 'latin1')
      await execa('timeout', again, { env: environment(place), extendEnv: false, cwd: place, reject: false })
      const said = log + readFileSync(join(place, 'said'), 'latin1')
      const texts = arrived(place)
      if (texts.length === 0) return `it never arrived: ${said.slice(-500)}`
      if (texts.some((text) => !text.endsWith(message))) return 'a torn message was delivered'
      if (texts.length > 2) return `it is there ${texts.length} times`
      if (!bounces && /failure:|bounce msg/.test(said)) return 'a fault of this machine made it bounce'
      return spawnSync('/bin/sh', ['-c', finished], { cwd: place }).status === 0 ? undefined : 'it is not finished'
    },
  }
}

export function scenarios(sink: Sink): readonly Scenario[] {
  return [
    delivery('send, lspawn, local and clean', { to: () => `joe@${hostName}`, arrived: joesMail }),
    delivery('send, rspawn and clean', { to: farRecipient, arrived: (place) => arrivedAt(sink, place) }, (place) => routeTo(sink, place)),
    delivery('send, queue, lspawn, local and clean with a bounce', { to: () => `nobody@${hostName}`, arrived: joesMail, bounces: true }),
    queueOneShot,
    queueResident,
    injectAndQueue,
    smtpdAndQueue,
    localMaildir,
    localMbox,
    localForward,
    remote(sink),
    popMailbox,
    clean,
  ]
}

/** A queue that says yes before it has the disk's word: a shell does what queue does, and ignores what fails. */
export const planted: Scenario = {
  ...queueOneShot,
  name: 'a queue that ignores errors',
  command: (place) => ({
    file: '/bin/sh',
    args: [
      '-c',
      `cd ${home(place)}/queue; cat >mess/0/23; printf '%s' "$0" | tr '|' '\\0' >todo/23; exit 0`,
      envelope.replaceAll('\0', '|'),
    ],
    env: environment(place),
    input: message,
  }),
}
