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

/** The accounts' names are this with the numbers from 1 in front, as smtp-source makes its recipients. */
export const nameEnd = 'yb'

/** @param homes - directory that will hold their home directories */
export function accountsIn(homes: string): Account[] {
  return Array.from({ length: accountCount }, (_, n) => {
    const name = `${n + 1}${nameEnd}`
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
