/** One connection on descriptors 0 and 1, as tcpserver hands it over (spec §6.1). */
import { fstatSync } from 'node:fs'
import { complain } from '@yabumi/commandline'
import { nowSeconds } from '@yabumi/dates'
import { homeDirectory } from '@yabumi/home'
import { popSilenceSeconds } from '@yabumi/limits'
import { PopSwitch } from '@yabumi/pop3'
import { Client } from './client.ts'
import { converse, type Terms } from './login.ts'
import { answerTo, runSubprogram, type Subprogram } from './subprogram.ts'

const log = (line: string): void => complain(`popup: ${line}`)

/** Serve the connection. Exit code 1 whatever happened, as in qmail. */
export async function serveDescriptors(hostName: string, program: Subprogram): Promise<never> {
  const challenge = `<${process.pid}.${nowSeconds()}@${hostName}>`
  const isOffered = new PopSwitch('apop', log, homeDirectory()).isOn
  return serve({
    challenge: isOffered ? challenge : undefined,
    isExact: false,
    admit: async (credentials) => answerTo(await runSubprogram(program, [0, 1], credentials, challenge)),
  })
}

/**
 * Serve the connection by authd and sessiond. The working directory is the home; whoever started us did so as account `front`.
 *
 * @param words - what serves a client, as sessiond was told as well
 */
export async function serveByLogin(hostName: string, words: readonly string[], address: string): Promise<never> {
  const { LoginAttempt } = await import('@yabumi/loginprotocol')
  const { answerTo, notNow } = await import('./bylogin.ts')
  const attempt = await LoginAttempt.begin(hostName)
  return serve({
    challenge: attempt.challenge,
    isExact: true,
    admit: async (credentials) => {
      if (!fstatSync(0).isSocket()) {
        log('descriptor 0 is no socket, so it cannot be handed on')
        return { isWrong: false, word: notNow }
      }
      const outcome = await attempt.logIn(credentials, address, words, 0)
      if (outcome.kind === 'session') await outcome.session.over
      else if (outcome.kind === 'trouble') log(outcome.text)
      return answerTo(outcome)
    },
  })
}

async function serve(terms: Omit<Terms, 'isExtended'>): Promise<never> {
  const isExtended = new PopSwitch('popextensions', log, homeDirectory()).isOn
  const client = new Client(0, 1, popSilenceSeconds)
  const lastWord = await converse(client, { ...terms, isExtended })
  if (lastWord !== '') await client.say(lastWord)
  process.exit(1)
}
