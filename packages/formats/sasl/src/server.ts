/** Which mechanisms a server has. */
import { CramMd5Server } from './crammd5.ts'
import { LoginServer } from './login.ts'
import { OAuthServer } from './oauth.ts'
import { PlainServer } from './plain.ts'
import { ScramServer } from './scramserver.ts'
import type { ServerMechanism, ServerTerms } from './step.ts'

const mechanisms: Readonly<Record<string, (terms: ServerTerms) => ServerMechanism>> = {
  PLAIN: () => new PlainServer(),
  LOGIN: () => new LoginServer(),
  'CRAM-MD5': ({ challenge }) => new CramMd5Server(challenge),
  OAUTHBEARER: () => new OAuthServer('OAUTHBEARER'),
  XOAUTH2: () => new OAuthServer('XOAUTH2'),
  'SCRAM-SHA-1': (terms) => new ScramServer('sha1', false, terms),
  'SCRAM-SHA-256': (terms) => new ScramServer('sha256', false, terms),
  'SCRAM-SHA-256-PLUS': (terms) => new ScramServer('sha256', true, terms),
}

/** @param name - in capitals. @returns undefined for a mechanism that there is not */
export function startServer(name: string, terms: ServerTerms): ServerMechanism | undefined {
  return Object.hasOwn(mechanisms, name) ? mechanisms[name]?.(terms) : undefined
}
