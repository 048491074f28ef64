/**
 * A question as bytes, and which bytes are a reply to it.
 *
 * A stranger who answers in place of a server would have to guess three things. The system picks the port; the number
 * is random; and the letters of the name are in mixed case, which servers repeat (draft-vixie-dnsext-dns0x20).
 */
import { randomBytes } from 'node:crypto'
import { DNSSEC_OK, encode, RECURSION_DESIRED } from 'dns-packet'

/** Record types that are asked for. */
export type Type = 'A' | 'AAAA' | 'CAA' | 'CNAME' | 'MX' | 'NS' | 'PTR' | 'SRV' | 'TLSA' | 'TXT'

export interface Question {
  readonly wire: Buffer
  /** The question section ends here. */
  readonly end: number
}

/** What we can take in one datagram without fragments (RFC 9715). */
const datagramBytes = 1_232
const headerBytes = 12
const fixedBytes = 5 // the root's label, type and class
const authenticData = 0x20

/** @param extended - with EDNS, and so with DNSSEC: most servers know it */
export function makeQuestion(name: string, type: Type, extended: boolean): Question {
  const plain = name.endsWith('.') ? name.slice(0, -1) : name
  const wire = encode({
    type: 'query',
    id: randomBytes(2).readUInt16BE(),
    flags: RECURSION_DESIRED | authenticData,
    questions: [{ type, name: mixedCase(plain) }],
    additionals: extended
      ? [
          {
            type: 'OPT',
            name: '.',
            udpPayloadSize: datagramBytes,
            flags: DNSSEC_OK,
            options: [],
            ednsVersion: 0,
            extendedRcode: 0,
            flag_do: true,
          },
        ]
      : [],
  })
  return { wire, end: headerBytes + plain.length + 1 + fixedBytes }
}

function mixedCase(name: string): string {
  const bits = randomBytes(name.length)
  return name.replace(/[a-z]/gi, (letter, at: number) => ((bits[at] as number) & 1 ? letter.toUpperCase() : letter.toLowerCase()))
}

/**
 * Whether a datagram is a reply to it.
 *
 * @returns other: of another question, or somebody's guess; similar: only the case of letters differs, so it is to be asked by TCP, where
 * nobody can guess; bare: a server that knows nothing of EDNS, and repeats nothing
 */
export function standingOf(reply: Buffer, { wire, end }: Question): 'reply' | 'similar' | 'bare' | 'other' {
  if (reply.length < headerBytes || !reply.subarray(0, 2).equals(wire.subarray(0, 2)) || ((reply[2] as number) & 0x80) === 0) return 'other'
  const { code } = flagsOf(reply)
  if (reply.readUInt16BE(4) === 0 && (code === codes.malformed || code === codes.unknown)) return 'bare'
  const [theirs, ours] = [reply, wire].map((bytes) => bytes.toString('latin1', headerBytes, end)) as [string, string]
  if (reply.readUInt16BE(4) !== 1) return 'other'
  if (theirs === ours) return 'reply'
  return theirs.toLowerCase() === ours.toLowerCase() ? 'similar' : 'other'
}

/** RFC 1035 §4.1.1. */
export const codes = { good: 0, malformed: 1, failure: 2, noName: 3, unknown: 4, refused: 5 } as const

/** What the header of a reply says. */
export function flagsOf(reply: Buffer): { readonly code: number; readonly truncated: boolean; readonly authentic: boolean } {
  const [, , high = 0, low = 0] = reply
  return { code: low & 0x0f, truncated: (high & 0x02) !== 0, authentic: (low & authenticData) !== 0 }
}
