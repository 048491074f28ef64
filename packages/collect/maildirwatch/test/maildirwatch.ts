import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t, { type Test } from 'tap'

const bin = join(import.meta.dirname, '../../../../bin/maildirwatch')
const clear = '\x1b[;H\x1b[;J'

function scratch(t: Test): { maildir: string; file(name: string, data: string, seconds: number): void } {
  const maildir = t.testdir({ new: {}, cur: {}, tmp: {} })
  return {
    maildir,
    file(name, data, seconds) {
      writeFileSync(join(maildir, name), data, 'latin1')
      utimesSync(join(maildir, name), seconds, seconds)
    },
  }
}

/** Start maildirwatch; `shown` resolves when what it has written ends with a text, and says what that was. */
function start(t: Test, maildir: string) {
  const child = spawn(bin, [], { env: { PATH: '/usr/bin:/bin', MAILDIR: maildir }, stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(async () => {
    child.kill()
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })
  let output = ''
  child.stdout.setEncoding('latin1').on('data', (data: string) => {
    output += data
  })
  return async (end: string): Promise<string> => {
    while (!output.endsWith(end)) await once(child.stdout, 'data')
    const shown = output
    output = ''
    return shown
  }
}

t.test('each new message is shown in the order of arrival, and nothing but printable characters', async (t) => {
  const { maildir, file } = scratch(t)
  file('new/b', 'Delivered-To: bob@x\nSubject: two\n\nlast', 2_000)
  file('new/a', 'Return-Path: <s@x>\nDelivered-To: joe@x\nFrom: J\xf6e\n <s@x>\nSubject: \x1b[31mone\n\n\x07body\n', 1_000)
  file('cur/c:2,S', 'Subject: seen\n\n', 500)
  const shown = start(t, maildir)
  t.equal(
    await shown('/last/\n\n'),
    `${clear}FROM <s@x> TO <joe@x>\n\x1b[1mFrom: J/e <s@x>\x1b[0m\n/[31mone///body/\n\nFROM  TO <bob@x>\ntwo//last/\n\n`,
  )
})

t.test('of a long message the first 158 bytes are shown', async (t) => {
  const { maildir, file } = scratch(t)
  file('new/a', `Subject: s\n\n${'x'.repeat(1_000_000)}`, 1_000)
  const text = `s//${'x'.repeat(155)}`
  t.equal(await start(t, maildir)(`${text}\n\n`), `${clear}FROM  TO <>\n${text}\n\n`)
})

t.test('what comes and goes changes the screen', async (t) => {
  const { maildir, file } = scratch(t)
  const shown = start(t, maildir)
  t.equal(await shown(clear), clear)
  file('new/a', 'Subject: s\n\n', 1_000)
  await shown('FROM  TO <>\ns//\n\n')
  unlinkSync(join(maildir, 'new/a'))
  await shown(clear)
})

t.test('what cannot be watched is exit code 111', async (t) => {
  const run = async (env: Record<string, string>) => {
    const { exitCode, stderr } = await execa(bin, [], { env, extendEnv: false, reject: false })
    return { exitCode, stderr }
  }
  t.same(await run({ PATH: '/usr/bin:/bin' }), { exitCode: 111, stderr: 'maildirwatch: fatal: MAILDIR not set' })
  t.match(await run({ PATH: '/usr/bin:/bin', MAILDIR: '/no/such' }), {
    exitCode: 111,
    stderr: /unable to chdir to \/no\/such: file does not exist$/,
  })
  const empty = t.testdir({})
  t.match(await run({ PATH: '/usr/bin:/bin', MAILDIR: empty }), {
    exitCode: 111,
    stderr: 'maildirwatch: fatal: unable to scan $MAILDIR/new: file does not exist',
  })
})
