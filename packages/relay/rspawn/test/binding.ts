/** From which of our addresses mail goes out; remote and rspawn alike. */
import { writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { hasIpv6 } from '../../../../test/support/ports.ts'
import { Driver, text } from './support/driver.ts'

const remote = join(import.meta.dirname, '../../../../bin/remote')

/** A host that takes everything, and tells in its last reply where the client came from. */
async function startWitness(t: Test, address: string): Promise<number> {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    let data = false
    socket.setEncoding('latin1')
    socket.on('close', () => open.delete(socket)).on('error', () => undefined)
    socket.on('data', (line: string) => {
      if (data && line.endsWith('.\r\n')) {
        data = false
        socket.write(`250 from ${socket.remoteAddress}\r\n`)
      } else if (line.startsWith('DATA')) {
        data = true
        socket.write('354 go on\r\n')
      } else if (!data) socket.write('250 ok\r\n')
    })
    socket.write('220 here\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  t.teardown(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return (server.address() as { port: number }).port
}

const from = (report: string): string => /from (\S+)/.exec(report)?.[1] ?? report

async function byRemote(driver: Driver, host: string): Promise<string> {
  const args = [host, 's@test.example', `r@${host}`]
  const { stdout } = await execa(remote, args, { env: { YABUMI_HOME: driver.home }, input: text })
  return stdout.split('\0').find((report) => /^[KZD]/.test(report)) ?? ''
}

t.test('bindroutes decides by host, outgoingip for all others, and connections are not shared between addresses', async (t) => {
  const port = await startWitness(t, '127.0.0.1')
  const driver = new Driver(t, {
    smtproutes: `:127.0.0.1:${port}\n`,
    outgoingip: '127.0.0.9\n',
    bindroutes: 'a.example:127.0.0.7\n.b.example:127.0.0.8, ::1\nfree.example:\n',
  })
  driver.write(1, text)
  const expected: [string, string][] = [
    ['a.example', '127.0.0.7'],
    ['A.Example', '127.0.0.7'],
    ['x.b.example', '127.0.0.8'],
    ['free.example', '127.0.0.1'],
    ['other.example', '127.0.0.9'],
  ]
  for (let round = 0; round < 3; round += 1) {
    const reports = await driver.deliver(...expected.map(([host]) => ({ to: `r@${host}` })))
    t.same(
      reports.map(from),
      expected.map(([, address]) => address),
    )
  }
  for (const [host, address] of expected) t.equal(from(await byRemote(driver, host)), address)
})

t.test('a host is reached from the address of its own family', { skip: !(await hasIpv6()) && 'no ::1 here' }, async (t) => {
  const port = await startWitness(t, '::1')
  const driver = new Driver(t, { smtproutes: `:[::1]:${port}\n`, outgoingip: '127.0.0.9 [::1]\n' })
  driver.write(1, text)
  t.same((await driver.deliver({ to: 'r@h.example' })).map(from), ['::1'])
  writeFileSync(join(driver.home, 'control/outgoingip'), '127.0.0.9\n')
  t.same((await driver.deliver({ to: 'r@h.example' })).map(from), ['::1'], 'no address of that family: the system chooses')
})

t.test('an address that is not ours, or no address at all, defers the mail and says why', async (t) => {
  const port = await startWitness(t, '127.0.0.1')
  const driver = new Driver(t, { smtproutes: `:127.0.0.1:${port}\n`, bindroutes: 'h.example:192.0.2.1\n' })
  driver.write(1, text)
  const report = 'ZUnable to use the address that control/bindroutes or control/outgoingip names. (#4.3.5)\n'
  t.same(await driver.deliver({ to: 'r@h.example' }), [report])
  t.equal(await byRemote(driver, 'h.example'), report)
  driver.control('bindroutes', 'h.example:localhost\n')
  t.same(await driver.deliver({ to: 'r@other.example' }), ['ZUnable to read control files. (#4.3.0)\n'])
})
