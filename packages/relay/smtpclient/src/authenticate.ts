/** Log in at a relay that wants to know us (RFC 4954), by the best mechanism that it has. */
import type { TLSSocket } from 'node:tls'
import { bestMechanism, decodeBase64, encodeBase64, startClient } from '@yabumi/sasl'
import type { Reply } from '@yabumi/smtp'
import type { Connection } from './connection.ts'
import type { Login } from './login.ts'
import * as texts from './texts.ts'
import { NoToken, tokenFrom } from './token.ts'

/** What binds a login to its channel (RFC 9266). */
const bindingLabel = 'EXPORTER-Channel-Binding'
const bindingBytes = 32
/** Challenges that a relay may ask, one after the other. */
const challengeLimit = 10

/**
 * @param host - the relay's name
 * @param socket - undefined in clear, which the operator allows for this relay
 * @returns the report if the relay does not let us in. @throws ConnectionDied, OutOfStep, Closing
 */
export async function authenticate(
  connection: Connection,
  login: Login,
  host: string,
  socket: TLSSocket | undefined,
): Promise<string | undefined> {
  const { address, capabilities } = connection
  const { user } = login
  const isToken = 'tokenFrom' in login
  const offered = (capabilities.get('AUTH') ?? '').toUpperCase().split(/[ \t]+/)
  const binding = socket?.getProtocol() === 'TLSv1.3' ? socket.exportKeyingMaterial(bindingBytes, bindingLabel, Buffer.alloc(0)) : undefined
  const name = bestMechanism(offered, { hasBinding: binding !== undefined, isPrivate: true, isToken })
  if (name === undefined) return texts.noLogin(address, 'it offers no way to log in that fits')
  let secret: string
  try {
    secret = isToken ? await tokenFrom(login.tokenFrom, user, host) : login.password
  } catch (error) {
    if (error instanceof NoToken) return texts.noLogin(address, error.message)
    throw error
  }
  const mechanism = startClient(name, { login: user, secret }, binding)
  const { initial } = mechanism
  let answer = await ask(
    connection,
    initial === undefined ? `AUTH ${name}` : `AUTH ${name} ${initial === '' ? '=' : encodeBase64(initial)}`,
  )
  for (let step = 0; answer.code === 334 && step < challengeLimit; step += 1) {
    const challenge = decodeBase64(answer.text.slice('334 '.length).trim())
    const response = challenge === undefined ? undefined : await mechanism.respond(challenge)
    answer = await ask(connection, response === undefined ? '*' : encodeBase64(response))
  }
  if (answer.code !== 235) return texts.loginRefused(address, answer.text)
  return mechanism.mayBelieve ? undefined : texts.noLogin(address, 'it does not prove that it knows the password')
}

function ask(connection: Connection, line: string): Promise<Reply> {
  connection.command(line)
  return connection.reply()
}
