import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'

const bin = join(import.meta.dirname, '../../../../bin/qsmhook')
const lines = { UFLINE: 'From s@x Thu Jan  1\n', RPLINE: 'Return-Path: <s@x>\n', DTLINE: 'Delivered-To: j@h\n' }
const usage = 'qsmhook: usage: qsmhook [ -DFlMmnPs ] [ -x prefix ] cmd [ arg ... ]'

async function qsmhook(args: string[], env: Record<string, string | undefined> = {}) {
  const delivery = { ...lines, LOCAL: 'list-joe', HOST: 'h.example', SENDER: '$(id)%u@x' }
  const options = { input: 'A: b\n', env: { PATH: '/usr/bin:/bin', ...delivery, ...env }, extendEnv: false, reject: false }
  const { exitCode, stdout, stderr } = await execa(bin, args, options)
  return { exit: exitCode, stdout, stderr }
}

t.test('options choose the lines in front of the message', async (t) => {
  const shown = async (...args: string[]) => (await qsmhook([...args, 'cat'])).stdout
  t.equal(await shown(), `${lines.UFLINE}A: b`)
  t.equal(await shown('-n'), 'A: b')
  t.equal(await shown('-lP', '-DFMms'), `${lines.UFLINE}${lines.RPLINE}${lines.DTLINE}A: b`)
  t.equal(await shown('-nl', '--'), `${lines.DTLINE}A: b`)
})

t.test('percent words are the sender, the host and the local part, each within its word', async (t) => {
  const words = async (...args: string[]) => (await qsmhook([...args, 'printf', '%%s,', '%g', '<%u>', '%h', '%%u', '%x', '%'])).stdout
  t.equal(await words(), '$(id)%u@x,<list-joe>,h.example,%u,%x,%,')
  t.equal(await words('-x', 'list-'), '$(id)%u@x,<joe>,h.example,%u,%x,%,')
  t.equal(await words('-xother-'), '$(id)%u@x,<list-joe>,h.example,%u,%x,%,')
})

t.test('the exit code is that of the command, if it can be run', async (t) => {
  t.match(await qsmhook(['sh', '-c', 'exit 75']), { exit: 75, stderr: '' })
  t.match(await qsmhook(['sh', '-c', 'kill -9 $$']), { exit: 111, stderr: 'qsmhook: fatal: child crashed' })
  t.match(await qsmhook(['/no/such']), { exit: 100, stderr: 'qsmhook: fatal: unable to run /no/such: file does not exist' })
})

t.test('bad usage, and what local did not say, is exit code 100', async (t) => {
  t.match(await qsmhook([]), { exit: 100, stderr: usage })
  t.match(await qsmhook(['-y', 'cat']), { exit: 100, stderr: `qsmhook: illegal option -- y\n${usage}` })
  for (const name of [...Object.keys(lines), 'LOCAL', 'HOST', 'SENDER']) {
    t.match(await qsmhook(['cat'], { [name]: undefined }), { exit: 100, stderr: `qsmhook: fatal: ${name} not set` })
  }
})
