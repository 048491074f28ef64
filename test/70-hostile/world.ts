/** A world that misbehaves: a DNS that lies, stalls or talks garbage, a clock that jumps, a disk that becomes read-only. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { sendMail } from '../dialogue.ts'
import { startDnsServer } from '../dns-server.ts'
import { amRoot, hostName, ScratchHome } from '../home.ts'
import { numberOfWhole, runLoad } from '../load.ts'
import { startSink } from '../sink.ts'
import { until } from '../wait.ts'

t.test(
  'a DNS that lies, stalls or answers garbage defers mail, holds up no other, and mail goes when it has come to its senses',
  async (t) => {
    const sink = await startSink()
    const dns = await startDnsServer({
      'garbage.example': 'GARBAGE',
      'silent.example': 'SILENCE',
      'servfail.example': 'SERVFAIL',
      'refused.example': 'REFUSED',
      'loop.example': { CNAME: 'loop.example', follow: false },
      'well.example': { A: ['127.0.0.1'] },
    })
    t.teardown(() => Promise.all([sink.close(), dns.close()]))
    const bad = ['garbage', 'silent', 'servfail', 'refused', 'loop'].map((name) => `${name}.example`)
    const home = await ScratchHome.make(t, 'joe')
    home.control('resolvers', `${dns.address}\n`)
    home.control('smtproutes', [...bad, 'well.example'].map((name) => `${name}:${name}:${sink.port}\n`).join(''))
    const running = await home.supervise()
    for (const name of bad) await home.inject([`x@${name}`], 'Subject: bad\n\nx\n')
    await home.inject(['x@well.example'], 'Subject: well\n\nx\n')
    await until('the well-behaved one is there', () => sink.messages.length === 1)
    await running.logs(/delivery \d+: deferral: /, bad.length)
    t.notMatch(running.log, /delivery \d+: failure/)
    dns.setZone(Object.fromEntries(bad.map((name) => [name, { A: ['127.0.0.1'] }])))
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

/** Why no file system can be made and mounted here, or false. */
async function noLoop(): Promise<string | false> {
  if (!amRoot) return 'needs root'
  const place = mkdtempSync(join(tmpdir(), 'yabumi-loop-'))
  const script = 'truncate -s 8M $0/image && mke2fs -q -t ext4 $0/image && mount -o loop $0/image $0 && umount $0'
  const { exitCode } = await execa('unshare', ['--mount', 'sh', '-c', script, place], { reject: false })
  rmSync(place, { recursive: true })
  return exitCode !== 0 && 'this machine mounts no loop device'
}

t.test(
  'a queue whose file system becomes read-only puts mail off, and has all that was acknowledged when it is well again',
  { skip: await noLoop() },
  async (t) => {
    const home = await ScratchHome.make(t, 'joe')
    const queue = join(home.directory, 'queue')
    const image = join(home.root, 'image')
    home.control('smtproutes', 'later.example:127.0.0.1:1\n')
    const first = `truncate -s 32M ${image} && mke2fs -q -t ext4 ${image} && cp -a ${queue} ${home.root}/kept &&
    mount -o loop,errors=remount-ro ${image} ${queue} && cp -a ${home.root}/kept/. ${queue} && exec "$0" "$@"`
    const running = await home.supervise({ under: ['unshare', '--mount', 'sh', '-c', first] })
    const send = (port: number, subject: string) => sendMail(port, '', [`joe@${hostName}`], `Subject: ${subject}\n\nx\n`)
    t.match(await send(running.smtpPort, 'one'), /^250 /)
    await home.inject(['x@later.example'], 'Subject: later\n\nx\n')
    await running.logs(/deferral/)
    await until('it is delivered', () => home.maildir('joe').length === 1)
    // as the kernel does it when the disk fails: at once, whoever has files open
    await execa('nsenter', ['-t', String(running.pid), '-m', 'mount', '-o', 'remount,abort', queue], { reject: false })
    t.match(await send(running.smtpPort, 'two'), /^451 /)
    t.match(await home.run('inject', [`joe@${hostName}`], { input: 'Subject: three\n\n', reject: false }), { exitCode: 111 })
    await running.stop()

    const again = `e2fsck -fy ${image} >/dev/null; mount -o loop ${image} ${queue} && exec "$0" "$@"`
    const well = await home.supervise({ under: ['unshare', '--mount', 'sh', '-c', again] })
    await well.logs(/starting delivery \d+: msg \d+ to remote x@later\.example/)
    t.match(await send(well.smtpPort, 'four'), /^250 /)
    const there = (): (string | undefined)[] => home.maildir('joe').map((text) => /^Subject: (.*)$/m.exec(text)?.[1])
    await until('it is delivered', () => there().includes('four'))
    t.same([...new Set(there())].sort(), ['four', 'one'], 'one perhaps twice: that it was done may not have reached the disk')
  },
)
