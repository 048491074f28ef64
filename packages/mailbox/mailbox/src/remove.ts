/**
 * Remove a mailbox, or the password of an app.
 *
 * Nobody can log in or get mail there any more before its home is put away. Crash: do it again.
 */
import { existsSync } from 'node:fs'
import { say } from '@yabumi/commandline'
import { Trouble } from '@yabumi/trouble'
import { lockMailboxes, replace } from './files.ts'
import { homeOf, putAway } from './homes.ts'
import { addressOf, loginOf } from './names.ts'
import { runProgram } from './programs.ts'
import { findMailbox, readTable, tablePath, tableText } from './table.ts'

/** @param word - `ADDRESS` or `ADDRESS/APP` */
export async function remove(word: string): Promise<void> {
  const { name, login } = loginOf(word)
  const address = addressOf(name)
  await lockMailboxes()
  const mailboxes = readTable()
  const isThere = findMailbox(mailboxes, name) !== undefined
  if (!isThere && (login !== address || !existsSync(homeOf(name)))) throw new Trouble('5.5.4', `there is no mailbox ${address}`)
  if (login !== address) return runProgram('setpassword', '--remove', login)
  if (isThere) {
    replace(tablePath, tableText(mailboxes.filter((each) => addressOf(each.name) !== address)))
    await runProgram('newu')
  }
  await runProgram('setpassword', '--remove', address)
  say(`${address} is removed; its mail lies in ${putAway(name, new Date())}\n`)
}
