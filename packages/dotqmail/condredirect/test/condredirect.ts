import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t, { type Test } from 'tap'

const bin = join(import.meta.dirname, '../../../../bin/condredirect')
const queue = join(import.meta.dirname, 'fixtures/queue')
const usage = 'condredirect: usage: condredirect newaddress program [ arg ... ]'

/** A scratch directory for what queue gets, and a function that runs condredirect. */
function scratch(t: Test) {
  const directory = t.testdir({})
  const mail = join(directory, 'mail')
  return {
    async condredirect(args: string[], message: string | Uint8Array = 'A: b\n\nc\n', env: Record<string, string | undefined> = {}) {
      writeFileSync(mail, message)
      const { exitCode, stdout, stderr } = await execa('sh', ['-c', `exec '${bin}' "$@" <'${mail}'`, 'sh', ...args], {
        env: { PATH: '/usr/bin:/bin', QMAILQUEUE: queue, CAPTURE: directory, SENDER: 's\xf6@x', DTLINE: 'Delivered-To: j@h\n', ...env },
        extendEnv: false,
        reject: false,
      })
      return { exit: exitCode, stdout, stderr }
    },
    message: () => readFileSync(join(directory, 'mess')),
    envelope: () => readFileSync(join(directory, 'env')).toString(),
  }
}

t.test('a yes sends the message on, whole, however much of it the program has read', async (t) => {
  const { condredirect, message, envelope } = scratch(t)
  const mail = Buffer.concat([Buffer.from('A: b\n'), randomBytes(200_000)])
  for (const program of [['true'], ['head', '-n', '1'], ['sh', '-c', 'cat >/dev/null']]) {
    t.match(await condredirect(['new@x.y', ...program], mail), { exit: 99, stderr: /^condredirect: qp \d+$/ })
    t.ok(message().equals(Buffer.concat([Buffer.from('Delivered-To: j@h\n'), mail])))
    t.equal(envelope(), 'Fs\xf6@x\0Tnew@x.y\0\0')
  }
})

t.test('a no leaves the message to the next instruction', async (t) => {
  const { condredirect, message } = scratch(t)
  t.same(await condredirect(['new@x.y', 'false']), { exit: 0, stdout: '', stderr: '' })
  t.same(await condredirect(['new@x.y', '/no/such/program'], '', { SENDER: undefined }), { exit: 0, stdout: '', stderr: '' })
  t.throws(message)
})

t.test('D2: a yes with no address sends nothing, and gives up', async (t) => {
  const { condredirect, message } = scratch(t)
  for (const address of ['', '@x.y'])
    t.match(await condredirect([address, 'true']), { exit: 100, stderr: 'condredirect: fatal: no address' })
  t.equal((await condredirect(['', 'false'])).exit, 0)
  t.throws(message)
})

t.test('trouble says whether to try again', async (t) => {
  const { condredirect } = scratch(t)
  const fatal = (text: string) => `condredirect: fatal: ${text}`
  t.match(await condredirect(['a@b', 'sh', '-c', 'exit 111']), { exit: 111, stderr: fatal('temporary child error') })
  t.match(await condredirect(['a@b', 'sh', '-c', 'kill $$']), { exit: 111, stderr: fatal('child crashed') })
  t.match(await condredirect(['a@b', 'true'], '', { SENDER: undefined, DTLINE: undefined }), { exit: 100, stderr: fatal('SENDER not set') })
  t.match(await condredirect(['a@b', 'true'], '', { DTLINE: undefined }), { exit: 100, stderr: fatal('DTLINE not set') })
  t.match(await condredirect(['a@b', 'true'], '', { QUEUE_EXIT: '31' }), {
    exit: 100,
    stderr: fatal('mail server permanently rejected message (#5.3.0)'),
  })
  t.match(await condredirect(['a@b', 'true'], '', { QUEUE_EXIT: '53' }), {
    exit: 111,
    stderr: fatal('qq write error or disk full (#4.3.0)'),
  })
  t.match(await condredirect(['a@b']), { exit: 100, stderr: usage })
  t.match(await condredirect([]), { exit: 100, stderr: usage })
})

t.test('a message that cannot be read twice is not sent on', async (t) => {
  const { exitCode, stderr } = await execa(bin, ['a@b', 'true'], { input: 'A: b\n', reject: false })
  t.equal(exitCode, 111)
  t.match(stderr, /^condredirect: fatal: unable to rewind: /)
})

t.test('a message that has been sent on is done, though nobody reads its number', async (t) => {
  const { condredirect } = scratch(t)
  const capture = t.testdirName
  t.match(await condredirect(['a@b', 'true']), { exit: 99 })
  const env = { PATH: '/usr/bin:/bin', QMAILQUEUE: queue, CAPTURE: capture, SENDER: '', DTLINE: '' }
  const script = `{ '${bin}' a@b true </dev/null 2>&1; echo $? >'${capture}/code'; } | exec true`
  await execa('sh', ['-c', script], { env, extendEnv: false })
  t.equal(readFileSync(join(capture, 'code'), 'utf8'), '99\n')
})
