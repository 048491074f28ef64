/**
 * Say what the DNS should have for a domain, and what is wrong with what it has: dnsadvice [--check] DOMAIN.
 *
 * Out     descriptor 1: the records to publish, a sentence before each; with --check `CODE: sentence`, a line a fault
 * Exit    0 all is right; 1 it could be better; 2 mail may be lost; 100 wrong arguments; 111 trouble
 * Changes state/dnsadvice/DOMAIN, with --watch
 */
import { readFileSync } from 'node:fs'
import { commandLine, run, say } from '@yabumi/commandline'
import { isDomain } from '@yabumi/dkimkeys'
import { ask, askAuthority, askEach } from '@yabumi/dns'
import { enterHome } from '@yabumi/home'
import { parseEndpoint } from '@yabumi/listener'
import type { Web } from '@yabumi/mtasts'
import { errorText, Trouble } from '@yabumi/trouble'
import { type Ask, answersOf } from '@yabumi/zonefile'
import { adviceFor } from './advice.ts'
import { checkDomain, type World } from './check.ts'
import { tellChange } from './watch.ts'
import { formText } from './web.ts'

void run('dnsadvice', async () => {
  const command = await commandLine(
    'dnsadvice',
    '[--check] [--watch] [--json] [--web] [--zone FILE]... [--policies ADDR:PORT] [--cafile FILE] DOMAIN',
  )
  const { _, check, watch, json, web, zone, policies, cafile } = command
    .option('check', { type: 'boolean', default: false, describe: 'compare with what the DNS has' })
    .option('zone', {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'a file that answers in place of the DNS; more: other servers',
    })
    .option('watch', { type: 'boolean', default: false, describe: 'write to postmaster what is wrong, when it has changed' })
    .option('json', { type: 'boolean', default: false, describe: 'say it for programs' })
    .option('web', { type: 'boolean', default: false, describe: 'say it as the form of a provider asks for it' })
    .option('policies', { type: 'string', requiresArg: true, describe: 'the web server of policies, in place of what the DNS says' })
    .option('cafile', { type: 'string', requiresArg: true, describe: 'the authorities that vouch for it, in place of the usual ones' })
    .demandCommand(1, 1, 'name the domain', 'one domain at a time')
    .parseSync()
  const domain = String(_[0]).toLowerCase().replace(/\.$/, '')
  if (!isDomain(domain)) throw new Trouble('5.5.4', `${domain} is no domain; one beyond ASCII is written in A-labels`)
  const world = {
    ...(zone === undefined ? { ask: published, views: askEach } : viewsOf(zone)),
    web: policies === undefined ? undefined : webAt(policies, cafile),
    hasWeb: zone === undefined || policies !== undefined,
  }
  enterHome()
  if (!check && !watch) {
    const advice = adviceFor(domain)
    if (json) say(`${JSON.stringify(advice)}\n`)
    else if (web) say(formText(advice, domain))
    else for (const { sentence, line } of advice) say(`; ${sentence}\n${line}\n`)
    return
  }
  const faults = await checkDomain(domain, world)
  const lines = faults.map(({ code, sentence }) => `${code}: ${sentence}`)
  if (watch) await tellChange(domain, lines)
  else if (json) say(`${JSON.stringify(faults)}\n`)
  else for (const line of lines) say(`${line}\n`)
  if (!watch) process.exitCode = Math.max(0, ...faults.map(({ weight }) => weight))
})

/** What the servers of a zone have; of DNSSEC a resolver alone knows. */
const published: Ask = async (name, type) => (type === 'TLSA' ? ask(name, type) : (await askAuthority(name, type)).answer)

function webAt(text: string, cafile: string | undefined): Web {
  const { address, port } = parseEndpoint(text)
  const place = { address, port, isAllowed: () => true }
  return cafile === undefined ? place : { ...place, ca: readFileSync(cafile, 'latin1') }
}

/** The first one answers; each is what a server of the zone has. */
function viewsOf(files: readonly string[]): Pick<World, 'ask' | 'views'> {
  const asks = files.map(zoneFrom)
  const views: World['views'] = (name, type) =>
    Promise.all(asks.map(async (ask, index) => ({ server: files[index] ?? '', answer: await ask(name, type) })))
  return { ask: asks[0] as Ask, views }
}

function zoneFrom(file: string): Ask {
  try {
    return answersOf(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to read the zone in ${file}: ${errorText(cause)}`, { cause })
  }
}
