/** HAProxy in front of smtpd: it says whose connection it is, in either version, and smtpd believes that rule only. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { Resident } from '../../packages/arrive/smtpd/test/scratch/client.ts'
import { ScratchHome } from '../../packages/arrive/smtpd/test/scratch/home.ts'
import { freePort } from '../support/ports.ts'
import { find, missing } from '../support/programs.ts'
import { until } from '../support/wait.ts'

for (const version of ['send-proxy', 'send-proxy-v2']) {
  t.test(`with ${version} the client of the proxy is ours`, { skip: missing('haproxy') }, async (t) => {
    const home = new ScratchHome(t, { rcpthosts: 'test.example\n' })
    writeFileSync(join(home.path, 'rules'), '127.0.0.1:allow,PROXY="1",RELAYCLIENT=""\n127.0.0.2:allow,RELAYCLIENT="@behind"\n:allow\n')
    const server = new Resident(t, home, ['--rules', join(home.path, 'rules'), '--no-ptr'])
    const [port, front] = [await server.ready(), await freePort()]
    const place = mkdtempSync(join(tmpdir(), 'haproxy-'))
    t.teardown(() => rmSync(place, { recursive: true, force: true }))
    const times = 'timeout connect 10s\n  timeout client 60s\n  timeout server 60s\n'
    const both = `listen smtp\n  bind 127.0.0.1:${front}\n  server one 127.0.0.1:${port} ${version}\n`
    writeFileSync(join(place, 'cfg'), `defaults\n  mode tcp\n  ${times}${both}`)
    const proxy = spawn(find('haproxy') ?? 'haproxy', ['-db', '-f', join(place, 'cfg')], { stdio: 'ignore' })
    t.teardown(async () => {
      proxy.kill('SIGKILL')
      if (proxy.exitCode === null && proxy.signalCode === null) await once(proxy, 'exit')
    })
    const socket = await until('haproxy listens', async () => {
      const attempt = connect({ port: front, host: '127.0.0.1', localAddress: '127.0.0.2' })
      const isThere = await Promise.race([once(attempt, 'connect'), once(attempt, 'error').then(() => undefined)]).catch(() => undefined)
      return isThere === undefined ? undefined : attempt
    })
    t.teardown(() => socket.destroy())
    let heard = ''
    socket.on('data', (bytes: Buffer) => {
      heard += bytes.toString('latin1')
    })
    socket.write('HELO x\r\nMAIL FROM:<s@x.example>\r\nRCPT TO:<r@far.example>\r\nDATA\r\n')
    await until('the message is wanted', () => heard.includes('354 '))
    socket.write('\r\n.\r\nQUIT\r\n')
    await once(socket, 'close')
    const [queued] = home.queued()
    t.match(queued?.message, /^Received: from \S+ \(HELO x\) \(127\.0\.0\.2\)/)
    t.match(queued?.envelope, 'Tr@far.example@behind\0')
  })
}
