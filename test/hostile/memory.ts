/**
 * What a program may take of the machine's memory: the highest resident set of each, with the largest things that anybody can send.
 *
 * YABUMI_HUGE_MB is the size of the message without a line end: 256 by default, 1024 in the long runs.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { oneShotMegabytes, residentMegabytes, serverDataMegabytes } from '@yabumi/limits'
import { execa } from 'execa'
import t from 'tap'
import { Dialogue, smtpReply } from '../support/dialogue.ts'
import { hostName, ScratchHome } from '../support/home.ts'
import { numberOfWhole, runLoad } from '../support/load.ts'
import { below, peakMegabytes } from '../support/processes.ts'
import { until } from '../support/wait.ts'

const hugeMegabytes = Number(process.env['YABUMI_HUGE_MB'] ?? 256)
const home = await ScratchHome.make(t, 'joe')

/** Run inject with a program in place of queue that keeps nothing. @returns its exit code and its highest resident set in MB */
async function inject(message: string): Promise<{ code: number | null; megabytes: number }> {
  const child = spawn(join(home.directory, 'bin/inject'), [], {
    env: { ...home.environment, QMAILQUEUE: sink },
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  let megabytes = 0
  const watch = setInterval(() => {
    megabytes = Math.max(megabytes, peakMegabytes(child.pid ?? 0) ?? 0)
  }, 10)
  child.stdin.on('error', () => undefined).end(Buffer.from(message, 'latin1'))
  const [code] = (await once(child, 'exit')) as [number | null]
  clearInterval(watch)
  return { code, megabytes }
}

const sink = join(home.root, 'sink')
writeFileSync(sink, '#!/bin/sh\ncat >/dev/null; cat <&1 >/dev/null\n', { mode: 0o755 })

const million = Array.from({ length: 1_000_000 }, (_, n) => `user${n}@h${n % 1000}.example.org`)

for (const [what, header, exit] of [
  ['a million addresses', `To: ${million.join(',\n  ')}`, 0],
  ['sixteen million addresses', `To: ${'a,'.repeat(16_000_000)}`, 100],
  ['thirty million brackets', `To: ${'<>'.repeat(15_000_000)}`, 100],
  ['comments nested fifteen million deep', `To: ${'('.repeat(15_000_000)}${')'.repeat(15_000_000)} joe`, 0],
  ['six million fields', 'X: y\n'.repeat(6_000_000).concat('To: joe'), 0],
  ['five million fields of addresses', 'To: a\n'.repeat(5_000_000).concat('Subject: x'), 100],
  ['six million groups', `To: ${'g:a;,'.repeat(6_000_000)}`, 100],
  ['thirty million backslashes', `To: ${'\\'.repeat(30_000_000)}`, 0],
] as const) {
  t.test(`inject takes less than ${oneShotMegabytes} MB for a header of ${what}`, async (t) => {
    const { code, megabytes } = await inject(`${header}\n\nbody\n`)
    t.equal(code, exit)
    t.ok(megabytes < oneShotMegabytes, `${Math.round(megabytes)} MB`)
    t.comment(`${Math.round(megabytes)} MB`)
  })
}

t.test(
  `a message of ${hugeMegabytes} MB without a line end passes through, and 100,000 recipients, in less than ${residentMegabytes} MB a program`,
  async (t) => {
    home.control('concurrencyremote', '0\n')
    home.control('rcpthosts', undefined)
    const running = await home.supervise()
    const smtp = await Dialogue.open(running.smtpPort, smtpReply)
    t.teardown(() => smtp.close())
    await smtp.say(`MAIL FROM:<>\r\nRCPT TO:<joe@${hostName}>\r\nDATA`, (heard) => heard.includes('354 '))
    await smtp.send(Buffer.from('Subject: huge\r\n\r\n'))
    const megabyte = Buffer.alloc(1_048_576, 'x')
    for (let n = 0; n < hugeMegabytes; n += 1) await smtp.send(megabyte)
    t.match(await smtp.say('\r\n.', smtpReply), /^250 /)
    const arrived = join(home.userHome('joe'), 'Maildir/new')
    await until('it is delivered', () => readdirSync(arrived).length === 1)
    t.ok(statSync(join(arrived, readdirSync(arrived)[0] as string)).size > hugeMegabytes * 1_048_576)

    const list = million.slice(0, 100_000).join(', ')
    const { exitCode } = await home.run('inject', [], { input: `Bcc: ${list}\nSubject: many\n\nx\n`, reject: false })
    t.equal(exitCode, 0)
    await until('it is preprocessed', () => {
      const remote = join(home.directory, 'queue/remote')
      return (
        readdirSync(remote).some((part) => readdirSync(join(remote, part)).length > 0) &&
        readdirSync(join(home.directory, 'queue/todo')).length === 0
      )
    })
    for (const { pid, program } of below(running.pid)) {
      const megabytes = peakMegabytes(pid) ?? 0
      t.ok(megabytes < residentMegabytes, `${program}: ${Math.round(megabytes)} MB`)
      t.comment(`${program}: ${Math.round(megabytes)} MB`)
    }
  },
)

const kilobytesAsked = (pid: number): number => Number(/^VmData:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1])

for (const program of ['smtpd', 'queue']) {
  t.test(
    `a ${program} that has taken all the memory it may have ends and is started again; nothing acknowledged is lost or torn`,
    async (t) => {
      const full = await ScratchHome.make(t, 'joe')
      const running = await full.supervise()
      const pid = running.pids().get(program) ?? 0
      const limits = await execa('prlimit', ['--pid', `${pid}`, '--data', '--raw', '--noheadings', '--output', 'SOFT'])
      t.equal(Number(limits.stdout), serverDataMegabytes * 1_048_576)
      const sizeBytes = 2_000
      const load = runLoad({
        ...{ host: '127.0.0.1', port: running.smtpPort, sessions: 5, messages: 200, sizeBytes, perConnection: 4 },
        recipient: () => `joe@${hostName}`,
      })
      await execa('prlimit', ['--pid', `${pid}`, `--data=${(kilobytesAsked(pid) + 4_096) * 1_024}:`])
      const crowd: Dialogue[] = []
      while (running.pids().get(program) === pid) {
        const smtp = await Dialogue.open(running.smtpPort, smtpReply).catch(() => undefined)
        if (smtp === undefined) continue // it has gone since we looked
        crowd.push(smtp)
        await smtp.say(`HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<joe@${hostName}>\r\nDATA`, (heard) => /^(?:354|4\d\d) /m.test(heard))
        await smtp.send(Buffer.alloc(1 << 20, 'line\r\n'))
      }
      const [[, end] = []] = await running.logs(new RegExp(`supervise: (${program} ended: .*)`))
      t.comment(`after ${crowd.length} MB in ${crowd.length} sessions, ${end}`)
      for (const smtp of crowd) smtp.close()
      const { acknowledged } = await load
      await until('every message is finished', () => full.pending().length === 0)
      const stored = full.maildir('joe').map((text) => numberOfWhole(text, sizeBytes))
      t.notOk(stored.includes(undefined), 'none is torn')
      t.same([...new Set(stored)].sort(), [...acknowledged].sort(), 'each that was acknowledged is there')
      await running.stop()
    },
  )
}
