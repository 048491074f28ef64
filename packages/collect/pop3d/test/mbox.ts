import { chmodSync, closeSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { asAccount } from '@yabumi/home'
import { appendToMbox } from '@yabumi/mbox'
import { tryLock } from '@yabumi/posix'
import fc from 'fast-check'
import t from 'tap'
import { Conversation, ScratchUser } from './fixtures/pop3d.ts'

// the message of the document's second dialogue, as its server has it in the mbox
const header = [
  '>From kyoma@blue.sci.hokudai.ac.jp  Tue Jun 22 13:05:45 1999',
  'Received: from blue.sci.hokudai.ac.jp (blue.sci.hokudai.ac.jp [133.87.45.26])',
  '        by cosmos.sci.hokudai.ac.jp (8.8.8/3.6W) with SMTP id NAA10723',
  '        for <kyoma@cosmos.sci.hokudai.ac.jp>; Tue, 22 Jun 1999 13:05:45 +0900 (JST)',
  'From: kyoma@blue.sci.hokudai.ac.jp',
  'Message-Id: <199906220405.NAA10723@cosmos.sci.hokudai.ac.jp>',
  'Received: (qmail 27776 invoked from network); 22 Jun 1999 04:04:27 -0000',
  'Received: from skyblue.sci.hokudai.ac.jp (HELO ?133.50.133.146?) (133.50.133.146)',
  '  by blue.sci.hokudai.ac.jp with SMTP; 22 Jun 1999 04:04:27 -0000',
  'Date: Tue, 22 Jun 1999 13:04:27 +0900',
  'To: kyoma@cosmos.sci.hokudai.ac.jp',
  'Subject: test',
  'X-Mailer: Eudora-J(1.3.8.8r6-J16)',
  '',
]
const document = `${[...header, '        test', ''].join('\n')}\n`
const separator = 'From kyoma@blue.sci.hokudai.ac.jp  Tue Jun 22 13:05:45 1999\n'

function stored(name: string, body = 'text'): string {
  return `From ${name} Tue Jun 22 13:05:45 1999\nSubject: ${name}\n\n${body}\n\n`
}

t.test("the document's second dialogue: POP3 over an mbox", async (t) => {
  const user = new ScratchUser(t)
  user.file('Mailbox', `${separator}${document}\n`)
  const { client, child } = await user.onTcp(['Mailbox'])
  const conversation = new Conversation(client)
  const ask = (command: string, lines = 1) => {
    client.write(`${command}\r\n`)
    return conversation.hear(lines)
  }
  t.equal(await conversation.hear(1), '+OK \r\n')
  t.equal(await ask('STAT'), `+OK 1 ${document.length}\r\n`)
  t.equal(await ask('LIST', 3), `+OK \r\n1 ${document.length}\r\n.\r\n`)
  t.equal(await ask('RETR 1', 19), `+OK \r\n${document.replaceAll('\n', '\r\n')}\r\n.\r\n`)
  t.equal(await ask('DELE 1'), '+OK \r\n')
  t.equal(await ask('STAT'), '+OK 1 0\r\n', 'as qmail counts: all messages, the size of those that stay')
  const ended = new Promise((resolve) => child.on('exit', resolve))
  t.equal(await ask('QUIT'), '+OK \r\n')
  t.equal(await ended, 0)
  t.equal(readFileSync(join(user.home, 'Mailbox'), 'latin1'), '')
})

t.test('mail that is delivered during the session stays, whatever the session removes', async (t) => {
  const user = new ScratchUser(t)
  user.file('Mailbox', stored('a') + stored('b') + stored('c'))
  const path = join(user.home, 'Mailbox')
  const { client, child } = await user.onTcp(['Mailbox'])
  const conversation = new Conversation(client)
  const ask = (command: string, lines = 1) => {
    client.write(`${command}\r\n`)
    return conversation.hear(lines)
  }
  await conversation.hear(1)
  const { uid, gid } = statSync(path)
  await asAccount({ uid, gid, groups: [] }, () =>
    appendToMbox(path, Buffer.from('From new Tue Jun 22 13:05:45 1999\n'), Buffer.from('Subject: new\n\nFrom here\n')),
  )
  t.equal(await ask('STAT'), '+OK 3 58\r\n'.replace('58', String(3 * 'Subject: a\n\ntext\n'.length)))
  t.equal(await ask('RETR 2', 6), '+OK \r\nSubject: b\r\n\r\ntext\r\n\r\n.\r\n')
  t.equal(await ask('DELE 1'), '+OK \r\n')
  t.equal(await ask('DELE 3'), '+OK \r\n')
  const holder = openSync(path, 'r+')
  t.ok(tryLock(holder), 'nothing is locked while the client is waited for')
  closeSync(holder)
  const ended = new Promise((resolve) => child.on('exit', resolve))
  await ask('QUIT')
  await ended
  t.equal(readFileSync(path, 'latin1'), `${stored('b')}From new Tue Jun 22 13:05:45 1999\nSubject: new\n\n>From here\n\n`)
})

t.test('two sessions on one mbox: each removes its own, and a message is found again when it has moved', async (t) => {
  const user = new ScratchUser(t)
  user.file('Mailbox', stored('a') + stored('b') + stored('c'))
  const { client, child } = await user.onTcp(['Mailbox'])
  const conversation = new Conversation(client)
  await conversation.hear(1)
  await user.run(['Mailbox'], 'DELE 1\r\nQUIT\r\n')
  client.write('RETR 3\r\nRETR 1\r\nDELE 2\r\nQUIT\r\n')
  const ended = new Promise((resolve) => child.on('exit', resolve))
  t.equal(await conversation.hear(9), '+OK \r\nSubject: c\r\n\r\ntext\r\n\r\n.\r\n-ERR unable to open that message\r\n+OK \r\n+OK \r\n')
  t.equal(await ended, 0)
  t.equal(readFileSync(join(user.home, 'Mailbox'), 'latin1'), stored('c'))
})

t.test('uids are the same in every session, and a file that was replaced is served as well', async (t) => {
  const user = new ScratchUser(t)
  user.file('Mailbox', stored('a') + stored('b') + stored('a'))
  const uids = async () => [...(await user.run(['Mailbox'], 'UIDL\r\nQUIT\r\n')).stdout.matchAll(/^\d+ (\S+)\r$/gm)].map(([, uid]) => uid)
  const first = await uids()
  t.equal(new Set(first).size, 3)
  t.same(await uids(), first)
  await user.run(['Mailbox'], 'DELE 1\r\nQUIT\r\n')
  t.same(await uids(), [first[1], first[0]], 'of two equal messages one is left')
  const { client } = await user.onTcp(['Mailbox'])
  const conversation = new Conversation(client)
  await conversation.hear(1)
  user.file('other', stored('z', 'long '.repeat(50)) + stored('b'))
  renameSync(join(user.home, 'other'), join(user.home, 'Mailbox'))
  client.write('RETR 1\r\n')
  t.equal(await conversation.hear(6), '+OK \r\nSubject: b\r\n\r\ntext\r\n\r\n.\r\n')
  client.destroy()
})

t.test('a message that moves while it is being sent is sent on from its new place', async (t) => {
  const user = new ScratchUser(t)
  const big = 'x'.repeat(70).concat('\n').repeat(300_000)
  user.file('Mailbox', stored('a') + stored('big', big))
  const { client, child } = await user.onTcp(['Mailbox'])
  let heard = ''
  client.on('data', (bytes: Buffer) => {
    heard += bytes.toString('latin1')
    if (heard.length > 100_000 && !client.isPaused() && !moved) client.pause()
  })
  let moved = false
  client.write('RETR 2\r\nQUIT\r\n')
  await new Promise<void>((resolve) => client.once('pause', () => resolve()))
  await user.run(['Mailbox'], 'DELE 1\r\nQUIT\r\n')
  moved = true
  const ended = new Promise((resolve) => child.on('exit', resolve))
  client.resume()
  t.equal(await ended, 0)
  const expected = `+OK \r\n+OK \r\nSubject: big\r\n\r\n${big.replaceAll('\n', '\r\n')}\r\n\r\n.\r\n+OK \r\n`
  await new Promise<void>((resolve) => (heard.length >= expected.length ? resolve() : client.once('end', resolve)))
  t.ok(heard === expected)
})

t.test('an mbox that cannot be read, or is none, cannot be scanned; why stands on descriptor 2', async (t) => {
  const user = new ScratchUser(t)
  const refused = { status: 0, stdout: '-ERR unable to scan $HOME/Maildir\r\n' }
  user.file('text', 'no mbox\n')
  t.same(await user.run(['text'], 'QUIT\r\n'), { ...refused, stderr: 'pop3d: unable to read text: does not begin with a From line\n' })
  user.file('Mailbox', stored('a'))
  chmodSync(join(user.home, 'Mailbox'), 0)
  t.same(await user.run(['Mailbox'], 'QUIT\r\n'), { ...refused, stderr: 'pop3d: unable to read Mailbox: access denied\n' })
})

t.test('an mbox that may only be read keeps its messages, and the client hears so', async (t) => {
  const user = new ScratchUser(t)
  user.file('Mailbox', stored('a'))
  chmodSync(join(user.home, 'Mailbox'), 0o400)
  const { stdout, stderr } = await user.run(['Mailbox'], 'RETR 1\r\nDELE 1\r\nQUIT\r\n')
  t.equal(stdout, '+OK \r\n+OK \r\nSubject: a\r\n\r\ntext\r\n\r\n.\r\n+OK \r\n-ERR unable to unlink all deleted messages\r\n+OK \r\n')
  t.equal(stderr, 'pop3d: unable to remove messages from Mailbox: access denied\n')
  t.equal(readFileSync(join(user.home, 'Mailbox'), 'latin1'), stored('a'))
})

t.test('an empty mbox holds nothing', async (t) => {
  const user = new ScratchUser(t)
  user.file('Mailbox', '')
  t.equal((await user.run(['Mailbox'], 'STAT\r\nUIDL\r\nQUIT\r\n')).stdout, '+OK \r\n+OK 0 0\r\n+OK \r\n.\r\n+OK \r\n')
})

t.test('any removals over several sessions leave exactly the other messages', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.subarray([1, 2, 3, 4]), { minLength: 1, maxLength: 3 }), async (sessions) => {
      const user = new ScratchUser({ teardown: (work) => t.teardown(work) })
      let left = ['a', 'b', 'c', 'd', 'e', 'f']
      user.file('Mailbox', left.map((name) => stored(name)).join(''))
      for (const numbers of sessions) {
        const gone = numbers.filter((number) => number <= left.length)
        await user.run(['Mailbox'], `${gone.map((number) => `DELE ${number}\r\n`).join('')}QUIT\r\n`)
        left = left.filter((_, index) => !gone.includes(index + 1))
      }
      t.equal(readFileSync(join(user.home, 'Mailbox'), 'latin1'), left.map((name) => stored(name)).join(''))
    }),
    { seed: 8, numRuns: 10 },
  )
})

t.test('what a crash has left half done is completed before the mbox is listed', async (t) => {
  const user = new ScratchUser(t)
  user.file('Mailbox', stored('a') + stored('b'))
  const [a, b] = [stored('a'), stored('b')]
  user.file('.Mailbox.yabumi-copy', `0 ${b.length} ${a.length + b.length}\n${b}`)
  writeFileSync(join(user.home, 'Mailbox'), b.slice(0, 20) + (a + b).slice(20))
  const { stdout } = await user.run(['Mailbox'], 'RETR 1\r\nSTAT\r\nQUIT\r\n')
  t.equal(stdout, '+OK \r\n+OK \r\nSubject: b\r\n\r\ntext\r\n\r\n.\r\n+OK 1 17\r\n+OK \r\n')
  t.equal(readFileSync(join(user.home, 'Mailbox'), 'latin1'), b)
})
