/** One connection on descriptors 0 and 1, as tcpserver hands it over (spec §6.1). */
import { fstatSync } from 'node:fs'
import { complain } from '@yabumi/commandline'
import { LastGood } from '@yabumi/control'
import { nowSeconds } from '@yabumi/dates'
import { homeDirectory } from '@yabumi/home'
import { popSilenceSeconds } from '@yabumi/limits'
import { Client, ClientLog } from '@yabumi/loginclient'
import { DoorLog } from '@yabumi/logline'
import { PopSwitch } from '@yabumi/pop3'
import { converse, type PopTerms } from './login.ts'
import { answerTo, runSubprogram, type Subprogram, tellEnd } from './subprogram.ts'

const log = (line: string): void => complain(`popup: ${line}`)

/** The log of the door, where control/doorlog asks for it: qmail's popup leaves descriptor 2 alone. */
async function doorLog(environment: ReadonlyMap<string, string>): Promise<ClientLog | undefined> {
  if (new LastGood('doorlog', { otherwise: 0, largest: 1 }, log, homeDirectory()).value !== 1) return undefined
  const { callerBehind } = await import('@yabumi/listener') // late: who keeps no log does not pay for loading it
  const caller = callerBehind(environment)
  if (caller === undefined) return undefined
  const door = new DoorLog('popup', complain)
  process.once('exit', () => door.end())
  return new ClientLog(door, caller)
}

/** Serve the connection. Exit code 1 whatever happened, as in qmail. */
export async function serveDescriptors(hostName: string, program: Subprogram, environment: ReadonlyMap<string, string>): Promise<never> {
  const door = await doorLog(environment)
  const challenge = `<${process.pid}.${nowSeconds()}@${hostName}>`
  const isOffered = new PopSwitch('apop', log, homeDirectory()).isOn
  return serve(
    {
      challenge: isOffered ? challenge : undefined,
      isExact: false,
      admit: async (credentials) => {
        const ended = await runSubprogram(program, [0, 1], credentials, challenge)
        tellEnd(ended, program.file, credentials.login, door)
        return answerTo(ended)
      },
    },
    door,
  )
}

/**
 * Serve the connection by authd and sessiond. The working directory is the home; whoever started us did so as account `front`.
 *
 * @param words - what serves a client, as sessiond was told as well. @param environment - names the client
 */
export async function serveByLogin(hostName: string, words: readonly string[], environment: ReadonlyMap<string, string>): Promise<never> {
  const door = await doorLog(environment)
  const { LoginAttempt } = await import('@yabumi/loginprotocol')
  const { answerTo, tellOutcome } = await import('@yabumi/loginfront')
  const { phrases } = await import('./phrases.ts')
  const attempt = await LoginAttempt.begin(hostName)
  return serve(
    {
      challenge: attempt.challenge,
      isExact: true,
      admit: async (credentials) => {
        if (!fstatSync(0).isSocket()) {
          log('descriptor 0 is no socket, so it cannot be handed on')
          return { isWrong: false, word: phrases.notNow }
        }
        const outcome = await attempt.logIn(credentials, environment.get('TCPREMOTEIP') ?? '', words, 0)
        if (outcome.kind === 'session') {
          const { pid, over } = outcome.session
          door?.began(pid, credentials.login, true)
          door?.served(pid, await over, true)
        } else if (door !== undefined) tellOutcome(outcome, credentials.login, door)
        else if (outcome.kind === 'trouble') log(outcome.text)
        return answerTo(outcome, phrases)
      },
    },
    door,
  )
}

async function serve(terms: Omit<PopTerms, 'isExtended' | 'tls'>, door: ClientLog | undefined): Promise<never> {
  const isExtended = new PopSwitch('popextensions', log, homeDirectory()).isOn
  const client = new Client(0, 1, popSilenceSeconds)
  const lastWord = await converse(client, { ...terms, isExtended, tls: 'none' })
  if (typeof lastWord === 'string' && lastWord !== '') await client.say(lastWord)
  door?.ended(client.noLine)
  process.exit(1)
}
