/** CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 9051 §6.3.4 to §6.3.8). */
import { Arguments, type Command, RefusedCommand } from '@yabumi/imapwire'
import type { Session } from '../session.ts'
import { keepUses, parseUses } from '../specialuse.ts'

export async function answerCreate(session: Session, { args }: Command): Promise<string> {
  const words = new Arguments(args)
  const name = session.nameOf(words.astring('mailbox name'))
  const uses = parseUses(words)
  words.end()
  session.account.create(name)
  return session.withMailbox(name, async (mailbox) => {
    await mailbox.sync() // gives it its id
    await keepUses(session.account.annotations(name), uses)
    return `[MAILBOXID (${mailbox.mailboxId})] it is there now`
  })
}

export async function answerDelete(session: Session, { args }: Command): Promise<string> {
  session.account.remove(session.nameOf(oneName(args)))
  return 'it is gone'
}

export async function answerRename(session: Session, { args }: Command): Promise<string> {
  const words = new Arguments(args)
  const [from, to] = [words.astring('mailbox name'), words.astring('mailbox name')]
  words.end()
  await session.account.rename(session.nameOf(from), session.nameOf(to))
  return 'it has another name now'
}

export async function answerSubscribe(session: Session, { args }: Command): Promise<string> {
  const name = session.nameOf(oneName(args))
  if (name === '') throw new RefusedCommand('no mailbox can have that name', 'CANNOT')
  await session.account.subscribe(name, true)
  return 'subscribed'
}

export async function answerUnsubscribe(session: Session, { args }: Command): Promise<string> {
  await session.account.subscribe(session.nameOf(oneName(args)), false)
  return 'not subscribed any more'
}

function oneName(args: Command['args']): string {
  const words = new Arguments(args)
  const name = words.astring('mailbox name')
  words.end()
  return name
}
