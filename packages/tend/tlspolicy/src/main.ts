/**
 * Say which TLS mail for a domain would demand of its hosts now, and who demands it: tlspolicy [--flush] DOMAIN.
 *
 * Out     descriptor 1: a line for each address, in the order to be tried; then why a policy does not count
 * Exit    0; 100 for a wrong command line; 111 if nothing can be said
 * Changes nothing but state/remote/sts, where the policies of domains are kept.
 */
import { writeSync } from 'node:fs'
import { lowerCase } from '@yabumi/address'
import { commandLine, run } from '@yabumi/commandline'
import { become, enterHome } from '@yabumi/home'
import { forgetPolicy } from '@yabumi/mtasts'
import { printable } from '@yabumi/printable'
import { currentSettings, findMailAddresses, routeOf, securityOf, withLogin } from '@yabumi/smtpclient'
import { demandText } from '@yabumi/tlsdemand'

void run('tlspolicy', async () => {
  const argv = (await commandLine('tlspolicy', '[--flush] DOMAIN'))
    .option('flush', { type: 'boolean', default: false, describe: 'forget the MTA-STS policy that is kept of it, first' })
    .demandCommand(1, 1)
    .parseSync()
  const domain = lowerCase(String(argv._[0]))
  enterHome()
  become('remote')
  if (argv.flush) forgetPolicy(domain)
  const { routes, qmtpRoutes, usesIpv6 } = currentSettings()
  const route = withLogin(routeOf(domain, routes, qmtpRoutes))
  const found = await findMailAddresses(route, usesIpv6)
  if ('report' in found) {
    say(found.report.slice(1))
    process.exitCode = 111
    return
  }
  const reasons = new Set<string>()
  const security = securityOf(domain, route, found.secure, ({ failure }) => void reasons.add(failure?.reason ?? ''))
  for (const target of found.targets) {
    const demand = await security.demandFor(target)
    say(`${printable(target.host, '?')} ${target.address} port ${security.port}: ${printable(demandText(demand), '?')}\n`)
  }
  for (const reason of reasons) say(`${printable(reason, '?')}\n`)
})

function say(text: string): void {
  writeSync(1, text)
}
