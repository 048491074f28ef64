/** Real mail programs talk to smtpd. Each test is skipped aloud where its Debian package is not installed. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { bothWays, codes, naming } from './scratch/bothways.ts'
import { Client, Resident } from './scratch/client.ts'
import { ScratchHome, smtpd } from './scratch/home.ts'

function absent(program: string, debianPackage = program): false | string {
  const { status } = spawnSync('/bin/sh', ['-c', `command -v ${program}`])
  return status === 0 ? false : `${program} is not installed; apt-get install ${debianPackage}`
}

async function run(program: string, args: readonly string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString()
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, said }
}

const body = 'Subject: dots\n\n.\n..\n.x\nlast\n'

t.test('swaks delivers a message, in lock step and pipelined', { skip: absent('swaks') }, async (t) => {
  const home = new ScratchHome(t, { rcpthosts: 'test.example\n' })
  const server = new Resident(t, home)
  const port = await server.ready()
  const to = ['--server', `127.0.0.1:${port}`, '--from', 's@x.example', '--to', 'r1@test.example,r2@test.example', '--data', body]
  t.equal((await run('swaks', to)).code, 0)
  t.equal((await run('swaks', [...to, '--pipeline'])).code, 0)
  const refused = await run('swaks', ['--server', `127.0.0.1:${port}`, '--to', 'r@other.example'])
  t.match(refused.said, /553 sorry, that domain isn't in my list of allowed rcpthosts/)
  t.equal(home.queued().length, 2)
  for (const { message, envelope } of home.queued()) {
    t.equal(envelope, 'Fs@x.example\0Tr1@test.example\0Tr2@test.example\0\0')
    t.match(message, /\n\n\.\n\.\.\n\.x\nlast\n+$/)
  }
})

t.test('curl delivers a file', { skip: absent('curl') }, async (t) => {
  const home = new ScratchHome(t, { rcpthosts: 'test.example\n' })
  const server = new Resident(t, home)
  const port = await server.ready()
  const file = join(home.path, 'message')
  writeFileSync(file, body.replaceAll('\n', '\r\n'))
  const args = [`smtp://127.0.0.1:${port}/me.example`, '--mail-from', 's@x.example', '--mail-rcpt', 'r@test.example', '--upload-file', file]
  t.equal((await run('curl', ['--silent', '--show-error', ...args])).code, 0)
  const [queued] = home.queued()
  t.equal(queued?.message.split('\n').slice(2).join('\n'), body)
  t.match(queued?.message, /^Received: from unknown \(HELO me\.example\) \(127\.0\.0\.1\)\n/)
})

t.test('tcpserver runs smtpd for each connection', { skip: absent('tcpserver', 'ucspi-tcp') }, async (t) => {
  const home = new ScratchHome(t, { rcpthosts: 'test.example\n' })
  const args = ['-1', '-H', '-R', '-l', 'server.example', '127.0.0.1', '0', smtpd]
  const server = spawn('tcpserver', args, { env: home.environment(), stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(async () => {
    server.kill('SIGTERM')
    await once(server, 'exit')
  })
  const [port] = (await once(server.stdout, 'data')) as [Buffer]
  const mail = 'HELO c\r\nMAIL FROM:<s@x.example>\r\nRCPT TO:<r@test.example>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n'
  const clients = [1, 2, 3].map(() => new Client(t, Number(port)))
  for (const client of clients) client.send(mail)
  for (const client of clients) t.match(await client.ending(), /354 go ahead\r\n250 ok [0-9]+ qp [0-9]+\r\n221 test\.example\r\n$/)
  t.equal(home.queued().length, 3)
  t.match(home.queued()[0]?.message, /^Received: from unknown \(HELO c\) \(127\.0\.0\.1\)\n {2}by server\.example with SMTP; /)
})

t.test('tinycdb makes the list of valid recipients', { skip: absent('cdb', 'tinycdb') }, async (t) => {
  const home = new ScratchHome(t)
  const file = (name: string): string => join(home.path, 'control', name)
  const input = 'joe@test.example\nlist-default@test.example\nlist-closed@test.example -\n@all.example\n'
  spawnSync('cdb', ['-c', '-m', '-t', file('validrcptto.tmp'), file('validrcptto.cdb')], { input })
  const recipients = ['Joe@test.example', 'list-x@test.example', 'list-closed@test.example', 'jim@test.example', 'x@all.example']
  t.same(codes(await bothWays(t, home, naming(...recipients))), [250, 250, 553, 553, 250])
})
