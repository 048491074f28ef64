/** A request for a certificate (PKCS #10, RFC 2986 §4), for an authority to sign. */
import { createPublicKey, type KeyObject, sign } from 'node:crypto'
import { bits, der, identifier, integer, octets, sequence, setOf, tagged } from './der.ts'

const ecdsaWithSha256 = sequence(identifier('2a8648ce3d040302'))
const rsaWithSha256 = sequence(identifier('2a864886f70d01010b'), der(0x05))
const extensionRequest = identifier('2a864886f70d01090e')
const subjectAltName = identifier('551d11')

/**
 * A request for one name, which stands in the alternative names alone.
 *
 * @param name - of the host, ASCII; may begin with `*.`
 * @param key - EC P-256 or RSA
 * @returns its DER
 */
export function certificateRequest(name: string, key: KeyObject): Buffer {
  const names = sequence(der(0x82, Buffer.from(name)))
  const extensions = sequence(sequence(subjectAltName, octets(names)))
  const asked = sequence(
    integer(Buffer.from([0])), // version 1
    sequence(), // nobody
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    tagged(0, sequence(extensionRequest, setOf(extensions))),
  )
  const how = key.asymmetricKeyType === 'rsa' ? rsaWithSha256 : ecdsaWithSha256
  return sequence(asked, how, bits(sign('sha256', asked, key)))
}
