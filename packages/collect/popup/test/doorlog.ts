/** The log of the door: every line that popup writes about its clients. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { clientWordBytes } from '@yabumi/limits'
import { ClientLog } from '@yabumi/loginclient'
import { DoorLog } from '@yabumi/logline'
import t from 'tap'
import { oneLine } from '../../../../test/support/dialogue.ts'
import { ScratchHome } from '../../../../test/support/home.ts'
import { checked, Listening } from './fixtures/listening.ts'

const home = await ScratchHome.make(t, 'kyoma')
home.control('popextensions', undefined)
await home.run('setpassword', ['kyoma'], { input: 'geheim\n' })

/** What one popup under tcpserver writes to descriptor 2. */
async function oneShot(input: string, environment: Record<string, string>): Promise<string[]> {
  const child = spawn(
    join(home.directory, 'bin/popup'),
    ['host.example', ...checked.map((word) => word.replace(/^bin/, join(home.directory, 'bin')))],
    {
      env: { ...home.environment, ...environment },
      stdio: ['pipe', 'ignore', 'pipe'],
    },
  )
  let said = ''
  child.stderr.on('data', (bytes: Buffer) => {
    said += bytes.toString('latin1')
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(Buffer.from(input, 'latin1'))
  await once(child, 'close')
  return said.split('\n').slice(0, -1)
}

t.test('every way in which a dialogue ends has its line', async (t) => {
  const listening = await Listening.start(t, home)
  const { pop } = await listening.connect()
  await pop.say('QUIT', oneLine)
  await listening.logs(/^popup: 127\.0\.0\.1 \d+: end: quit, refused 0, seconds 0$/m)
  const gone = connect(listening.port, '127.0.0.1')
  gone.on('error', () => undefined)
  await once(gone, 'data')
  gone.end()
  await listening.logs(/^popup: 127\.0\.0\.1 \d+: end: the client left, refused 0, seconds 0$/m)
  const much = await listening.connect()
  await much.pop.say('x'.repeat(20_000), () => false)
  await listening.logs(/^popup: 127\.0\.0\.1 \d+: end: too much talk before login, refused 0, seconds 0$/m)
  await listening.connect()
  await listening.stop('SIGTERM')
  t.match(listening.log, /^popup: 127\.0\.0\.1 \d+: end: shutting down, refused 0, seconds \d$/m)
})

t.test('a client that gives way, or is silent, has its line', async (t) => {
  const lines: string[] = []
  const log = new DoorLog('popup', (text) => lines.push(text))
  const caller = { address: '192.0.2.1', port: 4711, share: '192.0.2.1', isOurs: () => false }
  new ClientLog(log, caller).ended('crowded')
  new ClientLog(log, caller).ended('silent')
  log.end()
  t.equal(
    lines.join(''),
    'popup: 192.0.2.1 4711: end: gave way to another client, refused 0, seconds 0\npopup: 192.0.2.1 4711: end: dropped for silence, refused 0, seconds 0',
  )
})

t.test('who is denied by a rule has a line', async (t) => {
  const rules = join(home.root, 'rules')
  writeFileSync(rules, '127.0.0.2:deny\n:allow\n')
  const listening = await Listening.start(t, home, checked, ['--rules', rules])
  const denied = connect({ port: listening.port, host: '127.0.0.1', localAddress: '127.0.0.2' })
  await once(denied.on('error', () => undefined).resume(), 'close')
  await listening.logs(/^popup: 127\.0\.0\.2 \d+: denied by a rule$/m)
})

t.test('control/doorlog 0 turns the lines off', async (t) => {
  const other = await ScratchHome.make(t)
  other.control('doorlog', '0\n')
  const listening = await Listening.start(t, other)
  const { pop } = await listening.connect()
  await pop.say('QUIT', oneLine)
  await listening.stop('SIGTERM')
  t.equal(listening.log, `popup: listening on 127.0.0.1:${listening.port}\n`)
})

t.test(
  'under tcpserver: nothing without control/doorlog; with 1 a stranger is refused, its login last and unable to imitate a line',
  async (t) => {
    const client = { TCPREMOTEIP: '203.0.113.9', TCPREMOTEPORT: '4711' }
    const login = (name: string): string => `USER ${name}\r\nPASS wrong\r\n`
    t.same(await oneShot(login('kyoma'), {}), [], 'nobody is there to be named')
    const fake = 'x\x1b=: popup: 192.0.2.1 1: refused: wrong login or password: y'
    t.match(await oneShot(login(fake), client), [
      'popup: 203.0.113.9 4711: refused: wrong login or password: x=1B=3D:=20popup:=20192.0.2.1=201:=20refused:=20wrong=20login=20or=20password:=20y',
      /^popup: 203\.0\.113\.9 4711: end: not let in, refused 1, seconds \d+$/,
    ])
    t.match(await oneShot(login('kyoma'), { ...client, RELAYCLIENT: '' }), [
      / 4711: declined: wrong login or password: kyoma$/,
      / end: not let in, /,
    ])
    for (const more of [0, 1]) {
      const [line = ''] = await oneShot(login('x'.repeat(clientWordBytes + more)), client)
      t.equal(line.split(' ').at(-1), 'x'.repeat(clientWordBytes))
    }
    home.control('doorlog', undefined)
    t.same(await oneShot(login('kyoma'), client), [])
  },
)
