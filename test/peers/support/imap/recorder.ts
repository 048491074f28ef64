/** A relay that writes down what a client and a server say, shortened. */

import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'
import type { Cleaner } from '../../../support/home.ts'

const longest = 109

export interface Recorder {
  readonly port: number
  /** What has been said, a line each, `C: ` or `S: ` in front. */
  lines(): string[]
}

/** Start one before a port of this host. @param secrets - what must not be shown */
export async function record(cleaner: Cleaner, port: number, secrets: readonly string[]): Promise<Recorder> {
  const sessions: Talk[] = []
  const server = createServer({ noDelay: true }, (client) => {
    const talk = new Talk(secrets)
    sessions.push(talk)
    const upstream = connect({ port, host: '127.0.0.1', noDelay: true })
    join(client, upstream, (bytes) => talk.say('C', bytes))
    join(upstream, client, (bytes) => talk.say('S', bytes))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleaner.teardown(() => server.close())
  return {
    port: (server.address() as AddressInfo).port,
    lines: () => sessions.flatMap((talk, index) => [...(index === 0 ? [] : ['-- the next connection']), ...talk.lines]),
  }
}

function join(from: Socket, to: Socket, hear: (bytes: Buffer) => void): void {
  from.on('data', (bytes: Buffer) => {
    hear(bytes)
    to.write(bytes)
  })
  from.on('end', () => to.end()).on('error', () => to.destroy())
  from.on('close', () => to.destroy())
}

/** One connection. */
class Talk {
  readonly #secrets: readonly string[]
  readonly #rest = { C: '', S: '' }
  /** Bytes of a literal that are still to come. */
  readonly #skip = { C: 0, S: 0 }
  readonly lines: string[] = []

  constructor(secrets: readonly string[]) {
    this.#secrets = secrets.flatMap((secret) => [secret, Buffer.from(secret).toString('base64')])
  }

  say(who: 'C' | 'S', bytes: Buffer): void {
    this.#rest[who] += bytes.toString('latin1')
    for (;;) {
      const rest = this.#rest[who]
      const skipped = Math.min(this.#skip[who], rest.length)
      this.#skip[who] -= skipped
      const end = rest.indexOf('\n', skipped)
      this.#rest[who] = rest.slice(skipped)
      if (this.#skip[who] > 0 || end < 0) return
      const line = rest.slice(skipped, end).replace(/\r$/, '')
      this.#rest[who] = rest.slice(end + 1)
      const literal = /\{(\d+)\+?\}$/.exec(line)
      if (literal !== null) this.#skip[who] = Number(literal[1])
      this.#write(who, line)
    }
  }

  #write(who: string, line: string): void {
    let text = line.replace(/[^ -~]/g, '?').trimEnd()
    for (const secret of this.#secrets) text = text.replaceAll(secret, '(password)')
    text = text.replace(/(AUTHENTICATE PLAIN )\S+/i, '$1(login and password)').replace(/^[A-Za-z0-9+/]{24,}={0,2}$/, '(login and password)')
    if (text.length > longest) text = `${text.slice(0, longest)} ...`
    this.lines.push(`${who}: ${text}`)
  }
}
