/**
 * What must hold before anything is changed.
 *
 * Trust   root; nothing here writes
 */
import { existsSync, lstatSync, readdirSync, realpathSync } from 'node:fs'
import { readLine, readList } from '@yabumi/control'
import { hasAccounts } from '@yabumi/home'
import { Trouble } from '@yabumi/trouble'
import { type Listener, listenerOn } from './listeners.ts'
import type { Wish } from './wish.ts'

/** Where the home will listen. */
export const ports = { smtp: 25, submissions: 465, submission: 587, imaps: 993, pop3s: 995 } as const

/** What every home holds. */
const ownEntries = ['control', 'queue', 'users', 'alias']

/**
 * @param home - absolute path; it need not be there
 * @returns the name of the host
 * @throws Trouble 5.5.4 or 4.3.0 in a line that says what is in the way
 */
export function lookAround(home: string, wish: Wish): string {
  if (process.getuid?.() !== 0) throw new Trouble('5.5.4', 'only root can make a mail host of this machine; run quickstart as root')
  refuseOthersHome(home)
  if (existsSync(home)) process.chdir(home)
  const me = existsSync(`${home}/control`) ? readLine('me') : undefined
  if (me !== undefined && wish.host !== undefined && me.toLowerCase() !== wish.host)
    throw new Trouble('4.3.0', `${home}/control/me says ${me}, and --host ${wish.host}`)
  if (me !== undefined) refuseOtherRoutes(wish)
  refuseTakenPorts(home)
  return me ?? wish.host ?? `mail.${wish.domain}`
}

function refuseOthersHome(home: string): void {
  const stats = lstatSync(home, { throwIfNoEntry: false })
  if (stats === undefined) return
  if (!stats.isDirectory()) throw new Trouble('4.3.0', `${home} is no directory`)
  if (stats.uid !== 0 || (stats.mode & 0o022) !== 0)
    throw new Trouble(
      '4.3.0',
      `${home} is not root's alone (uid ${stats.uid}, mode ${(stats.mode & 0o777).toString(8)}); who can write there could become anybody`,
    )
  const isHome = ownEntries.every((name) => existsSync(`${home}/${name}`))
  if (!isHome && readdirSync(home).length > 0) throw new Trouble('4.3.0', `${home} holds something that is no home of ours`)
  if (isHome && !hasAccounts(home) && existsSync(`${home}/queue/lock/sendmutex`))
    throw new Trouble('4.3.0', `${home} is a home without accounts/; make install gives it accounts`)
}

/** Mail for the domain that goes elsewhere is not taken away from there. */
function refuseOtherRoutes({ domain, relay }: Wish): void {
  if (readList('locals')?.some((line) => line.toLowerCase() === domain))
    throw new Trouble('4.3.0', `control/locals has ${domain}: its mail goes to the accounts of this machine`)
  for (const line of readList('virtualdomains') ?? []) {
    const [name = '', to] = line.toLowerCase().split(':')
    if (name === domain && to !== domain) throw new Trouble('4.3.0', `control/virtualdomains has ${line}: its mail goes elsewhere`)
  }
  const wanted = relay && routeLine(relay)
  for (const line of readList('smtproutes') ?? [])
    if (wanted !== undefined && line.startsWith(':') && line !== wanted)
      throw new Trouble('4.3.0', `control/smtproutes has ${line}, and --relay wants ${wanted}`)
}

/** The line of control/smtproutes for all mail. */
export function routeLine({ host, port }: { readonly host: string; readonly port: number }): string {
  return `:${host}:${port}`
}

/** Whether this home's own listeners are there: then it runs. */
export function isRunning(home: string): boolean {
  return Object.values(ports).some((port) => {
    const listener = listenerOn(port)
    return listener !== undefined && isOf(home, listener)
  })
}

function isOf(home: string, { directory }: Listener): boolean {
  return existsSync(home) && directory === realpathSync(home)
}

function refuseTakenPorts(home: string): void {
  for (const port of Object.values(ports)) {
    const other = listenerOn(port)
    if (other === undefined || isOf(home, other)) continue
    const who = other.pid === undefined ? other.name : `${other.name} (process ${other.pid})`
    throw new Trouble('4.3.0', `port ${port} is taken by ${who}; stop it, or let it hand mail to this home on another port`)
  }
}
