/** TLS over a connection that is there. What the host shows of itself is judged afterwards (verify.ts). */
import { isIP, type Socket } from 'node:net'
import { connect, createSecureContext, DEFAULT_CIPHERS, type SecureContext, type TLSSocket } from 'node:tls'
import { keepUntilChanged, readControl, readLine, readNumber } from '@yabumi/control'
import { outwardHandshakeSeconds } from '@yabumi/limits'
import type { Demand } from '@yabumi/tlsdemand'
import { authorities, authoritiesIn } from '@yabumi/tlsfiles'

/** There is no TLS. The message says why, in the words of OpenSSL or the system. */
export class TlsFailed extends Error {
  override readonly name = 'TlsFailed'
}

/**
 * Shake hands with a host.
 *
 * @param socket - silent, and listened to by nobody
 * @param host - the name that is asked for; empty, or an address: none
 * @throws TlsFailed; Trouble 4.3.0 if a control file cannot be read
 */
export function shakeHands(socket: Socket, host: string, demand: Demand): Promise<TLSSocket> {
  const secureContext = contextFor(demand)
  return new Promise((resolve, reject) => {
    const servername = host === '' || isIP(host) !== 0 ? {} : { servername: host }
    const tls = connect({ socket, secureContext, rejectUnauthorized: false, checkServerIdentity: () => undefined, ...servername })
    const fail = (reason: string): void => {
      clearTimeout(timer)
      tls.destroy()
      reject(new TlsFailed(reason))
    }
    const timer = setTimeout(fail, outwardHandshakeSeconds * 1000, 'the host was silent')
    const failed = (error: Error & { reason?: string; code?: string }): void => fail(error.reason ?? error.code ?? error.message)
    const closed = (): void => fail('the host closed')
    tls.once('error', failed).once('close', closed)
    tls.once('secureConnect', () => {
      clearTimeout(timer)
      tls.off('error', failed).off('close', closed)
      resolve(tls)
    })
  })
}

interface Own {
  readonly clientcert: string
  readonly ciphers: string
  readonly legacy: boolean
  /** Made when they are first needed. */
  readonly contexts: Map<string, SecureContext>
}

const own: () => Own = keepUntilChanged(['cafile', 'clientcert.pem', 'tlsclientciphers', 'tlslegacy'], () => ({
  clientcert: readControl('clientcert.pem') ?? '',
  ciphers: readLine('tlsclientciphers') ?? '',
  legacy: readNumber('tlslegacy', 0) === 1,
  contexts: new Map<string, SecureContext>(),
}))

/** Those for everybody are kept, until a file changes; one with authorities for a single host is not. */
function contextFor({ minVersion, proof }: Demand): SecureContext {
  const { contexts, ...settings } = own()
  const verifies = proof?.kind === 'pkix'
  if (verifies && proof.ca !== undefined) return makeContext(settings, minVersion, authoritiesIn(proof.ca))
  const key = `${minVersion} ${verifies}`
  const known = contexts.get(key)
  if (known !== undefined) return known
  // none is loaded where none is asked about: that would cost more than the rest of a handshake
  const made = makeContext(settings, minVersion, verifies ? authorities() : [])
  contexts.set(key, made)
  return made
}

/** @param ca - in PEM; undefined: those that Node has */
function makeContext(
  { clientcert, ciphers, legacy }: Omit<Own, 'contexts'>,
  minVersion: Demand['minVersion'],
  ca: string | readonly [] | undefined,
): SecureContext {
  const isOld = legacy && minVersion === 'TLSv1.2'
  return createSecureContext({
    minVersion: isOld ? 'TLSv1' : minVersion,
    ...(ciphers !== '' ? { ciphers } : isOld ? { ciphers: `${DEFAULT_CIPHERS}:@SECLEVEL=0` } : {}),
    ...(ca === undefined ? {} : { ca: typeof ca === 'string' ? ca : [] }),
    ...(clientcert === '' ? {} : { cert: clientcert, key: clientcert }),
  })
}
