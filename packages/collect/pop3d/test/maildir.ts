import { once } from 'node:events'
import { chmodSync, mkdirSync, readFileSync, symlinkSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import fc from 'fast-check'
import t from 'tap'
import { amRoot, Conversation, ScratchUser } from './fixtures/pop3d.ts'

t.test(
  'messages are numbered in the order of arrival; names with a dot in front, other things and the running second do not count',
  async (t) => {
    const user = new ScratchUser(t)
    user.maildir()
    user.file('Maildir/new/b', 'Subject: 2\n', 2_000)
    user.file('Maildir/cur/a:2,S', 'Subject: 1\n', 1_000)
    user.file('Maildir/new/.hidden', 'x', 1_000)
    user.file('Maildir/new/future', 'x', Date.now() / 1000 + 100)
    mkdirSync(join(user.home, 'Maildir/cur/directory'))
    symlinkSync('nowhere', join(user.home, 'Maildir/cur/dangling'))
    user.file('Maildir/new/caf\xe9', 'Subject: 3\n', 3_000)
    t.same(await user.run(['Maildir'], 'UIDL\r\nRETR 3\r\nQUIT\r\n'), {
      status: 0,
      stdout: '+OK \r\n+OK \r\n1 a\r\n2 b\r\n3 caf\xe9\r\n.\r\n+OK \r\nSubject: 3\r\n\r\n.\r\n+OK \r\n',
      stderr: '',
    })
    t.same(user.names(), ['cur/a:2,S', 'cur/b:2,', 'cur/caf\xe9:2,', 'cur/dangling', 'cur/directory', 'new/.hidden', 'new/future'])
  },
)

t.test('what deliveries have left in tmp for 36 hours is removed', async (t) => {
  const user = new ScratchUser(t)
  user.maildir()
  const hours = (n: number) => Date.now() / 1000 - n * 3600
  for (const [name, age] of [
    ['old', 37],
    ['young', 35],
    ['.old', 37],
  ] as const) {
    user.file(`Maildir/tmp/${name}`, 'x')
    utimesSync(join(user.home, 'Maildir/tmp', name), hours(age), hours(100))
  }
  t.equal((await user.run(['Maildir'], 'QUIT\r\n')).stdout, '+OK \r\n+OK \r\n')
  t.same(user.names(), ['tmp/.old', 'tmp/young'])
})

t.test('a missing or locked Maildir is said to be none', async (t) => {
  const user = new ScratchUser(t)
  user.maildir()
  const none = { status: 0, stdout: '-ERR this user has no $HOME/Maildir\r\n', stderr: '' }
  t.same(await user.run(['nosuch'], 'QUIT\r\n'), none)
  t.same(await user.run([], 'QUIT\r\n'), none)
  t.same(await user.run([''], 'QUIT\r\n'), none)
  chmodSync(join(user.home, 'Maildir'), 0)
  t.same(await user.run(['Maildir'], 'QUIT\r\n'), none)
  chmodSync(join(user.home, 'Maildir'), 0o700)
  chmodSync(join(user.home, 'Maildir/new'), 0)
  t.same(await user.run(['Maildir'], 'QUIT\r\n'), { ...none, stdout: '-ERR unable to scan $HOME/Maildir\r\n' })
  chmodSync(join(user.home, 'Maildir/new'), 0o700)
})

t.test('a message that has gone or is locked cannot be opened, and one that cannot be removed is told at the end', async (t) => {
  const user = new ScratchUser(t)
  user.maildir()
  user.file('Maildir/cur/a', 'Subject: 1\n', 1_000)
  user.file('Maildir/cur/b', 'Subject: 2\n', 2_000)
  chmodSync(join(user.home, 'Maildir/cur/a'), 0)
  const read = await user.run(['Maildir'], 'RETR 1\r\nTOP 1 0\r\nRETR 2\r\nQUIT\r\n')
  t.equal(
    read.stdout,
    '+OK \r\n-ERR unable to open that message\r\n-ERR unable to open that message\r\n+OK \r\nSubject: 2\r\n\r\n.\r\n+OK \r\n',
  )
  chmodSync(join(user.home, 'Maildir/cur'), 0o500)
  const removed = await user.run(['Maildir'], 'DELE 2\r\nQUIT\r\n')
  t.same(removed, { status: 0, stdout: '+OK \r\n+OK \r\n-ERR unable to unlink all deleted messages\r\n+OK \r\n', stderr: '' })
  chmodSync(join(user.home, 'Maildir/cur'), 0o700)
  t.same(user.names(), ['cur/a', 'cur/b'])
})

t.test('what another session has removed or moved meanwhile cannot be opened or removed, and the client hears so', async (t) => {
  const user = new ScratchUser(t)
  user.maildir()
  for (const [index, name] of ['new/a', 'new/b', 'cur/c'].entries()) user.file(`Maildir/${name}`, `X: ${name}\n`, 1_000 + index)
  const { client, child } = await user.onTcp(['Maildir'])
  const conversation = new Conversation(client)
  t.equal(await conversation.hear(1), '+OK \r\n')
  await user.run(['Maildir'], 'DELE 1\r\nQUIT\r\n')
  client.write('RETR 1\r\n')
  t.equal(await conversation.hear(1), '-ERR unable to open that message\r\n')
  client.write('DELE 2\r\nDELE 3\r\nQUIT\r\n')
  const ended = new Promise((resolve) => child.on('exit', resolve))
  t.equal(await conversation.hear(4), '+OK \r\n+OK \r\n-ERR unable to unlink all deleted messages\r\n+OK \r\n')
  t.equal(await ended, 0)
  t.same(user.names(), ['cur/b:2,'])
  client.destroy()
})

t.test('a client that takes no replies any more removes nothing, though its QUIT has arrived', async (t) => {
  const user = new ScratchUser(t)
  user.maildir()
  user.file('Maildir/cur/a', 'Subject: 1\n', 1_000)
  const child = user.start(['Maildir'])
  const replies = child.stdout as Readable
  await once(replies, 'data')
  await once(replies.destroy(), 'close')
  child.stdin?.end('RETR 1\r\nDELE 1\r\nQUIT\r\n')
  t.same(await once(child, 'exit'), [0, null])
  t.same(user.names(), ['cur/a'])
})

t.test('root has no mailbox', { skip: !amRoot && 'only root can try' }, async (t) => {
  const { spawnSync } = await import('node:child_process')
  const user = new ScratchUser(t)
  user.maildir()
  const program = join(import.meta.dirname, '../../../../bin/pop3d')
  const { status, stdout, stderr } = spawnSync(program, ['Maildir'], { cwd: user.home, input: 'QUIT\r\n', encoding: 'latin1' })
  t.same({ status, stdout, stderr }, { status: 1, stdout: '', stderr: 'qmail-pop3d invoked as uid 0, terminating\n' })
})

/** The dialogue once more, from spec §6.3: what must be answered to one command. */
class Model {
  readonly #messages: readonly { uid: string; data: string }[]
  readonly deleted = new Set<number>()
  #last = 0

  constructor(messages: readonly { uid: string; data: string }[]) {
    this.#messages = messages
  }

  answer(command: string): string {
    const [verb = '', ...words] = command.replace(/\r$/, '').split('\0', 1)[0]?.split(/ +/) ?? []
    const [first = '', second = ''] = words
    const kept = this.#messages
      .map((message, index) => ({ ...message, number: index + 1 }))
      .filter(({ number }) => !this.deleted.has(number))
    const number = Number(/^\d+/.exec(first)?.[0] ?? Number.NaN)
    const value = (of: (typeof kept)[number]) => (/^list$/i.test(verb) ? of.data.length : of.uid)
    switch (verb.toUpperCase()) {
      case 'STAT':
        return `+OK ${this.#messages.length} ${kept.reduce((sum, { data }) => sum + data.length, 0)}\r\n`
      case 'NOOP':
        return '+OK \r\n'
      case 'LAST':
        return `+OK ${this.#last}\r\n`
      case 'RSET':
        this.deleted.clear()
        this.#last = 0
        return '+OK \r\n'
      case 'LIST':
      case 'UIDL':
        if (first === '') return `+OK \r\n${kept.map((message) => `${message.number} ${value(message)}\r\n`).join('')}.\r\n`
        break
      case 'RETR':
      case 'TOP':
      case 'DELE':
        break
      default:
        return '-ERR unimplemented\r\n'
    }
    if (Number.isNaN(number)) return '-ERR syntax error\r\n'
    if (number === 0) return '-ERR messages are counted from 1\r\n'
    if (number > this.#messages.length) return '-ERR not that many messages\r\n'
    const message = kept.find((one) => one.number === number)
    if (message === undefined) return '-ERR already deleted\r\n'
    if (/^(list|uidl)$/i.test(verb)) return `+OK ${number} ${value(message)}\r\n`
    if (/^dele$/i.test(verb)) {
      this.deleted.add(number)
      this.#last = Math.max(this.#last, number)
      return '+OK \r\n'
    }
    const rest = /^\d+$/.test(first) ? second : command.replace(/^[^ ]* +\d+/, '').replace(/^ +/, '')
    return `+OK \r\n${this.#wire(message.data, Number(/^\d+/.exec(rest)?.[0] ?? Number.POSITIVE_INFINITY))}`
  }

  #wire(data: string, bodyLines: number): string {
    const lines = data === '' ? [] : data.replace(/\n$/, '').split('\n')
    const blank = lines.indexOf('')
    const wanted = blank < 0 ? lines : lines.slice(0, blank + 1 + bodyLines)
    return [...wanted.map((line) => (line.startsWith('.') ? `.${line}` : line)), '', '.', ''].join('\r\n')
  }
}

t.test('any commands, in any pieces, are answered as the specification says', async (t) => {
  const data = fc
    .array(fc.constantFrom('A: b\n', '\n', '.', '.\n', 'x\n', 'last', '\r\n', '\xff'), { maxLength: 10 })
    .map((parts) => parts.join(''))
  const word = fc.constantFrom('1', '2', '3', '4', '0', '1x', 'x', '', '99999999999999999999', ' 2')
  const command = fc.oneof(
    fc.tuple(fc.constantFrom('RETR', 'TOP', 'DELE', 'LIST', 'UIDL', 'top', 'dele'), word, word).map((parts) => parts.join(' ')),
    fc.constantFrom('STAT', 'NOOP', 'LAST', 'RSET', 'LIST', 'UIDL', 'XX', '', ' STAT', 'stat ', 'STAT\0x', 'RETR', 'CAPA', 'QUITX', '\xff'),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(data, { maxLength: 4 }),
      fc.array(command, { maxLength: 25 }),
      fc.array(fc.nat(300), { maxLength: 6 }),
      async (all, commands, cuts) => {
        const user = new ScratchUser({ teardown: (work) => t.teardown(work) })
        user.maildir()
        for (const [index, one] of all.entries()) user.file(`Maildir/${index % 2 === 0 ? 'new' : 'cur'}/m${index}`, one, 1_000 + index)
        const model = new Model(all.map((one, index) => ({ uid: `m${index}`, data: one })))
        const expected = ['+OK \r\n', ...commands.map((one) => model.answer(one)), '+OK \r\n'].join('')
        const input = Buffer.from(
          [...commands.map((one, index) => `${one}${index % 3 === 0 ? '' : '\r'}\n`), 'QUIT\r\n'].join(''),
          'latin1',
        )
        const places = [0, ...cuts.map((cut) => cut % (input.length + 1)).sort((a, b) => a - b), input.length]
        const pieces = places.slice(1).map((place, index) => input.subarray(places[index], place))
        t.same(await user.run(['Maildir'], ...pieces), { status: 0, stdout: expected, stderr: '' }, JSON.stringify(commands))
        const left = all.map((_, index) => index).filter((index) => !model.deleted.has(index + 1))
        t.same(user.names(), left.map((index) => (index % 2 === 0 ? `cur/m${index}:2,` : `cur/m${index}`)).sort())
        for (const index of left)
          t.equal(readFileSync(join(user.home, 'Maildir/cur', index % 2 === 0 ? `m${index}:2,` : `m${index}`), 'latin1'), all[index])
      },
    ),
    { seed: 7, numRuns: 40 },
  )
})
