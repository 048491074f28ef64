/** What a host has said counts, whatever becomes of the connection then. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { Connection, ConnectionDied } from '../src/connection.ts'
import { dial } from '../src/dial.ts'
import type { HostSocket } from '../src/hostsocket.ts'
import { answers, attempt, makeHome, type Step, script, well } from './support/attempt.ts'

makeHome(t)

/** The usual answers up to one, then this one, then an end. */
const endingWith = (at: number, reply: string, end: 'reset' | 'close') =>
  script(
    { say: `${well[0]}\r\n` },
    ...well
      .slice(1, at + 1)
      .flatMap((usual, index): Step[] => [index === 4 ? 'message' : 'line', { say: `${index + 1 === at ? reply : usual}\r\n` }]),
    end,
  )

for (const end of ['reset', 'close'] as const) {
  t.test(`A4: a reply counts when the connection is ${end} right behind it`, async (t) => {
    for (const [at, reply, reports] of [
      [1, '550 your name', ['ZConnected to 127.0.0.1 but my name was rejected.\nRemote host said: 550 your name\n']],
      [2, '550 not you', ['DConnected to 127.0.0.1 but sender was rejected.\nRemote host said: 550 not you\n']],
      [2, '421 later', ['ZConnected to 127.0.0.1 but sender was rejected.\nRemote host said: 421 later\n']],
      [3, '550 nobody', ['h127.0.0.1 does not like recipient.\nRemote host said: 550 nobody\n', 'DGiving up on 127.0.0.1.\n']],
      [4, '554 no', ['r', 'D127.0.0.1 failed on DATA command.\nRemote host said: 554 no\n']],
      [4, '451 no', ['r', 'Z127.0.0.1 failed on DATA command.\nRemote host said: 451 no\n']],
      [5, '250 taken', ['r', 'K127.0.0.1 accepted message.\nRemote host said: 250 taken\n']],
      [5, '554 spam', ['r', 'D127.0.0.1 failed after I sent the message.\nRemote host said: 554 spam\n']],
      [5, '451 later', ['r', 'Z127.0.0.1 failed after I sent the message.\nRemote host said: 451 later\n']],
    ] as const) {
      t.same((await attempt(t, endingWith(at, reply, end))).reports, reports, reply)
    }
  })
}

t.test('A4: of several recipients those who were refused stay so when the connection dies', async (t) => {
  const recipients = ['no@h.example', 'yes@h.example', 'late@h.example']
  const session = script(
    { say: '220 hi\r\n' },
    ...['250 ok', '250 ok', '550 no', '250 yes'].flatMap((reply): Step[] => ['line', { say: `${reply}\r\n` }]),
    'line',
    'reset',
  )
  t.match((await attempt(t, session, { recipients })).reports, [/^h.*\n.*550 no\n/, 'r', /^Z.*connection died\. \(/])
})

/** A host that says something after so many bytes of the message, reads no more, and then breaks the connection, as a system does for what is unread. */
const inTheMiddle = (words: string, end: 'reset' | 'close' | 'listen') =>
  script(
    { say: '220 hi\r\n' },
    ...['250 ok', '250 ok', '250 ok', '354 go'].flatMap((reply): Step[] => ['line', { say: `${reply}\r\n` }]),
    'line',
    { say: words },
    ...(end === 'listen' ? [] : [end]),
  )
const large = 'This is one of many lines.\n'.repeat(1_000_000)

for (const end of ['reset', 'close', 'listen'] as const) {
  t.test(`A5: a refusal in the middle of a large message is the verdict, when the host goes on to ${end}`, async (t) => {
    for (const [words, report] of [
      ['552 too big\r\n', 'D127.0.0.1 failed while I sent the message.\nRemote host said: 552 too big\n'],
      ['554-no\r\n554 spam\r\n', 'D127.0.0.1 failed while I sent the message.\nRemote host said: 554-no\n554 spam\n'],
      ['421 shutting down\r\n', 'Z127.0.0.1 failed while I sent the message.\nRemote host said: 421 shutting down\n'],
      ['552 too big\r\n221 bye\r\n', 'D127.0.0.1 failed while I sent the message.\nRemote host said: 552 too big\n'],
      ['250 ok\r\n', /^ZConnected to 127.0.0.1 but it is out of step: .* \(#4.5.0\)\nRemote host said: 250 ok\n$/],
      ['354 go\r\n', /^ZConnected to 127.0.0.1 but it is out of step: /],
      ['stop it\r\n', /^ZConnected to 127.0.0.1 but it is out of step: /],
      ['552 no\r\n250 ok\r\n', /^ZConnected to 127.0.0.1 but it is out of step: /],
    ] as const) {
      const { reports, wires } = await attempt(t, inTheMiddle(words, end), { message: large })
      t.match(reports, ['r', report], words)
      t.notMatch(wires[0]?.slice(-100), '\r\n.\r\n', 'and the host never sees an end')
    }
  })
}

t.test('A5: a host that breaks the connection without a word has not taken the message', async (t) => {
  t.match((await attempt(t, inTheMiddle('', 'reset'), { message: large })).reports, ['r', /^Z.*connection died\. \(/])
  t.match(
    (await attempt(t, inTheMiddle('55', 'close'), { message: large })).reports,
    ['r', /^Z.*connection died\. \(/],
    'nor with half a word',
  )
})

t.test('A5: what has come is read before a write that fails throws it away', async (t) => {
  const file = resolve('reset')
  const host = spawn(process.execPath, [join(import.meta.dirname, 'support/lastword.ts'), file], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => host.kill('SIGKILL'))
  const [line] = (await once(host.stdout, 'data')) as [Buffer]
  const socket = (await dial('127.0.0.1', Number(line), 60, '')) as HostSocket
  const connection = new Connection(socket, '127.0.0.1', 60)
  while (!existsSync(file)); // without the event loop, so that nothing is read meanwhile
  t.equal(await connection.write(Buffer.alloc(100_000)), false)
  t.same(await connection.reply(), { code: 552, text: '552 too big\n' })
  await t.rejects(connection.reply(), ConnectionDied)
  t.equal(socket.lastWords.toString(), '552 too big\r\n')
})

t.test('a host that refuses DATA, and then neither answers QUIT nor closes, has refused', async (t) => {
  t.match((await attempt(t, answers('220 hi', '250 ok', '250 ok', '250 ok', '554 no'))).reports, ['r', /^D.*failed on DATA command/])
})
