import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'

const bin = join(import.meta.dirname, '../../../../bin/preline')
const lines = { UFLINE: 'From s@x Thu Jan  1\n', RPLINE: 'Return-Path: <s@x>\n', DTLINE: 'Delivered-To: j\xf6@h\n' }
const usage = 'preline: usage: preline cmd [ arg ... ]'

async function preline(args: string[], input: string | Uint8Array | { stdin: 0 } = 'A: b\n', env: Record<string, string | undefined> = {}) {
  const source = typeof input === 'string' || input instanceof Uint8Array ? { input } : input
  const { exitCode, stdout, stderr } = await execa(bin, args, {
    ...source,
    env: { PATH: '/usr/bin:/bin', ...lines, ...env },
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
    encoding: 'buffer',
  })
  return { exit: exitCode, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr).toString().trimEnd() }
}

t.test('the command gets three lines and the message, byte for byte', async (t) => {
  const message = randomBytes(300_000)
  const { exit, stdout } = await preline(['cat'], message)
  t.equal(exit, 0)
  t.ok(stdout.equals(Buffer.concat([Buffer.from(lines.UFLINE + lines.RPLINE + lines.DTLINE), message])))
})

t.test('the command can open /dev/stdin', async (t) => {
  t.match(await preline(['-frd', 'cat', '/dev/stdin']), { exit: 0, stdout: Buffer.from('A: b\n'), stderr: '' })
})

t.test('letters leave out a line, capital letters put it back', async (t) => {
  const shown = async (...args: string[]) => (await preline([...args, 'cat'])).stdout.toString()
  t.equal(await shown('-f'), `${lines.RPLINE}${lines.DTLINE}A: b\n`)
  t.equal(await shown('-rd'), `${lines.UFLINE}A: b\n`)
  t.equal(await shown('-frd', '-R', '--'), `${lines.RPLINE}A: b\n`)
})

t.test('the exit code is that of the command', async (t) => {
  t.match(await preline(['sh', '-c', 'cat >/dev/null; exit 7']), { exit: 7, stderr: '' })
  t.match(await preline(['sh', '-c', 'kill -9 $$']), { exit: 111, stderr: 'preline: fatal: child crashed' })
})

t.test('a command need not read a short message, but a long one', async (t) => {
  t.match(await preline(['true'], randomBytes(60_000)), { exit: 0, stderr: '' })
  t.match(await preline(['true'], randomBytes(1_000_000)), { exit: 111, stderr: 'preline: fatal: unable to copy input: broken pipe' })
})

t.test('a command that cannot be run is exit code 100, even if there is much to read', async (t) => {
  const file = join(t.testdir({ plain: '' }), 'plain')
  const message = randomBytes(1_000_000)
  t.match(await preline(['/no/such/command'], message), {
    exit: 100,
    stderr: 'preline: fatal: unable to run /no/such/command: file does not exist',
  })
  t.match(await preline([file], message), { exit: 100, stderr: `preline: fatal: unable to run ${file}: access denied` })
})

t.test('a command whose file is being written is exit code 111', async (t) => {
  const file = join(t.testdir({}), 'busy')
  writeFileSync(file, '#!/bin/sh\n')
  chmodSync(file, 0o700)
  const writer = await execa('sh', ['-c', `cp /bin/true '${file}' && exec 3>>'${file}' && '${bin}' '${file}'`], {
    env: { PATH: '/usr/bin:/bin', ...lines },
    extendEnv: false,
    reject: false,
    input: '',
  })
  t.match(writer, { exitCode: 111, stderr: `preline: fatal: unable to run ${file}: text busy` })
})

t.test('a message that cannot be read is exit code 111, and its beginning is not taken for all of it', async (t) => {
  const directory = t.testdir({})
  const stdin = openSync(directory, 'r')
  await preline(['sh', '-c', `cat; echo all > '${directory}/all'`], { stdin: stdin as 0 })
  t.notOk(existsSync(join(directory, 'all')), 'the command has seen no end')
  t.match(await preline(['cat'], { stdin: stdin as 0 }), { exit: 111, stderr: 'preline: fatal: unable to copy input: is a directory' })
})

t.test('a bad option, no command, or a line that local did not set is a usage error', async (t) => {
  t.match(await preline([]), { exit: 100, stderr: usage })
  t.match(await preline(['-x', 'cat']), { exit: 100, stderr: `preline: illegal option -- x\n${usage}` })
  for (const name of Object.keys(lines)) t.match(await preline(['cat'], '', { [name]: undefined }), { exit: 100, stderr: usage }, name)
})
