/** One connection on descriptors 0 and 1, as tcpserver hands it over (spec §6.1). */
import { fstatSync } from 'node:fs'
import { complain } from '@yabumi/commandline'
import { LastGood } from '@yabumi/control'
import { nowSeconds } from '@yabumi/dates'
import { homeDirectory } from '@yabumi/home'
import { popSilenceSeconds } from '@yabumi/limits'
import { type Answer, Client, ClientLog, type Credentials, tlsBegins } from '@yabumi/loginclient'
import { DoorLog } from '@yabumi/logline'
import { PopSwitch } from '@yabumi/pop3'
import { copyDescriptor } from '@yabumi/posix'
import { converse, type PopTerms } from './login.ts'
import { OneShotTls } from './oneshottls.ts'
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
      admit: async (credentials, [input, output]) => {
        const ended = await runSubprogram(program, [input, output], credentials, challenge)
        tellEnd(ended, program.file, credentials.login, door)
        return answerTo(ended)
      },
    },
    door,
    environment,
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
      admit: async (credentials, [fd]) => {
        if (!fstatSync(fd).isSocket()) {
          log('descriptor 0 is no socket, so it cannot be handed on')
          return { isWrong: false, word: phrases.notNow }
        }
        const outcome = await attempt.logIn(credentials, environment.get('TCPREMOTEIP') ?? '', words, fd)
        if (outcome.kind === 'session') {
          const { pid, over } = outcome.session
          door?.began(pid, credentials.login, true)
          if (door !== undefined || fd !== 0) await over.then((how) => door?.served(pid, how, true)) // under TLS it needs us
        } else if (door !== undefined) tellOutcome(outcome, credentials.login, door)
        else if (outcome.kind === 'trouble') log(outcome.text)
        return answerTo(outcome, phrases)
      },
    },
    door,
    environment,
  )
}

/** @param to - the descriptors of the client, for what serves it */
type Admit = (credentials: Credentials, to: readonly [input: number, output: number]) => Promise<Answer>

interface OneShotTerms extends Pick<PopTerms, 'challenge' | 'isExact'> {
  readonly admit: Admit
}

async function serve(terms: OneShotTerms, door: ClientLog | undefined, environment: ReadonlyMap<string, string>): Promise<never> {
  const isExtended = new PopSwitch('popextensions', log, homeDirectory()).isOn
  const tls = await OneShotTls.open(environment, isExtended, log)
  if (!tls.isAtOnce) {
    const client = new Client(0, 1, popSilenceSeconds)
    const admit = (credentials: Credentials) => terms.admit(credentials, [0, 1])
    const lastWord = await converse(client, { ...terms, admit, isExtended, tls: tls.terms })
    if (lastWord !== tlsBegins) {
      if (lastWord !== '') await client.say(lastWord)
      door?.ended(client.noLine)
      process.exit(1)
    }
    client.release()
  }
  await serveUnderTls(terms, tls, isExtended, door)
  process.exit(1)
}

async function serveUnderTls(terms: OneShotTerms, tls: OneShotTls, isExtended: boolean, door: ClientLog | undefined): Promise<void> {
  const begun = await tls.begin(door)
  if (begun === undefined) return
  const { connection, gone } = begun
  const copy = copyDescriptor(connection.fd)
  const client = new Client(copy, copy, popSilenceSeconds)
  const admit = (credentials: Credentials) => terms.admit(credentials, [connection.fd, connection.fd])
  const lastWord = await converse(client, { ...terms, admit, isExtended, tls: 'on' }, !tls.isAtOnce)
  client.release()
  door?.ended(client.noLine)
  connection.hangUp(typeof lastWord !== 'string' || lastWord === '' ? '' : `${lastWord}\r\n`)
  await gone
}
