import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { askIdent, userIn } from '../src/ident.ts'

const local = { address: '127.0.0.1', port: 25 }
const remote = { address: '127.0.0.1', port: 40_000 }

async function identServer(t: Test, serve: (socket: Socket, question: string) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (bytes: Buffer) => serve(socket, bytes.toString()))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

t.test('an ident server is asked for the pair of ports and says whose connection it is', async (t) => {
  let asked = ''
  const port = await identServer(t, (socket, question) => {
    asked = question
    socket.end('40000 , 25 : USERID : UNIX : joe\r\n')
  })
  t.equal(await askIdent(local, remote, 20, port), 'joe')
  t.equal(asked, '40000 , 25\r\n')
})

t.test('an ident server that says nothing useful says nothing', async (t) => {
  const silent = await identServer(t, (socket) => socket.end('40000,25:ERROR:NO-USER\r\n'))
  t.equal(await askIdent(local, remote, 20, silent), undefined)
  const endless = await identServer(t, (socket) => socket.write('x'.repeat(2_000)))
  t.equal(await askIdent(local, remote, 20, endless), undefined)
  const closing = await identServer(t, (socket) => socket.end('40000,25:USERID:UNIX:half'))
  t.equal(await askIdent(local, remote, 20, closing), undefined)
  const waiting = await identServer(t, () => {})
  t.equal(await askIdent(local, remote, 0.05, waiting), undefined)
})

t.test('the user is what follows the third colon, up to the end of the line', (t) => {
  t.equal(userIn('1,2:USERID:UNIX:joe\n'), 'joe')
  t.equal(userIn('1 , 2 : userid : UNIX , US-ASCII :\t a b:c\0d\r\n'), 'a b:c')
  for (const answer of ['', '1,2:USERID:UNIX:\r\n', '1,2:ERROR:NO-USER\r\n', '1,2:USERID\n:UNIX:joe\n'])
    t.equal(userIn(answer), undefined, answer)
  t.end()
})
