/**
 * One exchange of a mechanism with a client, whom a front speaks to: from its first response to a claim that can be
 * judged.
 */
import { authResponseBytes, authResponses, challengeSeconds } from '@yabumi/limits'
import type { Conversation } from '@yabumi/loginprotocol'
import { decodeBase64, encodeBase64, type ServerMechanism, type ServerStep } from '@yabumi/sasl'

/** What must be judged, or has judged itself. */
export type Claim = Exclude<ServerStep, { kind: 'challenge' | 'malformed' }>

/** `=` is an empty first response, and none at all asks for a challenge (RFC 4954 §4). @returns undefined for what is no base64 */
export function initialResponse(text: string): { readonly response: string | undefined } | undefined {
  if (text === '' || text === '=') return { response: text === '' ? undefined : '' }
  const response = decoded(text)
  return response === undefined ? undefined : { response }
}

function decoded(text: string): string | undefined {
  return text.length > authResponseBytes ? undefined : decodeBase64(text)
}

/** Say a challenge to the client. @returns its response; undefined if that is malformed, or none comes in time */
export async function challenge(conversation: Conversation, text: string): Promise<string | undefined> {
  await conversation.say(['challenge', encodeBase64(text)])
  const [kind, response = ''] = (await conversation.record(challengeSeconds)) ?? []
  return kind === 'response' ? decoded(response) : undefined
}

/** @returns undefined if what the client says is malformed, or has no end */
export async function claimOf(conversation: Conversation, mechanism: ServerMechanism, initial: string): Promise<Claim | undefined> {
  const first = initialResponse(initial)
  if (first === undefined) return undefined
  let step = mechanism.step(first.response)
  for (let responses = 1; step.kind === 'challenge' && responses < authResponses; responses += 1) {
    const response = await challenge(conversation, step.text)
    if (response === undefined) return undefined
    step = mechanism.step(response)
  }
  return step.kind === 'challenge' || step.kind === 'malformed' ? undefined : step
}
