/** One connection on descriptors 0 and 1, as tcpserver hands it over (spec §6.1). */
import { fstatSync } from 'node:fs'
import { complain } from '@yabumi/commandline'
import { nowSeconds } from '@yabumi/dates'
import { popSilenceSeconds } from '@yabumi/limits'
import { Client } from './client.ts'
import { logIn } from './login.ts'
import { runSubprogram, type Subprogram } from './subprogram.ts'

/** Serve the connection. Exit code 1 whatever happened, as in qmail. */
export async function serveDescriptors(hostName: string, program: Subprogram): Promise<never> {
  const client = new Client(0, 1, popSilenceSeconds)
  const challenge = `<${process.pid}.${nowSeconds()}@${hostName}>`
  const credentials = await logIn(client, challenge, false)
  client.release()
  if (credentials !== undefined) {
    const { trouble } = await runSubprogram(program, [0, 1], credentials, challenge)
    if (trouble !== undefined) await client.say(trouble)
  }
  process.exit(1)
}

/**
 * Serve the connection by authd and sessiond. The working directory is the home; whoever started us did so as account `front`.
 *
 * @param words - what serves a client, as sessiond was told as well
 */
export async function serveByLogin(hostName: string, words: readonly string[], address: string): Promise<never> {
  const { LoginAttempt } = await import('@yabumi/loginprotocol')
  const { notNow, refused } = await import('./bylogin.ts')
  const client = new Client(0, 1, popSilenceSeconds)
  const attempt = await LoginAttempt.begin(hostName)
  const credentials = await logIn(client, attempt.challenge, true)
  client.release()
  if (credentials === undefined) process.exit(1)
  if (!fstatSync(0).isSocket()) {
    complain('popup: descriptor 0 is no socket, so it cannot be handed on')
    await client.say(notNow)
    process.exit(1)
  }
  const outcome = await attempt.logIn(credentials, address, words, 0)
  if (outcome.kind === 'session') await outcome.session.over
  else {
    if (outcome.kind === 'trouble') complain(`popup: ${outcome.text}`)
    await client.say(outcome.kind === 'wrong' ? refused : notNow)
  }
  process.exit(1)
}
