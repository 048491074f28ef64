import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makePipe } from '@yabumi/posix'
import t from 'tap'
import { account, Conversation, program, ScratchUser } from './fixtures/pop3d.ts'

t.test('commands sent together are answered together, on one TCP connection', async (t) => {
  const user = new ScratchUser(t)
  user.maildir()
  user.file('Maildir/new/a', 'Subject: a\n\nbody\n')
  const { client, child } = await user.onTcp(['Maildir'])
  const conversation = new Conversation(client)
  const ended = new Promise((resolve) => child.on('exit', resolve))
  client.end('STAT\r\nRETR 1\r\nNOOP\r\nQUIT\r\nSTAT\r\n')
  t.equal(await conversation.hear(10), '+OK \r\n+OK 1 17\r\n+OK \r\nSubject: a\r\n\r\nbody\r\n\r\n.\r\n+OK \r\n+OK \r\n')
  t.equal(await ended, 0)
})

t.test('a file of commands, and none at all', async (t) => {
  const user = new ScratchUser(t)
  user.maildir()
  user.file('commands', 'STAT\nQUIT\n')
  const run = (input: string) => {
    const fd = openSync(input, 'r')
    const { status, stdout } = spawnSync(program, ['Maildir'], {
      ...account,
      cwd: user.home,
      stdio: [fd, 'pipe', 'pipe'],
      encoding: 'latin1',
    })
    closeSync(fd)
    return { status, stdout }
  }
  t.same(run(join(user.home, 'commands')), { status: 0, stdout: '+OK \r\n+OK 0 0\r\n+OK \r\n' })
  t.same(run('/dev/null'), { status: 0, stdout: '+OK \r\n' })
})

t.test('a session that ends without QUIT changes nothing', async (t) => {
  const user = new ScratchUser(t)
  user.maildir()
  user.file('Maildir/new/a', 'x\n')
  for (const input of ['', 'DELE 1\r\n', 'DELE 1\r\nQUIT', 'DELE 1\r\nQUIT\0\0']) {
    t.equal((await user.run(['Maildir'], input)).status, 0)
    t.same(user.names(), ['new/a'], JSON.stringify(input))
  }
  const { client, child } = await user.onTcp(['Maildir'])
  const ended = new Promise((resolve) => child.on('exit', resolve))
  await new Conversation(client).hear(1)
  client.write('DELE 1\r\n')
  client.resetAndDestroy()
  t.equal(await ended, 0)
  t.same(user.names(), ['new/a'])
})

t.test('a line without end is refused before it fills the memory, and changes nothing', async (t) => {
  const user = new ScratchUser(t)
  user.maildir()
  user.file('Maildir/new/a', 'x\n')
  const { status, stdout } = await user.run(['Maildir'], 'DELE 1\r\n', ...Array<string>(40).fill('x'.repeat(65_536)))
  t.same({ status, stdout }, { status: 0, stdout: '+OK \r\n+OK \r\n-ERR line too long\r\n' })
  t.same(user.names(), ['new/a'])
})

t.test('a long line that ends is an unknown command', async (t) => {
  const user = new ScratchUser(t)
  user.maildir()
  t.equal((await user.run(['Maildir'], 'x'.repeat(60_000), '\r\nQUIT\r\n')).stdout, '+OK \r\n-ERR unimplemented\r\n+OK \r\n')
})

t.test('a message of 60 MB reaches a client that reads slowly, through little memory', async (t) => {
  const user = new ScratchUser(t)
  user.maildir()
  const line = `.${'0123456789'.repeat(7)}\n`
  const message = `Subject: big\n\n${line.repeat(60_000_000 / line.length)}`
  user.file('Maildir/new/big', message)
  const { client, child } = await user.onTcp(['Maildir'])
  const wire = createHash('md5')
  let received = 0
  client.on('data', (bytes: Buffer) => {
    wire.update(bytes)
    received += bytes.length
    if (received % 7 === 0) {
      client.pause()
      setTimeout(() => client.resume(), 1)
    }
  })
  client.write('RETR 1\r\n')
  const expected = `+OK \r\n+OK \r\n${message.replaceAll('\n', '\r\n').replaceAll('\r\n.', '\r\n..')}\r\n.\r\n`
  await new Promise<void>((resolve) => {
    const look = setInterval(() => {
      if (received < expected.length) return
      clearInterval(look)
      resolve()
    }, 10)
  })
  const peakKilobytes = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'latin1'))?.[1])
  t.equal(wire.digest('hex'), createHash('md5').update(expected).digest('hex'))
  t.ok(peakKilobytes < 120_000, `${peakKilobytes} KB`)
  const ended = new Promise((resolve) => child.on('exit', resolve))
  client.destroy()
  t.equal(await ended, 0)
})

t.test('commands that arrive while a message is on its way are all obeyed', async (t) => {
  const user = new ScratchUser(t)
  user.maildir()
  const message = `Subject: big\n\n${'x'.repeat(70).concat('\n').repeat(300_000)}`
  user.file('Maildir/new/big', message)
  const { client, child } = await user.onTcp(['Maildir'])
  const ended = new Promise((resolve) => child.on('exit', resolve))
  const pieces: Buffer[] = []
  const begun = new Promise<void>((resolve) => {
    client.on('data', (bytes: Buffer) => {
      pieces.push(bytes)
      if (!bytes.includes('xxx')) return
      client.removeAllListeners('data').pause()
      resolve()
    })
  })
  client.write('RETR 1\r\n')
  await begun
  for (const command of ['NOOP\r\n', 'LAST\r\nST', 'AT\r\n', 'QUIT\r\n']) await new Promise((resolve) => client.write(command, resolve))
  client.on('data', (bytes: Buffer) => pieces.push(bytes)).resume()
  await new Promise((resolve) => client.once('end', resolve))
  t.equal(await ended, 0)
  const said = Buffer.concat(pieces).toString('latin1')
  t.equal(said.slice(-60).replace(/^x*/, ''), `\r\n\r\n.\r\n+OK \r\n+OK 0\r\n+OK 1 ${message.length}\r\n+OK \r\n`)
})

t.test('a client that takes nothing is left when the silence has lasted, behind pipes too', async (t) => {
  const [input, output] = [makePipe(true), makePipe(true)]
  const child = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/flood.ts')], { stdio: [input.read, output.write, 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  t.equal(await new Promise((resolve) => child.on('exit', resolve)), 7)
  for (const fd of [input.read, input.write, output.read, output.write]) closeSync(fd)
})
