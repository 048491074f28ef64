/**
 * mailbox: mailboxes without accounts of the system: add, password, list, remove, repair. README.md is the manual page.
 */
import { commandLine, complain, run, say } from '@yabumi/commandline'
import { becomeOwner, enterHome } from '@yabumi/home'
import { Trouble } from '@yabumi/trouble'
import { add } from './add.ts'
import { isSettled } from './homes.ts'
import { addressOf, loginOf, nameOf } from './names.ts'
import { runProgram } from './programs.ts'
import { remove } from './remove.ts'
import { repair } from './repair.ts'
import { findMailbox, readTable } from './table.ts'

const usage = 'add ADDRESS [--domain] [--account NAME] | password ADDRESS[/APP] | list [DOMAIN] | remove ADDRESS[/APP] | repair'

void run('mailbox', async () => {
  const argv = (await commandLine('mailbox', usage))
    .option('domain', { type: 'boolean', default: false, describe: 'take mail for the domain of the address as well' })
    .option('account', { type: 'string', requiresArg: true, describe: 'the mailbox is of this account, together with others' })
    .epilogue('A password is the first line of descriptor 0; a terminal is asked for it.')
    .parseSync()
  const [act, word, extra] = argv._.map(String)
  if (extra !== undefined) throw new Trouble('5.5.4', `usage: mailbox ${usage}`)
  process.umask(0o022)
  enterHome()
  becomeOwner('.')
  if (act === 'add' && word !== undefined) return add(nameOf(word), argv.domain, argv.account)
  if (act === 'password' && word !== undefined) return password(word)
  if (act === 'list') return list(word?.toLowerCase())
  if (act === 'remove' && word !== undefined) return remove(word)
  if (act === 'repair' && word === undefined) return repairAll()
  throw new Trouble('5.5.4', `usage: mailbox ${usage}`)
})

async function password(word: string): Promise<void> {
  const { name, login } = loginOf(word)
  if (findMailbox(readTable(), name) === undefined)
    throw new Trouble('5.5.4', `there is no mailbox ${addressOf(name)}; mailbox list has those that there are`)
  await runProgram('setpassword', login)
}

function list(domain: string | undefined): void {
  for (const { name, uid, home } of readTable())
    if (domain === undefined || name.domain === domain) say(`${addressOf(name)} ${uid} ${home}\n`)
}

function repairAll(): void {
  if (process.getuid?.() !== 0)
    throw new Trouble('5.5.4', "only root can give homes to others; in a home of one user all of them are that user's")
  for (const { name, uid, gid, home } of readTable()) {
    if (isSettled(name, { uid, gid })) continue
    for (const path of repair(home, { uid, gid })) complain(`mailbox: ${home}/${path} has a second name, so it is left as it is`)
    say(`${addressOf(name)} has ${home} again\n`)
  }
}
