/** What another host may take of our time and memory. */
import { rmSync, writeFileSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { attemptReplyBytes, replyBytes } from '@yabumi/limits'
import t from 'tap'
import { type HostConnection, manners, type Session } from '../../../../test/support/host.ts'
import { currentSettings } from '../src/index.ts'
import { attempt, makeHome } from './support/attempt.ts'

makeHome(t)

const overdue = 'ZConnected to 127.0.0.1 but the message was not handed over in time. (#4.4.2)\n'

/** Says the same for as long as somebody reads it. @returns the bytes that were taken */
function endless(host: HostConnection, words: string): Promise<number> {
  let bytes = 0
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      host.say(words)
      bytes += words.length
    }, 1)
    void host.closed().then(() => {
      clearInterval(timer)
      resolve(bytes)
    })
  })
}

t.test('an endless reply is not read to its end, wherever it comes', async (t) => {
  const line = `-${'x'.repeat(94)}\r\n`
  for (const [at, code] of [220, 250, 250, 250, 354].entries()) {
    const { reports } = await attempt(t, async (host) => {
      const before = [220, 250, 250, 250].slice(0, at)
      for (const reply of before) {
        host.say(`${reply} ok\r\n`)
        await host.line()
      }
      const said = await endless(host, `${code}${line}`.repeat(50))
      t.ok(said < 100 * replyBytes, `${said} bytes`)
    })
    t.match(
      reports.at(-1),
      /^ZConnected to 127\.0\.0\.1 but it is out of step: a reply without end\. \(#4\.5\.0\)\nRemote host said: ...-xx/,
    )
  }
})

t.test('a line without end is none, nor are bytes that nobody asked for', async (t) => {
  t.match((await attempt(t, (host) => endless(host, '2'.repeat(1_000)))).reports, [/out of step: a line without end\. \(/])
  const flood: Session = async (host) => {
    host.say('220 hi\r\n')
    for (const reply of ['250 ok', '250 ok', '250 ok', '354 go']) {
      await host.line()
      host.say(`${reply}\r\n`)
    }
    await host.line()
    await endless(host, '250 more and more of it\r\n'.repeat(1_000))
  }
  t.match((await attempt(t, flood, { message: 'x\n'.repeat(10_000_000) })).reports, ['r', /out of step: /])
})

t.test('to one message a host says at most so much in all', async (t) => {
  const recipients = Array.from({ length: 40 }, (_, i) => `r${i}@h.example`)
  const most = attemptReplyBytes - '220 host.example ESMTP\r\n250 ok\r\n250 ok\r\n354 go ahead\r\n'.length
  const session = (bytes: number): Session => {
    let left = bytes
    return manners((line) => {
      if (!line.startsWith('RCPT')) return line === 'DATA' || line === '.' ? undefined : '250 ok'
      const share = line.includes('<r39@') ? left : Math.floor(bytes / 40)
      left -= share
      const lines = Math.floor(share / 64)
      return `${`250-${'x'.repeat(58)}\r\n`.repeat(lines - 1)}250 ${'x'.repeat(share - 64 * (lines - 1) - 6)}`
    })
  }
  t.match((await attempt(t, session(most), { recipients })).reports.at(-1), /^K/)
  t.match((await attempt(t, session(most + 1), { recipients })).reports.at(-1), /^Z.*out of step: more than anybody reads/)
})

t.test('an attempt has its time in all: a host that drips, or is slow at each step, does not hold it', async (t) => {
  writeFileSync('control/timeoutattempt', '2\n')
  const drip: Session = async (host) => {
    const timer = setInterval(() => host.say('2'), 50)
    await host.closed()
    clearInterval(timer)
  }
  t.same((await attempt(t, drip)).reports, [overdue], 'a greeting')
  t.same((await attempt(t, (host) => host.closed())).reports, [overdue], 'no greeting')
  const slow = manners(async (line, host) => {
    if (line.startsWith('RCPT')) await Promise.race([host.closed(), new Promise((resolve) => setTimeout(resolve, 100))])
    return undefined
  })
  const recipients = Array.from({ length: 100 }, (_, i) => `r${i}@h.example`)
  t.equal((await attempt(t, slow, { recipients })).reports.at(-1), overdue, 'a hundred answers')
  const reader: Session = async (host) => {
    host.say('220 hi\r\n')
    for (const reply of ['250 ok', '250 ok', '250 ok', '354 go']) {
      await host.line()
      host.say(`${reply}\r\n`)
    }
    host.pause()
    await new Promise(() => undefined)
  }
  t.same((await attempt(t, reader, { message: 'x\n'.repeat(10_000_000) })).reports, ['r', overdue], 'a host that does not read')
  rmSync('control/timeoutattempt')
})

t.test('what follows the final dot is not bounded by that', async (t) => {
  writeFileSync('control/timeoutattempt', '5\n')
  const late = manners(async (line) => {
    if (line === '.') await new Promise((resolve) => setTimeout(resolve, 6_000))
    return undefined
  })
  t.match((await attempt(t, late)).reports, ['r', /^K/])
  rmSync('control/timeoutattempt')
})

t.test('control/timeoutattempt is 600 seconds without the file, and 0 turns it off', async (t) => {
  t.equal(currentSettings().attemptSeconds, 600)
  writeFileSync('control/timeoutattempt', '0\n')
  await nextTurn()
  t.equal(currentSettings().attemptSeconds, 2_147_483)
  writeFileSync('control/timeoutattempt', '7\n')
  await nextTurn()
  t.equal(currentSettings().attemptSeconds, 7)
})
