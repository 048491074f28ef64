/** An account at a server: `imaps://LOGIN@HOST[:PORT]`, and a session there. */
import { readFileSync } from 'node:fs'
import { rootCertificates } from 'node:tls'
import { Trouble } from '@yabumi/trouble'
import { ImapFlow } from 'imapflow'

export interface Server {
  readonly host: string
  readonly port: number
  readonly login: string
  /** TLS begins at once. */
  readonly isSecure: boolean
  /** As it was written: what is written down is kept under it. */
  readonly name: string
}

const usual = { 'imaps:': 993, 'imap:': 143 } as const
const loopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** @returns undefined if that is no address of a server. @throws Trouble 5.5.4 if it is one that cannot be used */
export function serverOf(text: string): Server | undefined {
  if (!/^imaps?:\/\//i.test(text)) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.hostname === '' || url.username === '')
    throw new Trouble('5.5.4', `${text}: imaps://LOGIN@HOST[:PORT] is wanted`)
  if (url.password !== '') throw new Trouble('5.5.4', 'a password on the command line can be read by everybody: see --from-password')
  if (!/^\/?$/.test(url.pathname) || url.search !== '') throw new Trouble('5.5.4', `${text}: name mailboxes with --folder`)
  const isSecure = url.protocol === 'imaps:'
  const port = url.port === '' ? usual[isSecure ? 'imaps:' : 'imap:'] : Number(url.port)
  const login = decodeURIComponent(url.username)
  return { host: url.hostname, port, login, isSecure, name: `${url.protocol}//${login}@${url.hostname}:${port}` }
}

/**
 * Log in.
 *
 * @param authority - a file of certificates to trust besides
 * @throws Trouble 5.7.8 if the login is refused, 4.4.1 for all else
 */
export async function connect(server: Server, password: string, authority: string | undefined): Promise<ImapFlow> {
  const { host, port, login, isSecure } = server
  const ca = authority === undefined ? {} : { ca: [...rootCertificates, readFileSync(authority, 'latin1')] }
  const flow = new ImapFlow({
    host,
    port,
    secure: isSecure,
    ...(isSecure ? {} : { doSTARTTLS: !loopback.test(host) }),
    tls: ca,
    auth: { user: login, pass: password },
    logger: false,
    disableAutoIdle: true,
  })
  flow.on('error', () => undefined) // the command that fails says it
  try {
    await flow.connect()
  } catch (cause) {
    const { authenticationFailed, responseText, message } = cause as Error & { authenticationFailed?: boolean; responseText?: string }
    const text = `${host}: ${responseText ?? message}`
    throw authenticationFailed === true ? new Trouble('5.7.8', text, { cause }) : new Trouble('4.4.1', text, { cause })
  }
  return flow
}
