/** A world that misbehaves: a DNS that lies, stalls or talks garbage, a clock that jumps. */
import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startDnsServer } from '../support/dns-server.ts'
import { hostName, ScratchHome } from '../support/home.ts'
import { numberOfWhole, runLoad } from '../support/load.ts'
import { startSink } from '../support/sink.ts'
import { until } from '../support/wait.ts'

const sinkAddress = '127.0.0.58' // not an interface's: mail for our own addresses goes to nobody

t.test(
  'a DNS that lies, stalls or answers garbage defers mail, holds up no other, and mail goes when it has come to its senses',
  async (t) => {
    const sink = await startSink(undefined, undefined, undefined, sinkAddress)
    const dns = await startDnsServer({
      'garbage.example': 'GARBAGE',
      'silent.example': 'SILENCE',
      'servfail.example': 'SERVFAIL',
      'refused.example': 'REFUSED',
      'loop.example': { CNAME: 'loop.example', follow: false },
      'well.example': { A: [sinkAddress] },
    })
    t.teardown(() => Promise.all([sink.close(), dns.close()]))
    const bad = ['garbage', 'silent', 'servfail', 'refused', 'loop'].map((name) => `${name}.example`)
    const home = await ScratchHome.make(t, 'joe')
    home.control('resolvers', `${dns.address}\n`)
    home.control('smtproutes', [...bad, 'well.example'].map((name) => `${name}::${sink.port}\n`).join('')) // no relay: that would be our own mistake
    const running = await home.supervise()
    for (const name of bad) await home.inject([`x@${name}`], 'Subject: bad\n\nx\n')
    await home.inject(['x@well.example'], 'Subject: well\n\nx\n')
    await until('the well-behaved one is there', () => sink.messages.length === 1)
    await running.logs(/delivery \d+: deferral: /, bad.length)
    t.notMatch(running.log, /delivery \d+: failure/)
    dns.setZone(Object.fromEntries(bad.map((name) => [name, { A: [sinkAddress] }])))
    await until(
      () => `all are there: ${running.log.slice(-1_500)}`,
      () => {
        running.signal('SIGALRM')
        return sink.messages.length === 1 + bad.length
      },
    )
    t.same(home.maildir('joe'), [])
  },
)

const faketime = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1'

/** Have the programs of a home run with these settings of the environment, which supervise would not pass on. */
function startAllWith(home: ScratchHome, settings: string): void {
  const bin = join(home.directory, 'bin')
  const programs = realpathSync(bin)
  rmSync(bin, { recursive: true })
  mkdirSync(bin)
  for (const name of readdirSync(programs).filter((name) => !name.startsWith('.'))) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${settings} exec ${programs}/${name} "$@"\n`, { mode: 0o755 })
  }
}

t.test(
  'a clock that jumps days forwards and backwards loses, tears, bounces and puts off nothing',
  { skip: !existsSync(faketime) && 'faketime is not installed' },
  async (t) => {
    const home = await ScratchHome.make(t, 'joe')
    const file = join(home.root, 'clock')
    const jumps = ['+3d', '-3d', '+0', '+2d', '-1d', '+86399s', '-6d']
    writeFileSync(file, '+0\n')
    const fake = `LD_PRELOAD=${faketime} FAKETIME_TIMESTAMP_FILE=${file} FAKETIME_NO_CACHE=1 DONT_FAKE_MONOTONIC=1 FAKETIME_DONT_RESET=1`
    startAllWith(home, fake)
    const running = await home.supervise()
    let jumped = 0
    const { acknowledged } = await runLoad({
      host: '127.0.0.1',
      port: running.smtpPort,
      sessions: 5,
      messages: 140,
      sizeBytes: 1_000,
      recipient: () => `joe@${hostName}`,
      acknowledged: () => {
        jumped += 1
        writeFileSync(file, `${jumps[jumped % jumps.length]}\n`)
      },
    })
    await until(
      () => `every message is finished; the log ends: ${running.log.slice(-1_500)}`,
      () => {
        running.signal('SIGALRM')
        return home.pending().length === 0
      },
    )
    const stored = home.maildir('joe').map((text) => numberOfWhole(text, 1_000))
    t.same([...stored].sort(), [...acknowledged].sort(), 'each is there once and whole')
    t.notMatch(running.log, /failure|deferral|bounce msg/)
    const days = readdirSync(join(home.userHome('joe'), 'Maildir/new')).map((name) => Math.floor(Number.parseInt(name, 10) / 86_400))
    t.ok(new Set(days).size > 2, 'local has seen it jump')
  },
)
