/**
 * `start --as ROLE FILE [ARGUMENT ...]`: become an account of the home, then a program. start runs itself so where an
 * account has further groups, which Node gives to no program that it starts.
 */
import { becomeProgram } from '@yabumi/child'
import { byteEnvironment } from '@yabumi/commandline'
import { accountToBecome, becomeAccount, enterHome, type Role, roles } from '@yabumi/home'
import { Trouble } from '@yabumi/trouble'

/** @throws Trouble if it is no such role, or cannot be done */
export function runAs([role, file, ...args]: readonly string[]): never {
  if (!roles.includes(role as Role) || file === undefined) throw new Trouble('5.5.4', 'usage: start --as ROLE FILE [ARGUMENT ...]')
  enterHome()
  const account = accountToBecome(role as Role)
  if (account !== undefined) becomeAccount(account)
  throw new Trouble('4.3.0', `unable to run ${becomeProgram({ file, args, env: byteEnvironment() })}`)
}
