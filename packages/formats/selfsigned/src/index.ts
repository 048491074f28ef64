/**
 * A certificate for a host that nobody else has signed (RFC 5280 §4.1), with its key. A server has it until an
 * authority gives it one.
 */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { bits, der, identifier, integer, moment, octets, sequence, setOf, tagged, text } from './der.ts'

export { certificateRequest } from './request.ts'

/** From when until when it is good. */
export interface Validity {
  readonly from: Date
  readonly until: Date
}

const ecdsaWithSha256 = sequence(identifier('2a8648ce3d040302'))
const commonName = identifier('550403')
const subjectAltName = identifier('551d11')
const basicConstraints = identifier('551d13')
const longestCommonName = 64 // RFC 5280, upper bounds
const serialBytes = 16

/**
 * Make a key and its certificate.
 *
 * @param name - of the host, ASCII
 * @returns both in PEM, the key first
 */
export function selfSigned(name: string, validity: Validity): string {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return `${privateKey.export({ type: 'pkcs8', format: 'pem' })}${certificateOf(name, validity, privateKey, publicKey)}`
}

function certificateOf(name: string, { from, until }: Validity, privateKey: KeyObject, publicKey: KeyObject): string {
  const serial = randomBytes(serialBytes)
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40 // positive, and never shorter
  const whose = sequence(setOf(sequence(commonName, text(name.slice(0, longestCommonName)))))
  const names = sequence(der(0x82, Buffer.from(name)))
  const extensions = sequence(sequence(subjectAltName, octets(names)), sequence(basicConstraints, octets(sequence())))
  const signed = sequence(
    tagged(0, integer(Buffer.from([2]))), // version 3
    integer(serial),
    ecdsaWithSha256,
    whose,
    sequence(moment(from), moment(until)),
    whose,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, extensions),
  )
  const whole = sequence(signed, ecdsaWithSha256, bits(sign('sha256', signed, privateKey)))
  const lines = whole.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}
