/**
 * Loop detection (spec §2.7.2): what the Delivered-To lines of a message say about where it has been.
 *
 * A delivery's own line ends it. So does a message that one user has had too often, under whatever extensions.
 * Otherwise a dotfile whose program makes a new address each time would double it for ever.
 */
import { lowerCase, splitAddress } from '@yabumi/address'
import type { Request } from '@yabumi/dotfile'
import { addressBytes, deliveriesToOneUser } from '@yabumi/limits'
import { looping, loopingUser } from './failure.ts'
import { deliveredTo } from './trace.ts'

/** What chooses a dotfile. */
type Name = Pick<Request, 'dash' | 'extension'>

const field = 'Delivered-To: '

/**
 * Where this user has had a message before, at this domain.
 *
 * @param message - all of it, or its pieces, of which no more than the header's are read
 * @returns by what names in the user's home; at most as many as the limit
 * @throws Failure if it is looping; the system's error if it cannot be read
 */
export async function earlierDeliveries(request: Request, message: Buffer | AsyncIterable<Buffer>): Promise<Name[]> {
  const own = splitAddress(deliveredTo(request).slice(field.length, -1))
  const stem = stemOf(request)
  const earlier: Name[] = []
  const tell = (address: string): void => {
    const { local, domain } = splitAddress(address)
    if (lowerCase(domain ?? '') !== lowerCase(own.domain ?? '')) return
    if (local === own.local) throw looping()
    const name = nameOf(local, stem)
    if (name === undefined) return
    earlier.push(name)
    if (earlier.length >= deliveriesToOneUser) throw loopingUser(earlier.length)
  }
  if (Buffer.isBuffer(message)) tellEach(Buffer.concat([lineEnd, headerOf(message)]), tell)
  else await tellPieces(message, tell)
  return earlier
}

/** What all addresses of the user begin with, without the hyphen; empty for the alias user, who has all of them. */
function stemOf({ local, dash, extension }: Request): string {
  const end = `${dash}${extension}`
  return local.endsWith(end) ? local.slice(0, local.length - end.length) : ''
}

/** @returns undefined for somebody else's address */
function nameOf(local: string, stem: string): Name | undefined {
  if (stem === '') return { dash: '-', extension: local }
  const start = lowerCase(local.slice(0, stem.length + 1))
  if (start === lowerCase(stem)) return { dash: '', extension: '' }
  return start === `${lowerCase(stem)}-` ? { dash: '-', extension: local.slice(stem.length + 1) } : undefined
}

const lineEnd = Buffer.from('\n')
const headerEnd = Buffer.from('\n\n')
const fieldStart = Buffer.from(`\n${field}`)
const longestLine = 2 * addressBytes // no line of ours is longer

async function tellPieces(pieces: AsyncIterable<Buffer>, tell: (address: string) => void): Promise<void> {
  let kept = lineEnd // the line whose end has not come, and the line end in front of it
  for await (const piece of pieces) {
    const text = Buffer.concat([kept, piece])
    if (tellEach(text, tell)) return
    kept = text.subarray(Math.max(text.lastIndexOf(lineEnd), text.length - longestLine))
  }
}

/** No more than that is copied. */
function headerOf(message: Buffer): Buffer {
  const end = message.indexOf(headerEnd)
  return end < 0 ? message : message.subarray(0, end + headerEnd.length)
}

/** @returns whether the header ends in it */
function tellEach(text: Buffer, tell: (address: string) => void): boolean {
  const end = text.indexOf(headerEnd)
  const header = end < 0 ? text : text.subarray(0, end + 1)
  for (let at = header.indexOf(fieldStart); at >= 0; ) {
    const stop = header.indexOf(lineEnd, at + fieldStart.length)
    if (stop < 0) break
    tell(header.toString('latin1', at + fieldStart.length, stop))
    at = header.indexOf(fieldStart, stop)
  }
  return end >= 0
}
