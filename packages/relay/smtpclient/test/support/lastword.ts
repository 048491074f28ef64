/** A host that refuses, and whose connection is reset before anybody has read that. Prints its port, then `reset`. */
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'

const [, , file = ''] = process.argv
createServer({ pauseOnConnect: true }, (socket) => {
  socket.write('552 too big\r\n', () => {
    socket.on('close', () => writeFileSync(file, ''))
    socket.resetAndDestroy()
  })
}).listen(0, '127.0.0.1', function (this: { address(): unknown }) {
  process.stdout.write(`${(this.address() as { port: number }).port}\n`)
})
