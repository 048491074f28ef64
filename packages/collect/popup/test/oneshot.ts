import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import t from 'tap'

const program = join(import.meta.dirname, '../../../../bin/popup')
const directory = mkdtempSync(join(realpathSync(tmpdir()), 'yabumi-popup-'))
t.teardown(() => rmSync(directory, { recursive: true }))
/** As of a home without control files, whatever the checkout has. */
const env = { PATH: process.env['PATH'], YABUMI_HOME: directory }
/** Keeps what it was given on descriptor 3. */
const keep = ['sh', '-c', `cat <&3 >${directory}/fd3; exit 0`]

interface Outcome {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

function popup(args: readonly string[], ...input: readonly (string | Buffer)[]): Promise<Outcome> {
  return serve(spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'] }), input)
}

async function serve(child: ReturnType<typeof spawn>, input: readonly (string | Buffer)[]): Promise<Outcome> {
  const { stdin, stdout, stderr } = child
  if (stdin === null || stdout === null || stderr === null) throw new Error('no pipes')
  stdin.on('error', () => undefined)
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const output = [text(stdout.setEncoding('latin1')), text(stderr.setEncoding('latin1'))]
  for (const piece of input) await new Promise<void>((resolve) => stdin.write(Buffer.from(piece as string, 'latin1'), () => resolve()))
  stdin.end()
  const [said = '', complaints = ''] = await Promise.all(output)
  return { status: await ended, stdout: said.replace(/^\+OK <\d+\.\d+@/, '+OK <N@'), stderr: complaints }
}

const greeting = '+OK <N@pop.example>\r\n'

t.test('what follows the login line is left for the subprogram, whatever descriptor 0 is', async (t) => {
  const rest = 'STAT\r\nRETR 1\r\n\0\xff and more'
  const show = ['sh', '-c', 'cat <&3 >/dev/null; cat']
  const expected = `${greeting}+OK \r\n${rest}`
  const lines = `USER joe\r\nPASS secret\r\n${rest}`
  t.equal((await popup(['pop.example', ...show], lines)).stdout, expected, 'a pipe')
  t.equal((await popup(['pop.example', ...show], ...(lines.match(/.{1,3}/gs) ?? []))).stdout, expected, 'a pipe, in pieces')
  writeFileSync(join(directory, 'input'), lines, 'latin1')
  const file = spawn('sh', ['-c', `exec ${program} pop.example sh -c 'cat <&3 >/dev/null; cat' <${directory}/input`], {
    env,
    stdio: 'pipe',
  })
  t.equal((await serve(file, [])).stdout, expected, 'a file')
  t.equal(await overTcp(show, lines), expected, 'a TCP connection')
})

async function overTcp(subprogram: readonly string[], input: string): Promise<string> {
  const server = createServer({ pauseOnConnect: true })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
  const client = connect((server.address() as { port: number }).port, '127.0.0.1')
  const socket = await accepted
  spawn(program, ['pop.example', ...subprogram], { env, stdio: [socket, socket, 'inherit'] })
  socket.destroy()
  server.close()
  client.end(Buffer.from(input, 'latin1'))
  return (await text(client.setEncoding('latin1'))).replace(/^\+OK <\d+\.\d+@/, '+OK <N@')
}

t.test('APOP hands over name, digest and challenge', async (t) => {
  const child = spawn(program, ['pop.example', ...keep], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const said = text(child.stdout)
  child.stdin.end('APOP kyoma 39db6086a2177820774b3f07befaf946\r\n')
  const challenge = /^\+OK (<\d+\.\d+@pop\.example>)\r\n$/.exec(await said)?.[1]
  t.ok(challenge)
  t.equal(readFileSync(join(directory, 'fd3'), 'latin1'), `kyoma\x0039db6086a2177820774b3f07befaf946\0${challenge}\0`)
})

t.test('the subprogram’s end decides what the client hears last', async (t) => {
  const after = async (script: string) => (await popup(['pop.example', 'sh', '-c', script], 'USER joe\r\nPASS x\r\n')).stdout
  t.equal(await after('exit 0'), `${greeting}+OK \r\n`)
  for (const script of ['exit 1', 'exit 2', 'exit 111', 'cat <&3 >/dev/null; exit 1']) {
    t.equal(await after(script), `${greeting}+OK \r\n-ERR authorization failed\r\n`, script)
  }
  t.equal(await after('kill -9 $$'), `${greeting}+OK \r\n-ERR aack, child crashed\r\n`)
})

t.test('a subprogram that does not exist lets nobody in', async (t) => {
  for (const file of ['/nonexistent/checkpassword', 'nosuchprogram', directory, '/nonexistent/caf\u00e9']) {
    t.same(await popup(['pop.example', file], 'USER joe\r\nPASS x\r\n'), {
      status: 1,
      stdout: `${greeting}+OK \r\n-ERR authorization failed\r\n`,
      stderr: '',
    })
  }
})

t.test('popup without a host or a subprogram says how it is used', async (t) => {
  for (const args of [[], ['pop.example']]) {
    t.same(await popup(args), { status: 1, stdout: '-ERR usage: popup hostname subprogram\r\n', stderr: '' })
  }
})

t.test('who talks too much before login is cut off', async (t) => {
  const noise = await popup(['pop.example', ...keep], ...Array<string>(300).fill('x'.repeat(1_000)))
  t.same(noise, { status: 1, stdout: `${greeting}-ERR too much talk before login\r\n`, stderr: '' })
  const chatter = await popup(['pop.example', ...keep], 'NOOP\r\n'.repeat(10_000))
  t.equal(chatter.stdout, `${greeting}${'+OK \r\n'.repeat(Math.floor(16_384 / 6))}-ERR too much talk before login\r\n`)
})

/** The dialogue once more, from spec §6.1. @returns the replies, and what the subprogram is given */
function model(lines: readonly string[]): { replies: string; credentials: string | undefined } {
  let replies = greeting
  let login: string | undefined
  for (const line of lines) {
    const [text = ''] = line.replace(/\r$/, '').split('\0', 1)
    const [, verb = '', argument = ''] = /^([^ ]*) *(.*)$/s.exec(text) ?? []
    switch (verb.toLowerCase()) {
      case 'user':
        if (argument !== '') login = argument
        replies += argument === '' ? '-ERR syntax error\r\n' : '+OK \r\n'
        break
      case 'pass':
        if (login !== undefined && argument !== '') return { replies, credentials: `${login}\0${argument}\0` }
        replies += login === undefined ? '-ERR USER first\r\n' : '-ERR syntax error\r\n'
        break
      case 'apop':
        if (argument.includes(' ')) return { replies, credentials: `${argument.replace(' ', '\0')}\0` }
        replies += '-ERR syntax error\r\n'
        break
      case 'quit':
        return { replies: `${replies}+OK \r\n`, credentials: undefined }
      case 'noop':
        replies += '+OK \r\n'
        break
      default:
        replies += '-ERR authorization first\r\n'
    }
  }
  return { replies, credentials: undefined }
}

t.test('with control/popextensions 1 it goes on after exit code 1, whatever descriptor 0 is', async (t) => {
  mkdirSync(join(directory, 'control'))
  writeFileSync(join(directory, 'control/popextensions'), '1\n')
  const check = ['sh', '-c', 'read x <&3; case $x in *right*) cat;; *) exit 1; esac']
  const lines = 'USER joe\r\nPASS wrong\r\nUSER joe\r\nPASS right\r\nSTAT\r\n'
  const expected = `${greeting}+OK \r\n-ERR [AUTH] authorization failed\r\n+OK \r\nSTAT\r\n`
  t.equal((await popup(['pop.example', ...check], ...(lines.match(/.{1,3}/gs) ?? []))).stdout, expected, 'a pipe')
  t.equal(await overTcp(check, lines), expected, 'a TCP connection')
  rmSync(join(directory, 'control'), { recursive: true })
})

t.test('any lines, in any pieces, are answered as the specification says', async (t) => {
  const line = fc.oneof(
    fc
      .tuple(
        fc.constantFrom('USER', 'PASS', 'APOP', 'user', 'Pass', 'XX'),
        fc.constantFrom('', ' ', ' joe', '  a b ', ' j\xf6e\0x', ' a\r'),
      )
      .map((parts) => parts.join('')),
    fc.constantFrom('NOOP', 'QUIT', 'STAT', '', ' ', 'quit now', 'CAPA', '\0', 'PASS\0x'),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 12 }), fc.array(fc.nat(200), { maxLength: 5 }), async (lines, cuts) => {
      rmSync(join(directory, 'fd3'), { force: true })
      const { replies, credentials } = model(lines.map((one) => `${one}\r`))
      const input = Buffer.from(lines.map((one) => `${one}\r\n`).join(''), 'latin1')
      const places = [0, ...cuts.map((cut) => cut % (input.length + 1)).sort((a, b) => a - b), input.length]
      const outcome = await popup(['pop.example', ...keep], ...places.slice(1).map((place, index) => input.subarray(places[index], place)))
      t.same(outcome, { status: 1, stdout: replies, stderr: '' }, JSON.stringify(lines))
      if (credentials !== undefined) t.ok(readFileSync(join(directory, 'fd3'), 'latin1').startsWith(credentials), JSON.stringify(lines))
    }),
    { seed: 10, numRuns: 60 },
  )
})
