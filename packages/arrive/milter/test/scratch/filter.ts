/** A filter that says what a test has it say: on a free port of loopback, one script for each step. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'
import { type Milter, parseMilter } from '../../src/index.ts'
import { encodePacket, PacketReader } from '../../src/packets.ts'

/** What it answers to a letter: bytes as they are. Nothing where it is undefined. */
export type Answers = Readonly<Record<string, (data: Buffer) => Buffer | undefined>>

export interface Filter {
  readonly milter: Milter
  /** What it was told: a letter and data each. */
  readonly heard: string[]
  /** Resolves when it was left in good order. */
  readonly left: Promise<void>
}

export const go: Buffer = encodePacket('c')

/** @param version - actions and steps that it negotiates */
export function agree(without = 0, actions = 0xff, version = 6): Buffer {
  const data = Buffer.alloc(12)
  for (const [place, number] of [version, actions, without].entries()) data.writeUInt32BE(number, 4 * place)
  return encodePacket('O', data)
}

/** @param options - of its line in control/milters */
export async function startFilter(t: Test, answers: Answers, options = ''): Promise<Filter> {
  const heard: string[] = []
  const { promise: left, resolve: leave } = Promise.withResolvers<void>()
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    const reader = new PacketReader()
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      reader.push(bytes)
      for (let packet = reader.next(); packet !== undefined; packet = reader.next()) {
        const { letter, data } = packet
        heard.push(`${letter} ${data.toString('latin1')}`)
        if (letter === 'Q') {
          leave()
          socket.end()
        } else if (letter !== 'D') {
          const answer = (answers[letter] ?? (letter === 'O' ? () => agree() : () => go))(data)
          if (answer !== undefined) socket.write(answer)
        }
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const milter = parseMilter(`inet:127.0.0.1:${(server.address() as AddressInfo).port} name=test ${options}`.trimEnd())
  if (milter === undefined) throw new Error(options)
  return { milter, heard, left }
}
