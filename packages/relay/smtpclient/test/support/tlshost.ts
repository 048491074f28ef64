/** A mail host with TLS, or with what goes wrong with it: it takes any message, and remembers what was said in clear and within TLS. */
import { readFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import type { Test } from 'tap'

/** What it does in place of the usual. */
export interface Manners {
  /** A file with key and certificates (test/certificates.ts); none: no TLS. */
  readonly bundle?: string
  /** TLS from the first byte. */
  readonly atOnce?: boolean
  readonly greeting?: string
  readonly ehloReply?: string
  readonly heloReply?: string
  /** Keywords of its answer to EHLO; STARTTLS, if there is a bundle. */
  readonly ehlo?: readonly string[]
  /** Keywords within TLS. */
  readonly ehloInside?: readonly string[]
  readonly starttls?: string
  /** Said in clear in one piece with the reply to STARTTLS. */
  readonly injected?: string
  /** In place of a handshake. */
  readonly garbage?: boolean
  /** Answers to lines within TLS or in clear, before the usual ones; undefined: the usual. */
  readonly answer?: (line: string, inside: boolean) => string | undefined
}

export interface TlsHost {
  readonly port: number
  /** Of each connection: lines in clear, lines within TLS, the name asked for. */
  readonly connections: readonly { readonly clear: string[]; readonly inside: string[]; servername: string | undefined }[]
  /** Messages: whether each came within TLS. */
  readonly messages: readonly { readonly inside: boolean; readonly text: string }[]
}

export async function startTlsHost(t: Test, manners: Manners, address = '127.0.0.1', port = 0): Promise<TlsHost> {
  const { bundle, ehlo = bundle === undefined ? [] : ['STARTTLS'], ehloInside = [] } = manners
  const pem = bundle === undefined ? '' : readFileSync(bundle, 'latin1')
  const connections: TlsHost['connections'][number][] = []
  const messages: TlsHost['messages'][number][] = []
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket)).on('error', () => socket.destroy())
    const seen = { clear: [] as string[], inside: [] as string[], servername: undefined as string | undefined }
    connections.push(seen)
    if (manners.atOnce === true) secure(socket)
    else talk(socket, false)

    function secure(plain: Socket): void {
      const tls = new TLSSocket(plain, { isServer: true, secureContext: createSecureContext({ key: pem, cert: pem }) })
      tls.on('error', () => tls.destroy())
      tls.on('secure', () => {
        seen.servername = (tls as { servername?: string }).servername || undefined
      })
      talk(tls, true)
    }

    function talk(over: Socket, inside: boolean): void {
      let message: string | undefined
      let input = ''
      const say = (text: string): void => void over.write(`${text}\r\n`, 'latin1')
      const hello = (keywords: readonly string[]): string =>
        ['host', ...keywords].map((word, i, all) => `250${i < all.length - 1 ? '-' : ' '}${word}`).join('\r\n')
      const reply = (line: string): void => {
        const own = manners.answer?.(line, inside)
        if (own !== undefined) say(own)
        else if (/^EHLO/i.test(line)) say(manners.ehloReply ?? hello(inside ? ehloInside : ehlo))
        else if (/^HELO/i.test(line)) say(manners.heloReply ?? '250 host')
        else if (/^STARTTLS/i.test(line)) startTls()
        else if (/^DATA/i.test(line)) {
          message = ''
          say('354 go')
        } else say(/^QUIT/i.test(line) ? '221 bye' : '250 ok')
      }
      const startTls = (): void => {
        const answer = manners.starttls ?? '220 go'
        over.write(`${answer}\r\n${manners.injected ?? ''}`, 'latin1')
        if (!answer.startsWith('220')) return
        over.removeListener('data', take)
        if (manners.garbage === true) over.write('garbage\r\n')
        else secure(over)
      }
      const take = (bytes: Buffer): void => {
        input += bytes.toString('latin1')
        for (let end = input.indexOf('\r\n'); end >= 0; end = input.indexOf('\r\n')) {
          const line = input.slice(0, end)
          input = input.slice(end + 2)
          ;(inside ? seen.inside : seen.clear).push(line)
          if (message === undefined) reply(line)
          else if (line !== '.') message += `${line}\n`
          else {
            messages.push({ inside, text: message })
            message = undefined
            say(manners.answer?.('.', inside) ?? '250 taken')
          }
        }
      }
      over.on('data', take)
      if (!inside || manners.atOnce === true) say(manners.greeting ?? '220 host')
    }
  })
  await new Promise<void>((done, fail) => server.once('error', fail).listen(port, address, done))
  t.teardown(async () => {
    for (const socket of open) socket.destroy()
    await new Promise((done) => server.close(done))
  })
  const bound = server.address()
  return { port: typeof bound === 'object' && bound !== null ? bound.port : 0, connections, messages }
}
