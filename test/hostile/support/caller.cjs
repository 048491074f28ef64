/**
 * Calls a Unix socket as whoever runs it: `caller.cjs SOCKET HEX [COUNT]`. COUNT connections are opened, the bytes are written to each, and what
 * came back on all of them is printed as hexadecimal digits once they are closed, or have been silent for as long as the last argument says.
 */
const { connect } = require('node:net')

const [socket, hex, count = '1', silence = '60000'] = process.argv.slice(2)
let heard = ''
let open = Number(count)
let next = 0
const finish = () => {
  process.stdout.write(heard)
  process.exit(0)
}
const patience = setTimeout(finish, Number(silence))

/** One after the other: so many at once would find no room in the backlog. */
function call() {
  if (next === Number(count)) return
  next += 1
  connect(socket, function () {
    this.write(Buffer.from(hex, 'hex'))
    this.once('data', call)
  })
    .on('data', (bytes) => {
      heard += bytes.toString('hex')
      patience.refresh()
    })
    .on('error', (error) => {
      if (error.syscall === 'connect') heard += `${error.code} ` // else it was closed unheard
    })
    .on('close', () => {
      open -= 1
      if (open === 0) finish()
    })
}

call()
