/**
 * One connection on descriptors 0 and 1, described by the environment of tcpserver (spec §5.1, §10.1).
 *
 * Exit codes are qmail's: 0 after QUIT, 1 after anything else. Nothing is written to descriptor 2, unless
 * control/doorlog asks for it.
 */
import { existsSync } from 'node:fs'
import { Output } from '@yabumi/descriptor'
import { enterHome } from '@yabumi/home'
import { overdueSeconds, smtpEnvelopeBytes } from '@yabumi/limits'
import { endsOf } from '@yabumi/received'
import type { ServerTls, TlsFacts } from '@yabumi/tlsfiles'
import { DescriptorWire } from './descriptorwire.ts'
import { EnvelopeMemory } from './envelopememory.ts'
import type { Logins } from './logins.ts'
import { oneListJudge } from './onelistjudge.ts'
import { reply } from './replies.ts'
import { Session } from './session.ts'
import type { SessionLog } from './sessionlog.ts'
import { OwnAddressesUnknown, readSettings, type Settings } from './settings.ts'
import { UserQuestions } from './userquestions.ts'
import { noTls, type SessionTls } from './wire.ts'

/** Serve the connection. Ends the process. @param checker - what judges logins, and what that is to run, as qmail's smtpd is told */
export async function serveDescriptors(environment: ReadonlyMap<string, string>, checker: readonly string[]): Promise<void> {
  let settings: Settings
  try {
    enterHome()
    settings = readSettings(environment, undefined)
  } catch (error) {
    refuse(error instanceof OwnAddressesUnknown ? reply.ownAddresses : reply.controls)
    return
  }
  try {
    // late: who keeps no log does not pay for loading it
    const log = settings.logsDoor ? (await import('./sessionlog.ts')).logOfDescriptors(environment) : undefined
    const logins = settings.login && new (await import('./bychecker.ts')).ByChecker(checkerOf(environment, checker), settings.greeting)
    converse(settings, environment, { certified: await openTls(settings, environment), log, logins })
  } catch {
    process.exit(1) // a descriptor is closed: there is nobody to talk to
  }
}

/** Where certificates are; without any, nothing is loaded for them. */
const certificates = ['control/servercert.pem', 'control/servercerts', 'state/acme']

/** Late, as the log; undefined where none is offered. */
async function openTls({ offersTls }: Settings, environment: ReadonlyMap<string, string>): Promise<ServerTls | undefined> {
  const isWanted = factsOfCaller(environment) === undefined && (offersTls || Boolean(environment.get('SMTPS')))
  if (!isWanted || !certificates.some((path) => existsSync(path))) return undefined
  const { ServerTls } = await import('@yabumi/tlsfiles')
  return new ServerTls(environment, () => undefined, true)
}

/** TLS that ucspi-ssl's sslserver speaks for us: what it says of it. */
function factsOfCaller(environment: ReadonlyMap<string, string>): TlsFacts | undefined {
  const protocol = environment.get('SSL_PROTOCOL')
  if (!protocol || environment.get('SMTPS')) return undefined
  return { protocol, cipher: environment.get('SSL_CIPHER') ?? '', serverName: undefined, exporter: () => undefined }
}

function converse(
  settings: Settings,
  environment: ReadonlyMap<string, string>,
  { certified, log, logins }: { certified: ServerTls | undefined; log: SessionLog | undefined; logins: Logins | undefined },
): void {
  const silence = setTimeout(() => {
    if (session.isOver) process.exit(1) // nor does it read what we said last
    session.silent()
  }, settings.silenceSeconds * 1000)
  const receiver = {
    receive: (chunk: Buffer) => session.receive(chunk),
    inputEnded: () => session.inputEnded(),
    lost() {
      session.lost()
      process.exit(1)
    },
  }
  const wire = new DescriptorWire(receiver, certified, settings.silenceSeconds, () => silence.refresh())
  const shared = {
    memory: new EnvelopeMemory(smtpEnvelopeBytes, () => {}),
    users: new UserQuestions(() => {}),
    listJudge: oneListJudge(() => {}),
    logins,
  }
  const tls: SessionTls =
    certified === undefined
      ? noTls(factsOfCaller(environment))
      : { facts: undefined, isAvailable: certified.isAvailable, admits: () => true }
  const session = new Session(endsOf(environment), settings, wire, shared, tls, log)
  setInterval(() => session.endIfOverdue(), 1000 * overdueSeconds)
  session.greet(Boolean(environment.get('SMTPS')))
  wire.resume()
}

/** Its arguments, SMTPAUTHPROG, or what qmail's is usually told. */
function checkerOf(environment: ReadonlyMap<string, string>, checker: readonly string[]): readonly string[] {
  const words = checker.length > 0 ? checker : (environment.get('SMTPAUTHPROG') ?? '').split(/\s+/).filter(Boolean)
  return words.length > 0 ? words : ['checkpassword', 'true']
}

function refuse(text: string): void {
  try {
    const output = new Output({ receive() {}, inputEnded() {}, lost: () => process.exit(1) })
    output.send(text)
    output.end(() => process.exit(1))
  } catch {
    process.exit(1)
  }
}
