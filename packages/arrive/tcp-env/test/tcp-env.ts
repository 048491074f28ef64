import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startDnsServer, type Zone } from '../../../../test/support/dns-server.ts'
import { hasIPv6 } from '../../smtpd/test/scratch/client.ts'
import { checkout, ScratchHome } from '../../smtpd/test/scratch/home.ts'

const tcpEnv = join(checkout, 'bin/tcp-env')

/** Run tcp-env with a connection on descriptor 0. @returns the TCP variables that its program finds, and the client's port */
async function variables(
  t: Test,
  home: ScratchHome,
  address: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<{ found: Record<string, string>; ports: Record<string, string> }> {
  const server = createServer({ pauseOnConnect: true })
  server.listen(0, address)
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, address)
  client.on('error', () => undefined)
  t.teardown(() => client.destroy())
  const [socket] = (await once(server, 'connection')) as [Socket]
  server.close()
  const ports = { TCPLOCALPORT: String(socket.localPort), TCPREMOTEPORT: String(socket.remotePort) }
  const child = spawn(tcpEnv, [...args, 'env'], { env: home.environment(environment), stdio: [socket, 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString()
  })
  await once(child, 'close')
  socket.destroy()
  const lines = output.split('\n').filter((line) => /^(PROTO|TCP)/.test(line))
  return { found: Object.fromEntries(lines.map((line) => line.split('=', 2))), ports }
}

async function homeWithNames(t: Test, zone: Zone): Promise<ScratchHome> {
  const home = new ScratchHome(t)
  const server = await startDnsServer(zone)
  t.teardown(() => server.close())
  writeFileSync(join(home.path, 'control/resolvers'), `${server.address}\n`)
  return home
}

t.test('tcp-env describes the connection and takes out what is not known', async (t) => {
  const home = await homeWithNames(t, { '1.0.0.127.in-addr.arpa': { PTR: ['Local.Example'] } })
  const old = { PROTO: 'UDP', TCPREMOTEINFO: 'old', TCPREMOTEIP: 'old' }
  const { found, ports } = await variables(t, home, '127.0.0.1', ['-R'], old)
  t.same(found, {
    PROTO: 'TCP',
    TCPLOCALIP: '127.0.0.1',
    TCPLOCALHOST: 'local.example',
    TCPREMOTEIP: '127.0.0.1',
    TCPREMOTEHOST: 'local.example',
    ...ports,
  })
})

t.test('tcp-env tells trouble with a name from no name', async (t) => {
  const trouble = await homeWithNames(t, { '1.0.0.127.in-addr.arpa': 'SERVFAIL' })
  t.match((await variables(t, trouble, '127.0.0.1', ['-R'])).found, { TCPLOCALHOST: 'softdnserror', TCPREMOTEHOST: 'softdnserror' })
  const none = await homeWithNames(t, {})
  t.notOk('TCPREMOTEHOST' in (await variables(t, none, '127.0.0.1', ['-t', '5'], { TCPREMOTEHOST: 'old' })).found)
})

t.test('tcp-env says TCP6 for a client with an IPv6 address', { skip: !hasIPv6 && 'no IPv6 here' }, async (t) => {
  const { found, ports } = await variables(t, await homeWithNames(t, {}), '::1', ['-R'])
  t.same(found, { PROTO: 'TCP6', TCPLOCALIP: '::1', TCPREMOTEIP: '::1', ...ports })
})

t.test('tcp-env changes nothing where the connection is described already', async (t) => {
  const { stdout } = spawnSync(tcpEnv, ['sh', '-c', 'echo "$PROTO $TCPREMOTEIP"; exit 3'], {
    env: { PATH: process.env['PATH'] ?? '', PROTO: 'TCP', TCPREMOTEIP: '192.0.2.1' },
    encoding: 'latin1',
  })
  t.equal(stdout, 'TCP 192.0.2.1\n')
})

t.test('tcp-env exits 111 without a word where there is no connection or no program', async (t) => {
  const run = (environment: Record<string, string>, ...args: readonly string[]) => {
    const { status, stderr } = spawnSync(tcpEnv, args, { env: { PATH: process.env['PATH'] ?? '', ...environment }, encoding: 'latin1' })
    return { status, stderr }
  }
  const silent = { status: 111, stderr: '' }
  t.same(run({}, 'true'), silent)
  t.same(run({ PROTO: 'TCP' }), silent)
  t.same(run({ PROTO: 'TCP' }, '-x'), silent)
  t.same(run({ PROTO: 'TCP' }, '/none'), silent)
})
