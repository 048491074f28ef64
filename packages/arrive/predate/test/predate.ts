import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'

const bin = join(import.meta.dirname, '../../../../bin/predate')

async function predate(args: string[], input: string | Uint8Array = 'A: b\n', TZ = 'UTC') {
  const { exitCode, stdout, stderr } = await execa(bin, args, {
    input,
    env: { PATH: '/usr/bin:/bin', TZ },
    extendEnv: false,
    reject: false,
    encoding: 'buffer',
    stripFinalNewline: false,
  })
  return { exit: exitCode, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr).toString() }
}

t.test('the program gets a Date field, and the message byte for byte', async (t) => {
  const message = randomBytes(300_000)
  const { exit, stdout } = await predate(['cat'], message)
  t.equal(exit, 0)
  const lineEnd = stdout.indexOf('\n') + 1
  t.match(stdout.toString('latin1', 0, lineEnd), /^Date: [1-9]\d? [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000\n$/)
  t.ok(stdout.subarray(lineEnd).equals(message))
})

t.test('the date is the present, in the zone of TZ', async (t) => {
  for (const [TZ, zone] of [
    ['XYZ-5:30', '+0530'],
    ['EST5', '-0500'],
    ['', '+0000'],
  ] as const) {
    const before = Math.floor(Date.now() / 1000) * 1000
    const [, date = ''] = /^Date: (.*)\n/.exec((await predate(['cat'], '', TZ)).stdout.toString()) ?? []
    t.ok(date.endsWith(` ${zone}`), `${TZ}: ${date}`)
    t.ok(Date.parse(date) >= before && Date.parse(date) <= Date.now(), date)
  }
})

t.test('the exit code is that of the program, which need not read', async (t) => {
  t.match(await predate(['sh', '-c', 'exit 7']), { exit: 7, stderr: '' })
  t.match(await predate(['true'], randomBytes(1_000_000)), { exit: 0, stderr: '' })
})

t.test('a program that cannot be run or crashes is exit code 111', async (t) => {
  t.match(await predate(['/no/such/program']), {
    exit: 111,
    stderr: 'predate: fatal: unable to run /no/such/program: file does not exist\n',
  })
  t.match(await predate(['']), { exit: 111, stderr: 'predate: fatal: unable to run : file does not exist\n' })
  t.match(await predate(['sh', '-c', 'kill -9 $$']), { exit: 111, stderr: 'predate: fatal: child crashed\n' })
})

t.test('without a program it says how to call it', async (t) => {
  t.match(await predate([]), { exit: 100, stderr: 'predate: usage: predate child\n' })
})
