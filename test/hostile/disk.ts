/** A disk that fails, is full, or becomes read-only under the running system. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errnoOf } from '@yabumi/trouble'
import { execa } from 'execa'
import t from 'tap'
import { noStrace } from '../faults/inject.ts'
import { sendMail } from '../support/dialogue.ts'
import { amRoot, hostName, ScratchHome } from '../support/home.ts'
import { numberOfWhole, runLoad } from '../support/load.ts'
import { startSink } from '../support/sink.ts'
import { until } from '../support/wait.ts'

const sizeBytes = 2_000

/** What fails, in each thread of each program: from its n-th such call on every so many-th, and after a time none. */
const failing = {
  fsync: 'fsync:error=EIO:when=4..400+9',
  rename: 'rename:error=EIO:when=6..400+11',
  unlink: 'unlink:error=EIO:when=7..400+17',
  ftruncate: 'ftruncate:error=EIO:when=3..100+7',
  openat: 'openat:error=EMFILE:when=500..1500+29', // a Node that starts opens fewer
}

t.test(
  'while fsync, rename, unlink, ftruncate and open fail again and again, nothing acknowledged is lost, torn or bounced',
  { skip: noStrace },
  async (t) => {
    const sink = await startSink()
    t.teardown(() => sink.close())
    const home = await ScratchHome.make(t, 'joe')
    home.control('smtproutes', `far.example:127.0.0.1:${sink.port}\n`)
    home.control('rcpthosts', `${hostName}\nfar.example\n`)
    const trace = join(home.root, 'trace')
    const faults = Object.values(failing).flatMap((fault) => ['-e', `inject=${fault}`])
    const under = ['strace', '-D', '-f', '-o', trace, '-e', `trace=${Object.keys(failing).join(',')}`, ...faults]
    const running = await home.supervise({ under })
    const messages = 300
    const { acknowledged, attemptsFailed } = await runLoad({
      ...{ host: '127.0.0.1', port: running.smtpPort, sessions: 5, messages, sizeBytes, perConnection: 4 },
      recipient: (n) => (n % 3 === 0 ? 'any@far.example' : `joe@${hostName}`),
    })
    await running.stop()
    const well = await home.supervise() // what send could not write waits for two minutes otherwise
    await until(
      () => `every message is finished; the log ends: ${well.log.slice(-1_500)}`,
      () => {
        well.signal('SIGALRM')
        return home.pending().length === 0
      },
    )
    const stored = [...home.maildir('joe'), ...sink.messages.map(({ text }) => text)].map((text) => numberOfWhole(text, sizeBytes))
    t.notOk(stored.includes(undefined), 'none is torn')
    t.same([...new Set(stored)].sort(), [...acknowledged].sort(), 'each that was acknowledged is there')
    t.notMatch(running.log + well.log, /delivery \d+: failure|bounce msg/)
    const injected = [...readFileSync(trace, 'latin1').matchAll(/^\d+ +(\w+)\(.*\(INJECTED\)$/gm)].map(([, call = '']) => call)
    for (const call of Object.keys(failing)) t.ok(injected.includes(call), `${call} has failed`)
    const twice = stored.length - acknowledged.size
    t.ok(twice <= injected.length, 'twice is only what met a fault')
    t.comment(`${acknowledged.size} acknowledged, ${injected.length} faults, ${attemptsFailed} attempts put off, ${twice} twice`)
  },
)

/** Fill a file system by a file. @returns a function that makes room again */
function fill(directory: string): () => void {
  const path = join(directory, '.ballast')
  for (const bytes of [1 << 16, 1 << 12]) {
    const fd = openSync(path, 'a')
    try {
      for (;;) writeSync(fd, Buffer.alloc(bytes, 'x'))
    } catch (error) {
      if (errnoOf(error) !== 'ENOSPC') throw error
    } finally {
      closeSync(fd)
    }
  }
  return () => rmSync(path)
}

t.test(
  'a full disk puts mail off, in the queue and in a mailbox, and when there is room again all that was acknowledged arrives whole',
  { skip: !amRoot && 'needs root' },
  async (t) => {
    const home = await ScratchHome.make(t, 'joe')
    const queue = join(home.directory, 'queue')
    const maildir = join(home.userHome('joe'), 'Maildir')
    const small = (path: string): string =>
      `cp -a ${path} ${path}.kept && mount -t tmpfs -o size=1m tmpfs ${path} && cp -a ${path}.kept/. ${path}`
    const first = `${small(queue)} && ${small(maildir)} && chown --reference ${maildir}.kept ${maildir} && chmod 700 ${maildir} && exec "$0" "$@"`
    const running = await home.supervise({ under: ['unshare', '--mount', 'sh', '-c', first] })
    const seen = (path: string): string => `/proc/${running.pid}/root${path}`
    const send = (n: number) =>
      sendMail(running.smtpPort, '', [`joe@${hostName}`], `Subject: ${n}\n\n${`line of ${n}\n`.repeat(3_000)}end\n`)
    const there = async (): Promise<string[]> => {
      const { stdout } = await execa('sh', ['-c', 'cat "$0"/new/* 2>/dev/null', seen(maildir)], { reject: false })
      return stdout.match(/^(?:Subject: \d+|end)$/gm) ?? []
    }

    const emptyMaildir = fill(seen(maildir))
    t.match(await send(1), /^250 /)
    await running.logs(/delivery \d+: deferral: .*#4\.3\.\d/)
    t.same(await there(), [], 'nothing torn is to be seen')
    const emptyQueue = fill(seen(queue))
    t.match(await send(2), /^4\d\d /)
    t.match(await home.run('inject', [`joe@${hostName}`], { input: 'Subject: 3\n\n', reject: false }), { exitCode: 111 })
    emptyMaildir()
    await until('what waited is there', async () => {
      running.signal('SIGALRM')
      return (await there()).length === 2
    })
    emptyQueue()
    t.match(await send(4), /^250 /)
    await running.logs(/end msg/, 2)
    t.same((await there()).sort(), ['Subject: 1', 'Subject: 4', 'end', 'end'], 'each once and whole')
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
