/** CRAM-MD5 (RFC 2195): a digest of the server's challenge, which needs the password itself on both sides. */
import { createHmac } from 'node:crypto'
import { isName } from './name.ts'
import { malformed, type ServerMechanism, type ServerStep } from './step.ts'

export class CramMd5Server implements ServerMechanism {
  readonly #challenge: string

  constructor(challenge: string) {
    this.#challenge = challenge
  }

  /** An initial response comes before the challenge that it should answer, so it is none. */
  step(response: string | undefined): ServerStep {
    if (response === undefined) return { kind: 'challenge', text: this.#challenge }
    const blank = response.lastIndexOf(' ')
    const [login, digest] = [response.slice(0, Math.max(blank, 0)), response.slice(blank + 1)]
    if (!isName(login) || !/^[0-9a-f]{32}$/.test(digest)) return malformed
    return { kind: 'digest', login, challenge: this.#challenge, digest }
  }
}

/** @returns in hexadecimal digits. @param password, challenge - byte strings */
export function cramMd5Digest(password: string, challenge: string): string {
  return createHmac('md5', Buffer.from(password, 'latin1')).update(challenge, 'latin1').digest('hex')
}
