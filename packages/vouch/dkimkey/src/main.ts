/**
 * Make, list, check, activate and retire the keys that sign mail: dkimkey new|list|check|activate|retire.
 *
 * Out     descriptor 1: what there is, what is to be published
 * Changes control/dkim/ (spec §19.1)
 * Exit    0; 1 if somebody has to do something; 100 a wrong command line, a key that is not in the DNS; 111 trouble
 * Trust   root, or the owner of a home of one user
 */
import { commandLine, run, say } from '@yabumi/commandline'
import { nowSeconds } from '@yabumi/dates'
import {
  type DomainKey,
  domainsWithKeys,
  findPublished,
  isDomain,
  publishedText,
  readDomainKeys,
  recordName,
  zoneLine,
} from '@yabumi/dkimkeys'
import { enterHome } from '@yabumi/home'
import { Trouble } from '@yabumi/trouble'
import { checkDomain } from './check.ts'
import { writeState } from './files.ts'
import { makeKeys } from './make.ts'

void run('dkimkey', async () => {
  const command = await commandLine('dkimkey', 'new|list|check|activate|retire [DOMAIN [SELECTOR]]')
  const { _, force } = command
    .option('force', { type: 'boolean', default: false, describe: 'activate a key though the DNS does not show it' })
    .demandCommand(1, 3, 'say what to do: new, list, check, activate or retire', 'too many arguments')
    .parseSync()
  const [act, domain, selector] = _.map((word, index) => (index === 1 ? asDomain(String(word)) : String(word)))
  enterHome()
  process.umask(0o077)
  if (act === 'new' && domain !== undefined && selector === undefined) sayMade(domain)
  else if (act === 'list' && selector === undefined) for (const each of domainsOf(domain)) list(each)
  else if (act === 'check' && selector === undefined) for (const each of domainsOf(domain)) await check(each)
  else if (act === 'activate' && domain !== undefined && selector !== undefined) await activate(domain, selector, force)
  else if (act === 'retire' && domain !== undefined && selector !== undefined) retire(domain, selector)
  else
    throw new Trouble(
      '5.5.4',
      'usage: dkimkey new DOMAIN | list [DOMAIN] | check [DOMAIN] | activate DOMAIN SELECTOR | retire DOMAIN SELECTOR',
    )
})

function asDomain(word: string): string {
  const domain = word.toLowerCase().replace(/\.$/, '')
  if (!isDomain(domain)) throw new Trouble('5.5.4', `${word} is no domain; one beyond ASCII is written in A-labels`)
  return domain
}

function domainsOf(domain: string | undefined): string[] {
  return domain === undefined ? domainsWithKeys() : [domain]
}

function sayMade(domain: string): void {
  const made = makeKeys(domain, nowSeconds())
  say(`; two keys for ${domain}. Publish both records, then run dkimkey check: it sees them, and has them sign.\n`)
  for (const { selector, key } of made) say(`${zoneLine(domain, selector, key)}\n`)
  say('; the same for the form of a provider: name, and value in one piece\n')
  for (const { selector, key } of made) say(`; ${recordName(domain, selector)}\n; ${publishedText(key)}\n`)
}

function list(domain: string): void {
  for (const { selector, state, since, key, problem } of readDomainKeys(domain)) {
    const date = new Date(since * 1000).toISOString().slice(0, 10)
    say(`${domain} ${selector} ${problem ?? `${key?.asymmetricKeyType} ${state} since ${date}`}\n`)
  }
}

async function check(domain: string): Promise<void> {
  const { lines, isFine } = await checkDomain(domain, nowSeconds())
  for (const line of lines) say(`${line}\n`)
  if (!isFine) process.exitCode = 1
}

function find(domain: string, selector: string): DomainKey & { readonly key: NonNullable<DomainKey['key']> } {
  const found = readDomainKeys(domain).find((one) => one.selector === selector)
  if (found === undefined) throw new Trouble('5.3.5', `${domain} has no key ${selector}`)
  if (found.key === undefined) throw new Trouble('5.3.5', found.problem ?? `${selector} cannot be used`)
  return { ...found, key: found.key }
}

async function activate(domain: string, selector: string, force: boolean): Promise<void> {
  const found = find(domain, selector)
  if (!force && (await findPublished(found)) !== 'this') {
    throw new Trouble('5.3.5', `the DNS does not show ${recordName(domain, selector)} with this key; --force activates it all the same`)
  }
  const now = nowSeconds()
  const others = readDomainKeys(domain).filter(
    (one) => one.selector !== selector && one.state === 'active' && one.key?.asymmetricKeyType === found.key.asymmetricKeyType,
  )
  writeState(domain, selector, 'active', now, found.seenAt ?? now)
  for (const other of others) writeState(domain, other.selector, 'retiring', now, other.seenAt)
}

/** A key that was active is needed by mail that is on its way; one that never was is needed by nobody. */
function retire(domain: string, selector: string): void {
  const { state, seenAt } = find(domain, selector)
  writeState(domain, selector, state === 'active' ? 'retiring' : 'retired', nowSeconds(), seenAt)
}
