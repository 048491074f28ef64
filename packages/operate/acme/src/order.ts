/**
 * An order for a certificate, from the first word to the last (RFC 8555 §7.4).
 *
 * Bound   all that is waited for takes acmeOrderSeconds
 */
import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { acmeLookSeconds, acmeOrderSeconds } from '@yabumi/limits'
import { certificateRequest } from '@yabumi/selfsigned'
import { Trouble } from '@yabumi/trouble'
import { type Authority, Refusal, type Resource, wordsOf } from './authority.ts'
import { prove } from './prove.ts'
import { certificateId } from './renewalinfo.ts'
import type { Proof } from './settings.ts'

const firstPauseSeconds = 0.2

/**
 * Get a certificate.
 *
 * @param old - that it is to replace
 * @param key - that it is to be for
 * @returns it and those that vouch for it, in PEM
 * @throws Trouble, in the authority's words if it says why
 */
export async function newCertificate(
  authority: Authority,
  name: string,
  old: X509Certificate | undefined,
  key: KeyObject,
  proof: Proof,
): Promise<string> {
  const until = Date.now() + acmeOrderSeconds * 1_000
  const { url, order } = await authority.order(name, old && certificateId(old))
  for (const place of list(order['authorizations'])) await authorize(authority, place, proof, until)
  await settled(authority, url, ['ready', 'valid'], until)
  await authority.say(order['finalize'], { csr: certificateRequest(name, key).toString('base64url') })
  const done = await settled(authority, url, ['valid'], until)
  const chain = await authority.download(done['certificate'])
  check(chain, name, key)
  return chain
}

async function authorize(authority: Authority, place: unknown, proof: Proof, until: number): Promise<void> {
  const asked = await authority.say(place)
  if (asked['status'] === 'valid') return
  const challenge = list(asked['challenges']).find((each): each is Resource => (each as Resource | null)?.['type'] === proof.type)
  const name = (asked['identifier'] as Resource | undefined)?.['value']
  if (challenge === undefined || typeof challenge['token'] !== 'string' || typeof name !== 'string')
    throw new Trouble('4.7.0', `the authority does not let us show by ${proof.type} that the name is ours`)
  const withdraw = await prove(proof, name, challenge['token'], authority.key)
  try {
    await authority.say(challenge['url'], {})
    await settled(authority, place, ['valid'], until)
  } finally {
    await withdraw()
  }
}

/** Look until it has come to one of these states. @throws Refusal if it comes to a bad end. Trouble 4.4.1 if it takes too long */
async function settled(authority: Authority, place: unknown, states: readonly string[], until: number): Promise<Resource> {
  for (let pause = firstPauseSeconds; ; pause = Math.min(2 * pause, acmeLookSeconds)) {
    const seen = await authority.say(place)
    const { status, retrySeconds } = seen
    if (typeof status === 'string' && states.includes(status)) return seen
    if (status !== 'pending' && status !== 'processing') throw new Refusal(whyNot(seen) ?? `it is ${String(status)}`, undefined)
    if (Date.now() > until) throw new Trouble('4.4.1', 'the authority has come to no end in time')
    await new Promise((resolve) => setTimeout(resolve, Math.min(retrySeconds ?? pause, acmeLookSeconds) * 1_000))
  }
}

/** Of an order, or of the challenges of an authorization. */
function whyNot(seen: Resource): string | undefined {
  const problems = [seen['error'], ...list(seen['challenges']).map((each) => (each as Resource | null)?.['error'])]
  return problems.map(wordsOf).find((words) => words !== undefined)
}

/** @throws Trouble 4.7.0 for what is not what was ordered */
function check(chain: string, name: string, key: KeyObject): void {
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(chain)
  } catch (cause) {
    throw new Trouble('4.7.0', 'the authority has sent something else than a certificate', { cause })
  }
  if (!certificate.publicKey.equals(createPublicKey(key))) throw new Trouble('4.7.0', 'the certificate is for another key')
  const names = certificate.subjectAltName?.split(', ') ?? []
  if (!names.includes(`DNS:${name}`)) throw new Trouble('4.7.0', 'the certificate is for another name')
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
