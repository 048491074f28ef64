/** LOGIN, which no RFC has: two prompts, whose words clients look for. Some send the name at once. */
import { isName } from './name.ts'
import { passwordStep } from './plain.ts'
import { malformed, type ServerMechanism, type ServerStep } from './step.ts'

export class LoginServer implements ServerMechanism {
  #login: string | undefined

  step(response: string | undefined): ServerStep {
    if (response === undefined) return { kind: 'challenge', text: 'Username:' }
    if (this.#login !== undefined) return response.includes('\0') ? malformed : passwordStep(this.#login, response)
    if (!isName(response)) return malformed
    this.#login = response
    return { kind: 'challenge', text: 'Password:' }
  }
}
