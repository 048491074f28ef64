/** Rows that compare yabumi with itself: what a backlog, a grown mailbox, idle clients and silent hosts cost it. */
import { closeSync, fstatSync, openSync, renameSync, rmSync, utimesSync, writeFileSync, writeSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { execa } from 'execa'
import { below } from '../support/processes.ts'
import { until } from '../support/wait.ts'
import { measured, toMaildirs, toNextHost } from './delivery.ts'
import { send } from './load.ts'
import { median, type Paired, paired } from './paired.ts'
import type { Figure, Row, RowResult } from './rows.ts'
import type { Shared } from './shared.ts'
import { starts } from './start.ts'
import { delivered, emptyMaildirs, lastDelivery, newIn, type System } from './system.ts'
import { pss, pssOf } from './tree.ts'
import { makeHome, startYabumi, type Yabumi } from './yabumi.ts'

const small = { messages: 2_000, sessions: 20, sizeBytes: 2_000 }
const split = 23

export const ownRows: readonly Row[] = [
  { name: 'backlog', load: '100,000 deferred messages in the queue', run: backlog },
  { name: 'growth', load: 'one Maildir, 100,000 messages', run: growth },
  { name: 'idle', load: '2,000 idle SMTP connections', run: idle },
  { name: 'start', load: 'processor time of one use of each tool', run: starts },
  { name: 'slow peers', load: '200 remote hosts that never answer, among normal mail', run: slowPeers },
]

/** Another home beside the shared one, for the time of `work`. */
export async function withHome<T>(
  shared: Shared,
  name: string,
  control: Record<string, string>,
  prepare: (home: string) => void,
  work: (yabumi: Yabumi) => Promise<T>,
  hasImap = false,
  listeners: readonly string[] = [],
): Promise<T> {
  const directory = join(shared.directory, name)
  const home = await makeHome(directory, shared.accounts, control)
  prepare(home)
  const yabumi = await startYabumi(home, hasImap, listeners)
  shared.beside.add(yabumi)
  try {
    return await work(yabumi)
  } finally {
    await yabumi.stop()
    shared.beside.delete(yabumi)
    rmSync(directory, { recursive: true, force: true })
  }
}

async function backlog(shared: Shared): Promise<RowResult> {
  const count = 100_000
  const before = await withHome(
    shared,
    'empty',
    {},
    () => undefined,
    async (yabumi) => programMemory(yabumi, 'send'),
  )
  let started = 0
  const stock = (home: string): void => {
    putDeferred(home, count)
    started = Date.now()
  }
  return withHome(shared, 'backlog', {}, stock, async (yabumi) => {
    const [account] = shared.accounts
    if (account === undefined) throw new Error('no account')
    emptyMaildirs(yabumi, [account])
    await execa(join(yabumi.home, 'bin/inject'), [account.name], { env: yabumi.environment, input: 'Subject: new\n\n' })
    await until('new mail is delivered', () => delivered(yabumi, [account]) === 1)
    const first = (lastDelivery(yabumi, [account]) - started) / 1000
    const bytes = (programMemory(yabumi, 'send') - before) / count
    const load = (system: System) => toMaildirsOnly(system, shared)
    const result = await paired([load(yabumi), load(shared.yabumi)], shared.bounds)
    return {
      unit: 'messages/s',
      paired: result,
      figures: [
        ratioFigure(result, '× the rate of an empty queue', 0.9),
        { what: 'new mail delivered after a start', value: first, unit: ' s', sense: '≤', target: 5 },
        { what: 'memory a queued message', value: bytes, unit: ' B', sense: '≤', target: 400 },
      ],
    }
  })
}

/** As toMaildirs, for a queue that never gets empty. */
function toMaildirsOnly(system: System, shared: Shared) {
  return { ...toMaildirs({ ...system, queue: [join(system.queue[0] ?? '')] }, shared.accounts.slice(0, 1), small) }
}

/** Messages as send leaves them when the only recipient is to be tried again in an hour (states of INTERNALS.md: S5). */
function putDeferred(home: string, count: number): void {
  const queue = join(home, 'queue')
  const due = Date.now() / 1000 + 3600
  for (let n = 0; n < count; n += 1) {
    const fresh = join(queue, 'pid/new')
    const fd = openSync(fresh, 'wx', 0o644)
    writeSync(fd, 'Subject: deferred\n\n')
    const id = fstatSync(fd).ino
    closeSync(fd)
    renameSync(fresh, join(queue, `mess/${id % split}/${id}`))
    writeFileSync(join(queue, `info/${id % split}/${id}`), 'Fload@load.example\0', { mode: 0o600 })
    const channel = join(queue, `remote/${id % split}/${id}`)
    writeFileSync(channel, `Tuser@d${n % 1_000}.many.example\0`, { mode: 0o600 })
    utimesSync(channel, due, due)
  }
}

async function growth(shared: Shared): Promise<RowResult> {
  const { yabumi } = shared
  const [, account] = shared.accounts
  if (account === undefined) throw new Error('no account')
  emptyMaildirs(yabumi, [account])
  let total = 0
  const rate = async (messages: number): Promise<number> => {
    total += messages
    const work = async (): Promise<number> => {
      const seconds = await send({ ...small, messages, port: yabumi.smtpPort }, `${account.name}@${yabumi.host}`)
      await until('everything is delivered', () => delivered(yabumi, [account]) >= total)
      return seconds
    }
    return (await measured(yabumi, messages, work, () => lastDelivery(yabumi, [account]))).value
  }
  const thrice = async (): Promise<number> => median([await rate(1_000), await rate(1_000), await rate(1_000)])
  await rate(1_000)
  const early = await thrice()
  await rate(6_000)
  const middle = await thrice()
  while (total < 100_000) await rate(Math.min(20_000, 100_000 - total))
  const late = await thrice()
  rmSync(newIn(yabumi, account), { recursive: true })
  return {
    unit: 'messages/s',
    paired: undefined,
    figures: [
      { what: 'rate at 10,000 × at 1,000', value: middle / early, unit: '', sense: '≥', target: 0.9 },
      { what: 'rate at 100,000 × at 1,000', value: late / early, unit: '', sense: '≥', target: 0.9 },
    ],
  }
}

async function idle(shared: Shared): Promise<RowResult> {
  const connections = 2_000
  return withHome(
    shared,
    'idle',
    {},
    () => undefined,
    async (yabumi) => {
      const atRest = pss(yabumi.pid)
      const before = programMemory(yabumi, 'smtpd')
      const sockets: Socket[] = []
      while (sockets.length < connections) {
        const hundred = Array.from({ length: 100 }, (_, n) => greeted(yabumi.smtpPort, `127.0.1.${1 + (n % 50)}`))
        sockets.push(...(await Promise.all(hundred))) // more at once do not find room in the kernel's list of those to accept
      }
      const each = (programMemory(yabumi, 'smtpd') - before) / connections
      for (const socket of sockets) socket.destroy()
      return {
        unit: '',
        paired: undefined,
        figures: [
          { what: 'memory a connection', value: each / 1000, unit: ' KB', sense: '≤', target: 20 },
          { what: 'whole system at rest', value: atRest / 1e6, unit: ' MB', sense: '≤', target: 150 },
        ],
      }
    },
  )
}

async function slowPeers(shared: Shared): Promise<RowResult> {
  const silent = createServer(() => undefined)
  const address = '127.0.0.60'
  let held = 0
  const sockets = new Set<Socket>()
  silent.on('connection', (socket) => {
    held += 1
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  await new Promise<void>((done) => silent.listen(0, address, 1024, done))
  const { port } = silent.address() as { port: number }
  const routes = `.slow.example:${address}:${port}\nout.example:127.0.0.58:${shared.sink.port}\n`
  const hangUp = (): void => {
    silent.close()
    for (const socket of sockets) socket.destroy()
  }
  return withHome(
    shared,
    'slow',
    { smtproutes: routes },
    () => undefined,
    async (yabumi) => {
      try {
        const load = (system: System) => ({ ...toNextHost({ ...system, queue: [] }, shared.sink, 'someone@out.example', small) })
        await load(yabumi).round() // normal mail flows already when the others come
        for (let n = 0; n < 200; n += 1) {
          await execa(join(yabumi.home, 'bin/inject'), [`user@d${n}.slow.example`], { env: yabumi.environment, input: 'Subject: slow\n\n' })
        }
        await until('silent hosts hold all connections that they can have', () => held >= 15)
        const result = await paired([load(yabumi), load(shared.yabumi)], shared.bounds)
        return { unit: 'messages/s', paired: result, figures: [ratioFigure(result, '× the rate without them', 0.9)] }
      } finally {
        hangUp() // the deliveries to them end, and with them send
      }
    },
  )
}

function ratioFigure({ ratios }: Paired, what: string, target: number): Figure {
  const [ratio] = ratios
  if (ratio === undefined) throw new Error('nothing to compare with')
  return { what, value: ratio.median, unit: '', sense: '≥', target, spread: [ratio.low, ratio.high] }
}

/** A connection that has its greeting. @param localAddress - no client may have all that there are */
function greeted(port: number, localAddress: string): Promise<Socket> {
  return new Promise((done, fail) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    socket.once('data', () => done(socket)).once('error', fail)
  })
}

/** PSS of one program of a system, in bytes. */
export function programMemory(system: System, program: string): number {
  const pids = below(system.pid).filter((process) => process.program === program)
  return pids.reduce((sum, { pid }) => sum + pssOf(pid), 0)
}
