/** A server in front of pebble, an authority made for tests, for what pebble lacks: another address, or more words. */
import { readFileSync } from 'node:fs'
import { createServer, request } from 'node:https'
import type { Cleaner } from './home.ts'

export interface Front {
  /** Key and certificate of this server, a file. */
  readonly pem: string
  /** Where pebble listens on loopback. */
  readonly pebble: number
  /** Where this one does; 0: any port. */
  readonly port: number
  /** Where pebble has what is asked for here. */
  path?(url: string): string
  /** What is answered in place of pebble, in JSON; undefined: pebble answers. */
  answer?(url: string): unknown
  /** More of an answer of pebble's that is the directory. */
  readonly directory?: object
  /** Hears what is sent to pebble. */
  hear?(url: string, body: string): void
}

/** All addresses in pebble's answers are of the name and port that it is called by, so of this server. @returns the port */
export async function startFront(cleaner: Cleaner, { pem, pebble, port, path = (url) => url, ...more }: Front): Promise<number> {
  const key = readFileSync(pem)
  const front = createServer({ key, cert: key }, (asked, reply) => {
    const { method, headers, url = '/' } = asked
    const own = more.answer?.(url)
    if (own !== undefined) {
      reply.end(JSON.stringify(own))
      return
    }
    const target = { host: '127.0.0.1', port: pebble, method, headers, path: path(url), rejectUnauthorized: false, agent: false }
    const passed = request(target, async (got) => {
      const pieces: Buffer[] = []
      for await (const piece of got) pieces.push(piece as Buffer)
      const body = Buffer.concat(pieces)
      const isDirectory = path(url) === '/dir' && more.directory !== undefined
      const whole = isDirectory ? Buffer.from(JSON.stringify({ ...JSON.parse(body.toString()), ...more.directory })) : body
      const { 'content-length': _length, 'transfer-encoding': _coding, ...rest } = got.headers
      reply.writeHead(got.statusCode ?? 500, rest).end(whole)
    })
    passed.on('error', () => reply.destroy())
    let body = ''
    asked.on('data', (piece: Buffer) => {
      body += piece.toString('latin1')
    })
    asked.on('end', () => {
      more.hear?.(url, body)
      passed.end(body, 'latin1')
    })
  })
  await new Promise<void>((done) => front.listen(port, '127.0.0.1', done))
  cleaner.teardown(() => front.close().closeAllConnections())
  return (front.address() as { port: number }).port
}
