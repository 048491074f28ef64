/** A listener that accepts nothing: once its queue is full, connections to it time out. Prints its port. */
import { writeSync } from 'node:fs'
import { createServer } from 'node:net'

const server = createServer()
server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
  writeSync(1, `${(server.address() as { port: number }).port}\n`)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})
