/**
 * fetchbox: copy an IMAP account into a Maildir or another IMAP account. README.md is the manual page.
 *
 * In      FROM, read-only
 * Out     TO: each message on the disk there before it is written down as copied
 * Synced  what is written down, before a batch of messages and at the end of a mailbox
 * Crash   leaves what is written down short by a batch at most; the next run looks what TO has
 * Trust   root becomes the owner of the Maildir
 */
import { commandLine, complain, run } from '@yabumi/commandline'
import { becomeOwner } from '@yabumi/home'
import { Trouble } from '@yabumi/trouble'
import { copyFolder, type Folder, foldersOf, type Source } from './copy.ts'
import { ImapTarget } from './imap.ts'
import { MaildirTarget } from './maildir.ts'
import { passwordFrom } from './password.ts'
import { Progress } from './progress.ts'
import { connect, serverOf } from './server.ts'
import type { Target } from './target.ts'

const usage = '[--dry-run] [--folder NAME]... [--from-password FILE] [--to-password FILE] [--ca FILE] [--state DIR] FROM TO'

void run('fetchbox', async () => {
  const command = await commandLine('fetchbox', usage)
  const argv = command
    .option('dry-run', { type: 'boolean', default: false, describe: 'say what would be copied' })
    .option('folder', { type: 'string', array: true, requiresArg: true, default: [], describe: 'this mailbox only' })
    .option('from-password', { type: 'string', requiresArg: true, describe: 'a file, or fd:N' })
    .option('to-password', { type: 'string', requiresArg: true, describe: 'a file, or fd:N' })
    .option('ca', { type: 'string', requiresArg: true, describe: 'certificates to trust besides' })
    .option('state', { type: 'string', requiresArg: true, describe: 'where it is written down what has been copied' })
    .demandCommand(2, 2, 'name FROM and TO', 'one FROM and one TO')
    .parseSync()
  const [from, to] = argv._.map(String) as [string, string]
  process.umask(0o077)
  const server = serverOf(from)
  if (server === undefined) throw new Trouble('5.5.4', `${from}: imaps://LOGIN@HOST[:PORT] is wanted`)
  const toServer = serverOf(to)
  const password = passwordFrom(argv['from-password'], server.name)
  const toPassword = toServer === undefined ? '' : passwordFrom(argv['to-password'], toServer.name)
  if (toServer === undefined) becomeOwner(to)
  const target = toServer === undefined ? new MaildirTarget(to) : await ImapTarget.connect(toServer, toPassword, argv.ca)
  try {
    const source = { flow: await connect(server, password, argv.ca), name: server.name }
    try {
      await copyAll(source, await chosen(source, argv.folder), target, argv.state ?? target.state, argv['dry-run'])
    } finally {
      await source.flow.logout().catch(() => undefined)
    }
  } finally {
    await target.close()
  }
})

async function chosen(source: Source, names: readonly string[]): Promise<Folder[]> {
  const all = await foldersOf(source)
  const unknown = names.find((name) => !all.some(({ path }) => path === name))
  if (unknown !== undefined) throw new Trouble('5.5.4', `${unknown}: there is no such mailbox`)
  return names.length === 0 ? all : all.filter(({ path }) => names.includes(path))
}

/** @throws Trouble of the first mailbox that was refused, when the others are copied */
async function copyAll(source: Source, folders: readonly Folder[], target: Target, state: string, isDry: boolean): Promise<void> {
  let refused: Trouble | undefined
  for (const folder of folders) {
    const progress = new Progress(isDry)
    try {
      await copyFolder(source, folder, isDry ? undefined : target, state, target.name, progress)
      progress.end()
    } catch (error) {
      if (!(error instanceof Trouble && error.status === '5.3.5')) throw error
      if (refused !== undefined) complain(`fetchbox: ${refused.message}`)
      refused = error
    }
  }
  if (refused !== undefined) throw refused
}
