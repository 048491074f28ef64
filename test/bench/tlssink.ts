/**
 * The next host with TLS, which smtp-sink has not: a process by itself, `node test/bench/tlssink.ts ADDRESS PORT PEM`, that takes every message
 * over STARTTLS alone, and tells its parent how many it has.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import { freePort } from '../support/ports.ts'
import type { Sink } from './load.ts'
import { tlsGroup } from './tlsload.ts'

/** @param pem - key and certificate in one file */
export async function startTlsSink(address: string, pem: string): Promise<Sink> {
  const port = await freePort(address)
  const child = fork(import.meta.filename, [address, String(port), pem], { execArgv: ['--disable-warning=ExperimentalWarning'] })
  let [total, before, last] = [0, 0, 0]
  const ended = once(child, 'exit')
  await Promise.race([once(child, 'message'), ended.then(() => Promise.reject(new Error('the TLS sink ended')))])
  child.on('message', (count: number) => {
    total = count
    last = Date.now()
  })
  return {
    port,
    messages: () => total - before,
    last: () => last,
    clear() {
      before = total
    },
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

const [, file, address, port, pem] = process.argv
if (file === import.meta.filename && pem !== undefined) {
  const text = readFileSync(pem, 'latin1')
  const secureContext = createSecureContext({ key: text, cert: text, ecdhCurve: tlsGroup })
  let taken = 0
  let isToTell = false
  /** A message of its own for each would cost more than the mail. */
  const tell = (): void => {
    if (isToTell) return
    isToTell = true
    setTimeout(() => {
      isToTell = false
      process.send?.(taken)
    }, 5)
  }
  const talk = (socket: Socket, isSecure: boolean): void => {
    let isData = false
    let text = ''
    const answer = (line: string): void => {
      const verb = line.slice(0, 4).toUpperCase()
      if (verb === 'EHLO') socket.write(isSecure ? '250-sink\r\n250 8BITMIME\r\n' : '250-sink\r\n250-8BITMIME\r\n250 STARTTLS\r\n')
      else if (verb === 'STAR' && !isSecure) {
        socket.write('220 go\r\n')
        socket.removeAllListeners('data')
        talk(new TLSSocket(socket, { isServer: true, secureContext }), true)
      } else if (!isSecure && verb !== 'QUIT') socket.write('530 TLS first\r\n')
      else if (verb === 'DATA') {
        isData = true
        socket.write('354 go\r\n')
      } else if (verb === 'QUIT') socket.end('221 bye\r\n')
      else socket.write('250 ok\r\n')
    }
    socket.on('error', () => socket.destroy())
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1')
      if (isData && text.endsWith('\r\n.\r\n')) {
        text = ''
        isData = false
        taken += 1
        socket.write('250 ok\r\n')
        tell()
      }
      if (isData) return
      for (let end = text.indexOf('\r\n'); end >= 0 && !isData; end = text.indexOf('\r\n')) {
        const line = text.slice(0, end)
        text = text.slice(end + 2)
        answer(line)
      }
    })
  }
  createServer((socket) => {
    socket.setNoDelay().write('220 sink\r\n')
    talk(socket, false)
  }).listen(Number(port), address, 1024, () => process.send?.(0))
}
