/**
 * When the authority wants a certificate to be renewed (ARI, RFC 9773): before it takes certificates back, or when it
 * has more room.
 *
 * Trust   none: what makes no sense counts as nothing said, and no word of it makes a renewal later than our own rule
 */
import { createHash, type X509Certificate } from 'node:crypto'
import { aheadMilliseconds } from './due.ts'
import { exchange } from './exchange.ts'

/**
 * Whether the time has come by the authority's word. One that falls before the next daily run has come.
 *
 * @param place - the address of its renewal information
 * @throws Trouble 4.4.1 where there is no answer
 */
export async function isWanted(place: string, certificate: X509Certificate, ca: string | undefined): Promise<boolean> {
  const id = certificateId(certificate)
  if (id === undefined) return false
  const { status, body } = await exchange(`${place.replace(/\/$/, '')}/${id}`, 'GET', ca)
  const moment = status === 200 ? momentIn(body, certificate) : undefined
  return moment !== undefined && moment < Date.now() + aheadMilliseconds
}

/** A time in the window that the answer suggests, always the same for one certificate. @returns milliseconds since 1970; undefined if it suggests none */
export function momentIn(body: string, certificate: X509Certificate): number | undefined {
  const { start, end } = windowIn(body) ?? {}
  const [from, until] = [Date.parse(String(start)), Date.parse(String(end))]
  if (!(from < until)) return undefined
  const share = createHash('sha256').update(certificate.raw).digest().readUInt32BE() / 2 ** 32
  return from + share * (until - from)
}

function windowIn(body: string): { start?: unknown; end?: unknown } | undefined {
  try {
    const found: unknown = (JSON.parse(body) as { suggestedWindow?: unknown } | null)?.suggestedWindow
    return typeof found === 'object' && found !== null ? found : undefined
  } catch {
    return undefined
  }
}

const keyIdentifier = Buffer.from('0603551d23', 'hex') // the object identifier of an authority's key identifier, RFC 5280 §4.2.1.1

/**
 * How the authority calls a certificate (RFC 9773 §4.1).
 *
 * @returns undefined where it does not name the key that signed it
 */
export function certificateId({ raw, serialNumber }: X509Certificate): string | undefined {
  const at = raw.indexOf(keyIdentifier)
  if (at < 0) return undefined
  const extension = inside(raw, at + keyIdentifier.length, 0x04) // no authority makes it critical
  const names = extension && inside(extension, 0, 0x30)
  const identifier = names && inside(names, 0, 0x80)
  const digits = serialNumber.length % 2 === 0 ? serialNumber : `0${serialNumber}`
  const serial = Buffer.from(/^[89a-f]/i.test(digits) ? `00${digits}` : digits, 'hex') // an integer of DER, which has a sign
  return identifier && `${identifier.toString('base64url')}.${serial.toString('base64url')}`
}

/** What an element of DER holds, if it is of this kind and short, as these are. */
function inside(bytes: Buffer, at: number, tag: number): Buffer | undefined {
  const length = bytes[at + 1] ?? 0x80
  return bytes[at] === tag && length < 0x80 && at + 2 + length <= bytes.length ? bytes.subarray(at + 2, at + 2 + length) : undefined
}
