/** Programs that work on a user's Maildir beside the servers: our own `local`, and mutt. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, closeSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hostName, userAccount } from '../support/home.ts'
import type { World } from './world.ts'

/** What stands in the subject of a message that mutt flags or removes. */
export const removable = 'removable'

const quitMilliseconds = 200

const settings = `set mbox_type=Maildir
set folder=~/Maildir
set spoolfile=~/Maildir
set record=
set delete=yes
set quit=yes
set move=no
set wait_key=no
set beep=no
`

/** Have `local` deliver a message. @throws Error - it did not */
export async function deliverByLocal({ home }: World, user: string, message: string): Promise<void> {
  const args = [user, home.userHome(user), user, '', '', hostName, 'sender@client.example', './Maildir/']
  const file = join(home.root, `for-local-${user}`)
  writeFileSync(file, message)
  const fd = openSync(file, 'r')
  rmSync(file)
  const options = { ...userAccount, cwd: home.userHome(user), env: home.environment }
  const child = spawn(join(home.directory, 'bin/local'), ['--', ...args], { ...options, stdio: [fd, 'ignore', 'inherit'] })
  closeSync(fd)
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`local ended with ${code}`)
}

/** A person reads in mutt: flags and removes what is removable, and leaves. */
export async function readWithMutt({ home }: World, user: string): Promise<void> {
  const directory = join(home.root, `mutt-${user}`)
  mkdirSync(directory, { recursive: true })
  chownSync(directory, userAccount.uid, userAccount.gid)
  const keys = `<tag-pattern>~s ${removable}<enter><tag-prefix><flag-message><sync-mailbox><delete-pattern>~s ${removable}<enter><sync-mailbox><quit>`
  writeFileSync(join(directory, 'muttrc'), `${settings}push "${keys}"\n`)
  const mutt = `mutt -n -F ${directory}/muttrc -f ${home.userHome(user)}/Maildir`
  const env = { PATH: home.environment['PATH'] ?? '', HOME: home.userHome(user), TERM: 'vt100', LC_ALL: 'C' }
  const child = spawn('script', ['-qec', mutt, '/dev/null'], { ...userAccount, cwd: directory, env, stdio: ['pipe', 'ignore', 'ignore'] })
  child.stdin.on('error', () => undefined)
  const quitting = setInterval(() => child.stdin.write('q'), quitMilliseconds) // what others do at the same time may make it forget the rest of the keys
  const [code] = (await once(child, 'exit')) as [number | null]
  clearInterval(quitting)
  if (code !== 0) throw new Error(`mutt ended with ${code}`)
}
