/** A hundred system accounts for the time of a run: the local deliverers of the others know no other users. */
import { execa } from 'execa'

export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
}

export const firstUid = 47_100
export const accountCount = 100

/** @param homes - directory that will hold their home directories */
export function accountsIn(homes: string): Account[] {
  return Array.from({ length: accountCount }, (_, n) => {
    const name = `yb${String(n).padStart(3, '0')}`
    return { name, uid: firstUid + n, gid: firstUid + n, home: `${homes}/${name}` }
  })
}

/** Create them, with their home directories. */
export async function createAccounts(accounts: readonly Account[]): Promise<void> {
  for (const { name, uid, home } of accounts) {
    await execa('useradd', ['--create-home', '--skel', '/nonexistent', '--home-dir', home, '--uid', String(uid), '--user-group', name])
  }
}

export async function removeAccounts(accounts: readonly Account[]): Promise<void> {
  for (const { name } of accounts) await execa('userdel', ['--force', name], { reject: false })
}
