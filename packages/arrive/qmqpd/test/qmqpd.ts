import { netstring } from '@yabumi/netstring'
import t from 'tap'
import { converse } from '../../netstringserver/test/scratch/converse.ts'
import { ScratchHome } from '../../smtpd/test/scratch/home.ts'

function request(message: string, ...addresses: readonly string[]): string {
  return netstring([message, ...addresses].map(netstring).join(''))
}

const unacceptable = netstring("Dsorry, I can't accept addresses like that (#5.1.3)")

t.test('qmqpd queues the message as it is, for everybody', async (t) => {
  const home = new ScratchHome(t, { rcpthosts: 'test.example\n' })
  const environment = { TCPREMOTEIP: '192.0.2.1', TCPREMOTEHOST: 'client.example', TCPLOCALHOST: 'server.example' }
  const message = `A: b\r\n\n\xff\0${'long\n'.repeat(30_000)}`
  const { code, said } = await converse('qmqpd', home, `${request(message, 's@x', 'r@y', 'r')}more`, environment)
  t.equal(code, 0)
  t.match(said, /^[0-9]+:Kok [0-9]+ qp [0-9]+,$/)
  const [queued] = home.queued()
  t.match(queued?.message, /^Received: from client\.example \(192\.0\.2\.1\)\n {2}by server\.example with QMQP; .* -0000\n/)
  t.equal(queued?.message.replace(/^.*\n.*\n/, ''), message)
  t.equal(queued?.envelope, 'Fs@x\0Tr@y\0Tr\0\0')
})

t.test('C1, C2: qmqpd refuses the message for one address that it cannot accept, and one to nobody', async (t) => {
  const home = new ScratchHome(t)
  for (const addresses of [
    ['s'.repeat(1000), 'r'],
    ['s', 'r', 'n\0'],
    ['s', 'r'.repeat(2000), 'q'],
    ['s', 'r', ''],
    ['s', 'r', 'joe@'],
    ['s'],
    ['s', '@own.example'],
    ['s', 'x@"a.example> SIZE=1"'],
    ['s@a.example> SIZE=1', 'r'],
  ]) {
    t.same(await converse('qmqpd', home, request('x', ...addresses)), { code: 0, said: unacceptable, complaints: '' })
  }
  t.same(home.queued(), [])
  for (const sender of ['s'.repeat(999), '', '#@[]']) t.match((await converse('qmqpd', home, request('x', sender, 'r'))).said, /:Kok /)
})

t.test('qmqpd says what queue says', async (t) => {
  const home = new ScratchHome(t)
  home.queueEnds('exit 31')
  t.equal((await converse('qmqpd', home, request('x', 's', 'r'))).said, netstring('Dmail server permanently rejected message (#5.3.0)'))
  home.queueEnds('exit 53')
  t.equal((await converse('qmqpd', home, request('x', 's', 'r'))).said, netstring('Zqq write error or disk full (#4.3.0)'))
})

t.test('qmqpd queues nothing of a request that is cut short or malformed', async (t) => {
  const home = new ScratchHome(t)
  const whole = request('A: b\n', 's', 'r')
  for (const length of [0, 1, 9, whole.length - 1]) {
    t.same(await converse('qmqpd', home, whole.slice(0, length)), { code: 0, said: '', complaints: '' }, `${length} bytes`)
  }
  for (const input of ['HELO x\r\n', '0:,', '3:0:,,', '9:1:x,3:a@b,,', whole.replace(/,$/, ';'), '0'.repeat(101)]) {
    t.same(await converse('qmqpd', home, input), { code: 100, said: '', complaints: '' }, JSON.stringify(input))
  }
  t.equal((await converse('qmqpd', home, '99999999999:')).code, 111)
  t.equal((await converse('qmqpd', home, '', { YABUMI_HOME: `${home.path}/none` })).code, 111)
  t.same(home.queued(), [])
})
