/** A login by SCRAM, from the server's side: what the client says is given, and what the server says is compared. */
import { makeVerifier, startServer } from '@yabumi/sasl'
import type { Case, Outcome } from './suite.ts'

type Input = Readonly<Record<'mechanism' | 'user' | 'password' | 'salt' | 'server_nonce' | 'client_first' | 'client_final', string>> & {
  readonly iterations: number
}

export async function scram(one: Case): Promise<Outcome> {
  const input = one.input as unknown as Input
  const { ok, server_first: first, server_final: last } = one.expect
  const hash = input.mechanism.startsWith('SCRAM-SHA-1') ? 'sha1' : 'sha256'
  const verifier = await makeVerifier(input.password, Buffer.from(input.salt, 'base64'), input.iterations, hash)
  const terms = { verifierOf: () => verifier, binding: undefined, nonce: input.server_nonce, challenge: '' }
  const server = startServer(input.mechanism, terms)
  if (server === undefined) return { skipped: `there is no ${input.mechanism}` }
  const answer = server.step(input.client_first)
  if (typeof first === 'string' && !(answer.kind === 'challenge' && answer.text === first)) return `at first ${JSON.stringify(answer)}`
  if (answer.kind !== 'challenge') return ok === false ? undefined : `at first ${JSON.stringify(answer)}`
  const verdict = server.step(input.client_final)
  if ((verdict.kind === 'proven') !== ok) return `at last ${JSON.stringify(verdict)}`
  return verdict.kind !== 'proven' || typeof last !== 'string' || verdict.text === last ? undefined : `at last ${verdict.text}`
}
