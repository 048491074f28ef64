/** yabumi in a scratch home, run by supervise, as the caller: as shipped, but that its log goes to a file. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { execa } from 'execa'
import { checkout } from '../support/home.ts'
import { freePort } from '../support/ports.ts'
import type { Account } from './accounts.ts'
import type { Doors } from './imapclient.ts'
import { hostName, makeDirectory, type System } from './system.ts'

export interface Yabumi extends System {
  readonly home: string
  readonly pop3Port: number
  /** Of IMAP, where it was asked for. */
  readonly imap: Doors
  readonly environment: Record<string, string>
}

const maildir = 'Yabumi'

/**
 * Make a home of a checkout that has been built, whose users are the accounts, each with every extension of its name.
 *
 * @param like - a home that lacks some settings, which this one shall lack as well
 */
export async function makeHome(
  directory: string,
  accounts: readonly Account[],
  control: Record<string, string> = {},
  from: string = checkout,
  like?: string,
): Promise<string> {
  const home = join(makeDirectory(directory), 'home')
  const env = environmentOf(home)
  await execa(join(from, 'bin/config-fast'), [hostName], { env, extendEnv: false })
  if (like !== undefined)
    for (const name of readdirSync(join(home, 'control')))
      if (!existsSync(join(like, 'control', name))) rmSync(join(home, 'control', name), { recursive: true })
  const rcpthosts = [hostName, 'out.example', '.many.example', ''].join('\n')
  for (const [name, text] of Object.entries({ rcpthosts, ...control })) writeFileSync(join(home, 'control', name), text)
  const lines = accounts.flatMap(({ name, uid, gid, home: directory }) => [
    `=${name}:${name}:${uid}:${gid}:${directory}:::`,
    `+${name}-:${name}:${uid}:${gid}:${directory}:-::`,
  ])
  writeFileSync(join(home, 'users/assign'), [...lines, '.', ''].join('\n'))
  await execa(join(home, 'bin/newu'), { env, extendEnv: false })
  for (const account of accounts) prepare(account)
  return home
}

/**
 * @param hasImap - whether it serves IMAP too, which checkouts of before cannot
 * @param listeners - further options of supervise
 */
export async function startYabumi(home: string, hasImap = false, listeners: readonly string[] = []): Promise<Yabumi> {
  const [smtpPort, pop3Port, port, tlsPort] = [await freePort(), await freePort(), await freePort(), await freePort()]
  const imap = hasImap ? ['--imap', `127.0.0.1:${port}`, '--imaps', `127.0.0.1:${tlsPort}`] : []
  const args = ['--ready-fd', '3', '--smtp', `127.0.0.1:${smtpPort}`, '--pop3', `127.0.0.1:${pop3Port}`, ...imap, ...listeners]
  const environment = environmentOf(home)
  const log = openSync(join(home, 'log'), 'a') // our own descriptor: nobody has to read what it says
  const child = spawn(join(home, 'bin/supervise'), args, { cwd: home, env: environment, stdio: ['ignore', 'ignore', log, 'pipe'] })
  closeSync(log)
  const ended = once(child, 'exit')
  await Promise.race([
    once(child.stdio[3] as Readable, 'data'),
    ended.then(() => Promise.reject(new Error(`supervise ended; see ${home}/log`))),
  ])
  return {
    name: 'yabumi',
    home,
    host: hostName,
    smtpPort,
    pop3Port,
    imap: { port, tlsPort },
    environment,
    pid: child.pid ?? 0,
    maildir,
    queue: ['todo', 'mess'].map((name) => join(home, 'queue', name)),
    inject: [join(home, 'bin/inject')],
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/**
 * Another checkout beside this one: its users are the same accounts, in a directory below their homes, because what stands in ~/.qmail is for one of them.
 */
export async function startBefore(
  from: string,
  directory: string,
  accounts: readonly Account[],
  control: Record<string, string>,
): Promise<Yabumi> {
  const below = accounts.map((account) => ({ ...account, home: join(account.home, beforeName) }))
  for (const { home, uid, gid } of below) {
    mkdirSync(home, { mode: 0o700 })
    chownSync(home, uid, gid)
  }
  const system = await startYabumi(await makeHome(directory, below, control, from))
  return { ...system, name: beforeName, maildir: join(beforeName, maildir) }
}

const beforeName = 'before'

function environmentOf(home: string): Record<string, string> {
  return { YABUMI_HOME: home, PATH: `${home}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin` }
}

function prepare({ uid, gid, home }: Account): void {
  for (const part of ['', 'tmp', 'new', 'cur']) {
    const path = join(home, maildir, part)
    mkdirSync(path, { recursive: true, mode: 0o700 })
    chownSync(path, uid, gid)
  }
  for (const name of ['.qmail', '.qmail-default']) {
    writeFileSync(join(home, name), `./${maildir}/\n`)
    chmodSync(join(home, name), 0o600)
    chownSync(join(home, name), uid, gid)
  }
}
