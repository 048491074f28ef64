/** Commands that have nothing to do with messages (RFC 9051 §6.1, §6.3.1, §6.3.10). */
import { Arguments, BadCommand, type Command, parseId, RefusedCommand } from '@yabumi/imapwire'
import { capabilities } from '../capabilities.ts'
import type { Session } from '../session.ts'

export async function answerCapability({ connection }: Session, { args }: Command): Promise<string> {
  new Arguments(args).end()
  connection.put(`* CAPABILITY ${capabilities}\r\n`)
  return 'that is all'
}

export async function answerId({ connection }: Session, { args }: Command): Promise<string> {
  parseId(args)
  connection.put('* ID ("name" "yabumi")\r\n')
  return 'nice to meet you'
}

/** News are told by the session. */
export async function answerNoop(): Promise<string> {
  return 'nothing was done'
}

export async function answerCheck(session: Session): Promise<string> {
  session.needSelected()
  return 'everything is on the disk'
}

export async function answerLogout(session: Session, { args }: Command): Promise<string> {
  new Arguments(args).end()
  session.connection.put('* BYE see you again\r\n')
  session.leave('')
  return 'you are logged out'
}

export async function answerEnable(session: Session, { args }: Command): Promise<string> {
  if (args.length === 0) throw new BadCommand('Missing what to enable')
  const words = new Arguments(args)
  const names: string[] = []
  while (!words.atEnd) names.push(words.keyword('name of an extension'))
  const enabled = names.filter((name) => session.enable(name))
  if (enabled.length > 0) session.connection.put(`* ENABLED ${enabled.join(' ')}\r\n`)
  return 'enabled'
}

/** The session compresses once this is answered. */
export async function answerCompress({ connection }: Session, { args }: Command): Promise<string> {
  const words = new Arguments(args)
  const algorithm = words.keyword('compression algorithm')
  words.end()
  if (algorithm !== 'DEFLATE') throw new BadCommand('Unknown compression algorithm')
  if (connection.isCompressed) throw new RefusedCommand('it is compressed already', 'COMPRESSIONACTIVE')
  return 'from now on it is compressed'
}

export async function answerNamespace({ connection }: Session, { args }: Command): Promise<string> {
  new Arguments(args).end()
  connection.put('* NAMESPACE (("" "/")) NIL NIL\r\n')
  return 'one namespace'
}
