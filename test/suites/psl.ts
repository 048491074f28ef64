/**
 * The domain that somebody can register, by the public suffix list. No program needs it: DMARC walks the DNS
 * (RFC 9989). So the library and our way of writing names are tried, and nothing of them is delivered.
 */
import { asciiDomain, unicodeDomain } from '@yabumi/address'
import { getDomain } from 'tldts'
import type { Case } from './suite.ts'

export function registrable({ input, expect }: Case): string | undefined {
  const asked = Buffer.from(input['domain'] as string, 'utf8').toString('latin1')
  const ascii = asciiDomain(asked) ?? ''
  // the library forgives an empty label in front
  const found = ascii.startsWith('.') ? null : getDomain(ascii, { allowPrivateDomains: true })
  const isWrittenInUnicode = asked !== ascii && /[\x80-\xff]/.test(asked)
  const answer = found === null || !isWrittenInUnicode ? found : Buffer.from(unicodeDomain(found), 'latin1').toString('utf8')
  return answer === expect['registrable'] ? undefined : `it is ${answer}`
}
