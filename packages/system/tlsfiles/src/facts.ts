/** What a program knows of the TLS that it speaks through. */
import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { tlsBindingBytes } from '@yabumi/limits'

export interface TlsFacts {
  /** `TLSv1.3`, `TLSv1.2`. */
  readonly protocol: string
  /** As OpenSSL or the RFC calls it: `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string
  /** The name that the client wants to speak to (SNI), in its own bytes; undefined if it has said none. */
  readonly serverName: string | undefined
  /** The client's certificate, if control/clientca.pem vouches for it now. */
  readonly client?: X509Certificate
  /**
   * What binds a login to this connection: `tls-exporter` (RFC 9266 §2).
   *
   * @returns 32 bytes; undefined before TLS 1.3, where that is not sure to be unique, and where another program speaks TLS for us
   */
  exporter(): Buffer | undefined
}

export const channelBinding = 'tls-exporter'
const exporterLabel = 'EXPORTER-Channel-Binding'

/** Of a connection whose handshake is over. */
export function factsOf(socket: TLSSocket): TlsFacts {
  const protocol = socket.getProtocol() ?? ''
  const { servername } = socket as { servername?: string | false | null }
  const client = verifiedClient(socket)
  return {
    ...(client === undefined ? {} : { client }),
    protocol,
    cipher: socket.getCipher()?.standardName ?? '',
    serverName: servername || undefined,
    exporter: () =>
      protocol === 'TLSv1.3' && !socket.destroyed
        ? socket.exportKeyingMaterial(tlsBindingBytes, exporterLabel, Buffer.alloc(0))
        : undefined,
  }
}

/** node:tls tells the outcome only where its own server stands behind the connection. */
function verifiedClient(socket: TLSSocket): X509Certificate | undefined {
  const { ssl } = socket as unknown as { ssl: { verifyError(): Error | null } | null }
  const certificate = socket.getPeerX509Certificate()
  return certificate !== undefined && ssl !== null && !ssl.verifyError() ? certificate : undefined
}
