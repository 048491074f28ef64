/**
 * The steps, in their order. Each knows whether it was done before. The working directory is the home once that is
 * there.
 *
 * Trust   root, in directories that are root's
 */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { hasAccounts, makeDirectories, remoteKeysGroup } from '@yabumi/home'
import { giveAccounts } from '@yabumi/homeaccounts'
import { addressesWithoutName, hasIpv6 } from './ipv6.ts'
import { routeLine } from './look.ts'
import type { Programs } from './programs.ts'
import { hasReader, isKept, makeReader, removeReader } from './readers.ts'
import { writeOnce } from './settings.ts'
import type { Supervisor } from './supervisors.ts'
import type { Wish } from './wish.ts'

export interface Step {
  /** What it does, as a sentence without its end. */
  readonly says: string
  isDone(): boolean | Promise<boolean>
  /** @returns more lines for the operator */
  does(): Promise<readonly string[]>
}

export interface Plan {
  readonly wish: Wish
  /** Absolute path. */
  readonly home: string
  readonly hostName: string
  readonly programs: Programs
  readonly supervisor: Supervisor
  /** Of the relay's login; undefined without one. */
  readonly relaySecret: string | undefined
  /** What accounts' names begin with. */
  readonly accountPrefix: string
}

/** Names at the domain that must have a reader (RFC 2142 §4, and those that dnsadvice's records name). */
const forYou = ['postmaster', 'abuse', 'dmarc-reports', 'tls-reports']
/** Of the host: what programs write to. config-fast lets alias/ keep it. */
const ofHost = ['postmaster', 'mailer-daemon', 'root']
const passwordBytes = 12

export function stepsOf(plan: Plan): Step[] {
  const { relay } = plan.wish
  return [
    accountsStep(plan),
    homeStep(plan),
    mailboxStep(plan),
    readersStep(plan),
    ...(relay === undefined ? [] : [relayStep(plan, relay)]),
    ...(hasIpv6() ? [ipv6Step()] : []),
    keysStep(plan),
    ...(plan.supervisor.hasFiles ? [serviceStep(plan)] : []),
  ]
}

function accountsStep({ home, accountPrefix }: Plan): Step {
  return {
    says: `accounts: one for each part that is trusted with something of its own, ${accountPrefix}*`,
    isDone: () => hasAccounts(home),
    async does() {
      const lines: string[] = []
      makeDirectories(home)
      process.chdir(home)
      giveAccounts({ home, destdir: '', accountPrefix }, (line) => lines.push(line))
      return lines
    },
  }
}

function homeStep({ home, hostName, programs }: Plan): Step {
  return {
    says: `home: ${home}, for the host ${hostName} (config-fast ${hostName})`,
    isDone: () => existsSync(`${home}/control/me`),
    async does() {
      await programs.run('config-fast', [hostName])
      process.chdir(home)
      return []
    },
  }
}

function mailboxStep({ home, wish, programs }: Plan): Step {
  const address = addressOf(wish)
  return {
    says: `mailbox: ${address} (mailbox add ${address} --domain)`,
    isDone: async () =>
      existsSync(`${home}/control/me`) &&
      (await programs.run('mailbox', ['list'])).split('\n').some((line) => line.split(/\s/)[0] === address),
    async does() {
      const secret = randomBytes(passwordBytes).toString('base64url')
      await programs.run('mailbox', ['add', address, '--domain'], `${secret}\n`)
      return [`the password of ${address} is ${secret}`]
    },
  }
}

/** Mail for names of the domain without a mailbox goes to alias/, as DOMAIN-NAME: control/virtualdomains says so. */
function readersStep({ home, wish }: Plan): Step {
  const names = forYou.filter((name) => name !== wish.localPart).map((name) => `${wish.domain.replaceAll('.', ':')}-${name}`)
  return {
    says: `readers: mail for ${forYou.join(', ')} goes to ${addressOf(wish)}`,
    isDone: () => existsSync(`${home}/alias`) && names.every((name) => hasReader(name)) && !ofHost.some(isKept),
    async does() {
      for (const name of ofHost.filter(isKept)) removeReader(name)
      for (const name of [...names, ...ofHost]) makeReader(name, addressOf(wish))
      return []
    },
  }
}

function relayStep({ home, relaySecret }: Plan, relay: NonNullable<Wish['relay']>): Step {
  const files = (): string[] =>
    ['smtproutes', ...(relay.user === undefined ? [] : ['routepasswords'])].map((name) => `${home}/control/${name}`)
  return {
    says: `relay: mail goes out by ${relay.host}, port ${relay.port} (control/smtproutes)`,
    isDone: () => files().every((path) => existsSync(path)),
    async does() {
      if (relay.user !== undefined)
        writeOnce(`${home}/control/routepasswords`, `${relay.host}|${relay.user}|${relaySecret ?? ''}\n`, remoteKeysGroup())
      writeOnce(`${home}/control/smtproutes`, `${routeLine(relay)}\n`)
      return []
    },
  }
}

function ipv6Step(): Step {
  return {
    says: 'IPv6: mail goes out over it if each address of this host has a name',
    isDone: () => existsSync('control/outgoingipv6'),
    async does() {
      const nameless = await addressesWithoutName()
      writeOnce('control/outgoingipv6', nameless.length === 0 ? '1\n' : '0\n')
      return nameless.map((address) => `${address} has no name in the DNS: mail goes out over IPv4 only (control/outgoingipv6 0)`)
    },
  }
}

function keysStep({ home, wish: { domain }, programs }: Plan): Step {
  return {
    says: `keys: two that sign mail of ${domain} (dkimkey new ${domain})`,
    isDone: () => existsSync(`${home}/control/dkim/${domain}`),
    async does() {
      await programs.run('dkimkey', ['new', domain])
      return ['mail is signed once the DNS has their records, and dkimkey check has seen them']
    },
  }
}

function serviceStep({ home, supervisor, programs }: Plan): Step {
  return {
    says: `services: files for ${supervisor.name}`,
    isDone: () => supervisor.isServed(home),
    async does() {
      await supervisor.serve(home, programs)
      return []
    },
  }
}

export function addressOf({ localPart, domain }: Wish): string {
  return `${localPart}@${domain}`
}
