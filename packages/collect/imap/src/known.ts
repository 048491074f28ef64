/** What FETCH can tell of a message without its file: from what the mailbox knows, and from what was kept. */
import { type FetchItem, literalHead, writeInternalDate } from '@yabumi/imapwire'
import type { Digest } from '@yabumi/mailfolder'
import { keptFields, pickKept } from './keptfields.ts'
import type { Selected } from './selected.ts'

/** @returns undefined if it is not known. @param digest - what is kept of the message */
export type Known = (uid: number, digest: Digest | undefined) => string | undefined

/** Whether an item may be told by a digest. */
export function wantsDigest(item: FetchItem): boolean {
  if (item.item === 'simple') return item.name === 'ENVELOPE' || item.name === 'BODYSTRUCTURE'
  return isKept(item)
}

/** How an item is told, its name before it. */
export function knownOf({ mailbox, flagsOf }: Selected, item: FetchItem): Known {
  if (isKept(item)) return keptHeader(item)
  if (item.item !== 'simple') return () => undefined
  const { name } = item
  const told = (value: string | number | undefined): string | undefined => (value === undefined ? undefined : `${name} ${value}`)
  switch (name) {
    case 'UID':
      return told
    case 'FLAGS':
      return (uid) => `FLAGS (${flagsOf(uid)})`
    case 'MODSEQ':
      return (uid) => `MODSEQ (${mailbox.modseqOf(uid)})`
    case 'RFC822.SIZE':
      return (uid) => told(mailbox.known(uid, 'wireSize'))
    case 'INTERNALDATE':
      return (uid) => {
        const date = mailbox.known(uid, 'date')
        return date === undefined ? undefined : told(writeInternalDate(date))
      }
    case 'ENVELOPE':
      return (_, digest) => told(digest?.envelope)
    case 'BODYSTRUCTURE':
      return (_, digest) => (digest?.structure === '' ? undefined : told(digest?.structure))
    default:
      return () => undefined
  }
}

type BodyItem = Extract<FetchItem, { item: 'body' | 'binary' }>

/** Whether it is fields of the header of which all are kept. */
function isKept(item: FetchItem): item is BodyItem {
  if (item.item !== 'body' || item.partial !== undefined) return false
  const { part, text, fields } = item.section
  return part.length === 0 && text === 'HEADER.FIELDS' && fields.every((name) => keptFields.has(name))
}

function keptHeader({ label, section }: BodyItem): Known {
  const wanted = new Set(section.fields)
  return (_, digest) => {
    if (digest === undefined) return undefined
    const text = `${pickKept(digest.fields, wanted)}\r\n`
    return `BODY${label} ${literalHead(text.length, false)}${text}`
  }
}
