/** What the rows share: the systems, running, and what they talk to. */
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDnsServer } from '../support/dns-server.ts'
import { checkout } from '../support/home.ts'
import { type Account, accountsIn, createAccounts, removeAccounts } from './accounts.ts'
import { type Sink, startSink } from './load.ts'
import type { Bounds } from './paired.ts'
import { postfixMissing, startPostfix } from './postfix.ts'
import { qmailHome, startQmail } from './qmail.ts'
import { keepApart, makeDirectory, type System } from './system.ts'
import { makeHome, startBefore, startYabumi, type Yabumi } from './yabumi.ts'

const sinkAddress = '127.0.0.58' // loopback, but no address that an MTA takes for its own
const resolverAddress = '127.0.0.57'

export interface Shared {
  readonly directory: string
  readonly accounts: readonly Account[]
  readonly yabumi: Yabumi
  /** Systems of single rows; a signal stops them too. */
  readonly beside: Set<System>
  /** What the rows are compared with: Postfix, or another checkout. */
  readonly other: System | undefined
  readonly isBefore: boolean
  readonly otherMissing: string
  readonly qmail: System | undefined
  readonly sink: Sink
  readonly bounds: Bounds
}

/**
 * Start everything, run `work`, stop and remove everything.
 *
 * @param before - a checkout to compare with, in place of Postfix
 */
export async function withSystems(bounds: Bounds, before: string | undefined, work: (shared: Shared) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), 'yabumi-bench-'))
  chmodSync(directory, 0o755)
  await keepApart(directory)
  const beside = new Set<System>()
  const cleanUps: (() => unknown)[] = [() => rmSync(directory, { recursive: true, force: true })]
  const cleanEverything = async (): Promise<void> => {
    await Promise.all([...beside].map((system) => system.stop()))
    for (let next = cleanUps.pop(); next !== undefined; next = cleanUps.pop()) await next()
  }
  let cleaning: Promise<void> | undefined
  const cleanUp = (): Promise<void> => {
    cleaning ??= cleanEverything() // a signal may come in the middle
    return cleaning
  }
  const stop = async (): Promise<void> => {
    process.exitCode = 1
    await cleanUp()
    process.exit()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exitCode === undefined && void stop())
  try {
    const accounts = accountsIn(makeDirectory(join(directory, 'users')))
    cleanUps.push(() => removeAccounts(accounts))
    await removeAccounts(accounts) // a run that was killed leaves them
    await createAccounts(accounts)
    const sink = await startSink(sinkAddress)
    cleanUps.push(() => sink.stop())
    const zone = { '*.many.example': { MX: [[10, 'sink.many.example']] as const }, 'sink.many.example': { A: [sinkAddress] } }
    const dns = await startDnsServer(zone, resolverAddress, 53)
    cleanUps.push(() => dns.close())
    const routes = `out.example:${sinkAddress}:${sink.port}\n.many.example::${sink.port}\n`
    const control = { smtproutes: routes, resolvers: `${resolverAddress}\n` }
    const other = before === undefined ? undefined : await startBefore(before, join(directory, 'before'), accounts, control)
    if (other !== undefined) cleanUps.push(() => other.stop())
    const yabumi = await startYabumi(await makeHome(join(directory, 'yabumi'), accounts, control, checkout, other?.home)) // the same work on both sides
    cleanUps.push(() => yabumi.stop())
    if (other !== undefined) {
      await work({ directory, accounts, yabumi, beside, other, isBefore: true, otherMissing: '', qmail: undefined, sink, bounds })
      return
    }
    const missing = postfixMissing()
    const settings = [`transport_maps = inline:{ out.example=smtp:[${sinkAddress}]:${sink.port} }`, `smtp_tcp_port = ${sink.port}`]
    const postfix = missing === undefined ? await startPostfix(join(directory, 'postfix'), settings, resolverAddress) : undefined
    if (postfix !== undefined) cleanUps.push(() => postfix.stop())
    const home = qmailHome()
    const qmail = home === undefined ? undefined : await startQmail(home, accounts)
    if (qmail !== undefined) cleanUps.push(() => qmail.stop())
    await work({ directory, accounts, yabumi, beside, other: postfix, isBefore: false, otherMissing: missing ?? '', qmail, sink, bounds })
  } finally {
    await cleanUp()
  }
}
