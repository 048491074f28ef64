/**
 * Say what the DNS should have for a domain, and what is wrong with what it has: dnsadvice [--check] DOMAIN.
 *
 * Out     descriptor 1: the records to publish, a sentence before each; with --check `CODE: sentence`, a line a fault
 * Exit    0 all is right; 1 something could be better; 2 mail may be lost; 100 a wrong command line; 111 trouble
 * Changes nothing
 */
import { readFileSync } from 'node:fs'
import { commandLine, run, say } from '@yabumi/commandline'
import { isDomain } from '@yabumi/dkimkeys'
import { ask } from '@yabumi/dns'
import { enterHome } from '@yabumi/home'
import { errorText, Trouble } from '@yabumi/trouble'
import { type Ask, answersOf } from '@yabumi/zonefile'
import { adviceFor } from './advice.ts'
import { checkDomain } from './check.ts'

void run('dnsadvice', async () => {
  const command = await commandLine('dnsadvice', '[--check] [--zone FILE] DOMAIN')
  const { _, check, zone } = command
    .option('check', { type: 'boolean', default: false, describe: 'compare with what the DNS has' })
    .option('zone', { type: 'string', requiresArg: true, describe: 'a file that answers in place of the DNS' })
    .demandCommand(1, 1, 'name the domain', 'one domain at a time')
    .parseSync()
  const domain = String(_[0]).toLowerCase().replace(/\.$/, '')
  if (!isDomain(domain)) throw new Trouble('5.5.4', `${domain} is no domain; one beyond ASCII is written in A-labels`)
  const lookUp = zone === undefined ? ask : zoneFrom(zone)
  enterHome()
  if (!check) {
    for (const { sentence, line } of adviceFor(domain)) say(`; ${sentence}\n${line}\n`)
    return
  }
  const faults = await checkDomain(domain, lookUp)
  for (const { code, sentence } of faults) say(`${code}: ${sentence}\n`)
  process.exitCode = Math.max(0, ...faults.map(({ weight }) => weight))
})

function zoneFrom(file: string): Ask {
  try {
    return answersOf(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to read the zone in ${file}: ${errorText(cause)}`, { cause })
  }
}
