/** Lines that the programs pass over, or take for something that no mail has: what each file expects. */
import { isDomain } from '@yabumi/address'

/** @returns what is wrong with a line that is neither empty nor a comment */
type Check = (line: string) => string | undefined

const noDomain = 'no domain has such bytes, so it stands for none'

const domain: Check = (line) => {
  if (!isDomain(line) || (line.includes(':') && !line.startsWith('['))) return noDomain
  return line.endsWith('.') ? 'a dot at the end is never part of an address, so it stands for none' : undefined
}

/** Neither side loses its blanks. */
const table: Check = (line) => {
  const colon = line.indexOf(':')
  if (colon < 0) return 'there is no colon, so it does not count'
  return /^[ \t]|[ \t]:|:[ \t]/.test(line) ? 'a blank beside the colon or in front is part of a name, which nobody has' : undefined
}

const largestPort = 65_535

/** `HOST:RELAY` or `HOST:RELAY:PORT`, an IPv6 address in brackets; perhaps a login after it. */
const route: Check = (line) => {
  const problem = table(line)
  if (problem !== undefined) return problem
  const key = line.indexOf(':')
  const relay = line
    .slice(key + 1)
    .replace(/^\[[^\]]*\]/, '')
    .replace(/\|.*/s, '')
  const port = relay.slice(relay.indexOf(':') + 1)
  if (port === '' || port === relay) return undefined
  if (!/^[0-9]/.test(port)) return 'the port is no number, so the usual one is meant'
  return /^[0-9]+$/.test(port) && Number(port) <= largestPort ? undefined : `the port is no number up to ${largestPort}`
}

const service: Check = (line) => {
  const port = Number(/^(?:submissions?|imaps?|pop3s?)[ \t]+([0-9]{1,5})$/.exec(line)?.[1])
  return port > 0 && port <= largestPort ? undefined : 'is not SERVICE PORT, so the last good reading of the file counts'
}

/** `joe@example.org`, or `SHA256:FINGERPRINT`, perhaps with a login. */
const tlsClient: Check = (line) =>
  /^sha256:(?:[0-9a-f]{2}:?){32}(?:[ \t]+\S+)?$/i.test(line) || (/^[!-~]+$/.test(line) && /.@./.test(line))
    ? undefined
    : 'is neither an address nor SHA256: and 64 hexadecimal digits, so it lets nobody in'

/** `ZONE`, `ZONE:=127.0.0.2-11`, `ZONE:0.5` (package dnslists). */
const dnsList: Check = (line) =>
  /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+(?::=127\.[0-9.,-]+)?(?::[0-9]{1,3}(?:\.[0-9]{1,3})?)?$/.test(line)
    ? undefined
    : 'is not ZONE, ZONE:=127.0.0.2-11 or ZONE:WEIGHT, so the last good reading of the file counts'

/** `inet:HOST:PORT` or `unix:PATH`, and options (package milter). */
const milter: Check = (line) =>
  /^(?:inet:(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}|unix:[^ \t]+)(?:[ \t]+(?:name=[^ \t]+|timeout=(?:[1-9][0-9]{0,3}\/){2}[1-9][0-9]{0,3}|default=(?:accept|tempfail|reject)|skip=relay))*$/.test(
    line,
  )
    ? undefined
    : 'is no filter, so the last good reading of the file counts, and at first nothing is taken'

const zeroOrOne: Check = (line) => (/^[01]$/.test(line) ? undefined : 'is neither 0 nor 1, so the last good reading counts')

/** Files of one line are checked as lists of one. */
const checks: ReadonlyMap<string, Check> = new Map([
  ...['bouncehost', 'defaultdomain', 'defaulthost', 'doublebouncehost', 'envnoathost', 'helohost', 'idhost', 'localiphost'].map(
    (name) => [name, domain] as const,
  ),
  ...['locals', 'me', 'morercpthosts', 'percenthack', 'plusdomain', 'rcpthosts'].map((name) => [name, domain] as const),
  ...[
    'apop',
    'arc',
    'dane',
    'dkimallowl',
    'dkimautoactivate',
    'dmarc',
    'dsn',
    'dsnsuccess',
    'smtputf8',
    'deliverby',
    'mtpriority',
    'enhancedstatus',
    'esmtp',
    'forbidpipelining',
    'fromcheck',
    'greetmultiline',
    'helocheck',
    'just8',
    'mtasts',
    'popextensions',
    'resolverstrusted',
    'spfnullreject',
    'strictparameters',
    'tlslegacy',
    'tlsrpt',
  ].map((name) => [name, zeroOrOne] as const),
  ...['dnsbllist', 'dnswllist', 'rhsbllist'].map((name) => [name, dnsList] as const),
  ['mailaccess', service],
  ['milters', milter],
  ['tlsclients', tlsClient],
  ['virtualdomains', table],
  ['smtproutes', route],
  ['qmtproutes', route],
])

/** Files that hold one word of these: an empty line or a comment is none. */
const words: ReadonlyMap<string, readonly string[]> = new Map([
  ['greylist', ['0', '1', '2']],
  ['authcheck', ['0', '1', '2']],
  ['bounceformat', ['qsbmf', 'dsn', 'both']],
  ['tlsminversion', ['1.2', '1.3']],
  ['unknownusers', ['accept', 'refuse']],
])

/** What is wrong with a line of a control file; undefined if that is not known, too. */
export function problemOfLine(file: string, line: string): string | undefined {
  const known = words.get(file)
  if (known !== undefined) return known.includes(line) ? undefined : `is neither ${known.join(' nor ')}, so the last good line still counts`
  return line === '' || line[0] === '#' ? undefined : checks.get(file)?.(line)
}

/** Whether a line has a password, so that nobody else should read its file: `HOST:RELAY:PORT|USER|PASSWORD`. */
export function hasPassword(file: string, line: string): boolean {
  return file === 'smtproutes' && line[0] !== '#' && line.includes('|')
}
