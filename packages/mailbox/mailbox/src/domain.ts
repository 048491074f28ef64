/**
 * Mail for a domain comes to its mailboxes: control/virtualdomains has `DOMAIN:DOMAIN`, and control/rcpthosts the
 * domain.
 */
import { readList } from '@yabumi/control'
import { holderOf } from '@yabumi/posix'
import { Trouble } from '@yabumi/trouble'
import { readControlled } from './files.ts'
import { addLine } from './lists.ts'

/** Whether its mail comes to mailboxes. @throws Trouble 5.5.4 if it goes somewhere else by our own settings */
export function isOurs(domain: string): boolean {
  if (readList('locals')?.some((line) => line.toLowerCase() === domain))
    throw new Trouble('5.5.4', `mail for ${domain} goes to accounts of this machine: control/locals has it`)
  const line = readList('virtualdomains')?.find((each) => each.toLowerCase().startsWith(`${domain}:`))
  if (line === undefined) return false
  if (line.toLowerCase() !== `${domain}:${domain}`)
    throw new Trouble('5.5.4', `mail for ${domain} goes elsewhere: control/virtualdomains has ${line}`)
  return true
}

/** Have its mail taken, and delivered to mailboxes. What is there stays. @throws Trouble 4.3.0 */
export function takeDomain(domain: string): void {
  addLine('virtualdomains', `${domain}:${domain}`)
  if (readControlled('control/rcpthosts') !== undefined) addLine('rcpthosts', domain)
  tellSend()
}

/** send reads virtualdomains again at HUP. */
function tellSend(): void {
  const pid = holderOf('queue/lock/sendmutex')
  if (pid !== undefined) process.kill(pid, 'SIGHUP')
}
