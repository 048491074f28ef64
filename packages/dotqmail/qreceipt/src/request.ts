/** What the message on descriptor 0 asks for (spec §8.4). */
import { messagePieces } from '@yabumi/files'
import { addressText, glimpse, knownName, rewriteAddressList } from '@yabumi/header'
import { errorText, Trouble } from '@yabumi/trouble'

export interface Request {
  /** Whether Notice-Requested-Upon-Delivery-To names the address, byte for byte. */
  readonly isWanted: boolean
  /** The last Message-ID field, as it stands; undefined if there is none. */
  readonly messageId: string | undefined
}

/** @throws Trouble 5.6.0 if a list of addresses cannot be parsed, 4.3.0 if the message cannot be read */
export async function readRequest(address: string): Promise<Request> {
  let isWanted = false
  let messageId: string | undefined
  for (const field of await fields()) {
    const name = knownName(field)
    if (name === 'message-id') messageId = field
    if (name === 'notice-requested-upon-delivery-to' && names(field, address)) isWanted = true
  }
  return { isWanted, messageId }
}

async function fields(): Promise<readonly string[]> {
  try {
    return (await glimpse(messagePieces(0), 0))?.fields ?? []
  } catch (cause) {
    throw new Trouble('4.3.0', `read error: ${errorText(cause)}`, { cause })
  }
}

function names(field: string, address: string): boolean {
  let found = false
  const parsed = rewriteAddressList(field, (tokens) => {
    found ||= addressText(tokens) === address
  })
  if (parsed === undefined) throw new Trouble('5.6.0', `unable to parse this: ${field.replace(/\n$/, '')}`)
  return found
}
