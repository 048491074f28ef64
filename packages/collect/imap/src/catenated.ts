/** Messages put together of what a client sends and of what lies here already (RFC 4469). */
import { parseMessageUrl, RefusedCommand } from '@yabumi/imapwire'
import { canonicalName, Refusal } from '@yabumi/mailfolder'
import { partOf, scanParts } from '@yabumi/mimeparts'
import { cut, sectionBytes } from './sections.ts'
import type { Session } from './session.ts'

/** What an address stands for. @throws RefusedCommand BADURL */
export async function bytesOfUrl(session: Session, text: string): Promise<Buffer> {
  const url = parseMessageUrl(text)
  const bytes = url && (await readMessage(session, url))
  const root = bytes && scanParts(bytes)
  if (url === undefined || bytes === undefined || root === undefined || partOf(root, url.section.part) === undefined) {
    throw new RefusedCommand('there is no such message or part', `BADURL ${text.replaceAll(/[\]\x00-\x1f\x7f]/g, '?')}`)
  }
  return cut(sectionBytes({ root, bytes }, url.section), url.partial)
}

type Url = NonNullable<ReturnType<typeof parseMessageUrl>>

async function readMessage(session: Session, { mailbox: name, uidValidity, uid }: Url): Promise<Buffer | undefined> {
  try {
    return await session.withMailbox(canonicalName(name), async (mailbox) => {
      await mailbox.sync(false)
      return uidValidity === undefined || uidValidity === mailbox.uidValidity ? await mailbox.read(uid) : undefined
    })
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}
