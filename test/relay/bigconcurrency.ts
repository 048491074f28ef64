/** More deliveries at once than a byte can count, and what happens beside programs that know of one byte only. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { checkout, ScratchHome } from '../support/home.ts'

const hosts = 320

/** A host that says nothing until so many connections are open; then it takes everything. */
async function startHolder(t: Test, wanted: number) {
  const open = new Set<Socket>()
  let most = 0
  let released = false
  const accepted: string[] = []
  const server = createServer((socket) => {
    open.add(socket)
    most = Math.max(most, open.size)
    let data = false
    socket.setEncoding('latin1')
    socket.on('close', () => open.delete(socket)).on('error', () => undefined)
    socket.on('data', (text: string) => {
      if (data) {
        if (!text.endsWith('\r\n.\r\n')) return
        data = false
        socket.write('250 kept\r\n')
      } else if (text.startsWith('DATA')) {
        data = true
        socket.write('354 go on\r\n')
      } else {
        const to = /^RCPT TO:<(.*)>/.exec(text)?.[1]
        if (to !== undefined) accepted.push(to)
        socket.write('250 ok\r\n')
      }
    })
    if (released) socket.write('220 here\r\n')
    else if (open.size === wanted) {
      released = true
      for (const one of open) one.write('220 here\r\n')
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
  t.teardown(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return { port: (server.address() as { port: number }).port, accepted, most: () => most }
}

const recipients = Array.from({ length: hosts }, (_, i) => `a@h${i}.example`)

function route(home: ScratchHome, port: number): void {
  home.control('smtproutes', recipients.map((to, i) => `${to.slice(2)}:127.0.${1 + (i >> 7)}.${1 + (i & 127)}:${port}\n`).join(''))
}

t.test(`${hosts} deliveries are under way at once`, async (t) => {
  const holder = await startHolder(t, hosts)
  const home = await ScratchHome.make(t, 'joe')
  home.control('concurrencyremote', '400\n')
  route(home, holder.port)
  const running = await home.supervise()
  await home.inject(['-fjoe@mail.test.example', '--', ...recipients], 'Subject: many\n\nhello\n')
  await running.emptied()
  t.same([...holder.accepted].sort(), [...recipients].sort(), 'everyone got it, once')
  t.equal(holder.most(), hosts)
  t.match(running.log, /^.*status: local 0\/10 remote 320\/400$/m)
  t.match(running.log, /remote 0\/400/)
})

/** The home's bin/ as a directory of its own, in which programs can be replaced by shell scripts. */
function replace(home: ScratchHome, scripts: Record<string, string>): void {
  const bin = join(home.directory, 'bin')
  if (!existsSync(join(bin, 'start'))) throw new Error('no bin/')
  rmSync(bin, { recursive: true })
  mkdirSync(bin)
  for (const name of readdirSync(join(checkout, 'bin')))
    if (!name.startsWith('.')) symlinkSync(join(checkout, 'bin', name), join(bin, name))
  for (const [name, script] of Object.entries(scripts)) {
    unlinkSync(join(bin, name))
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(bin, name), 0o755)
  }
}

const real = (name: string): string => realpathSync(join(checkout, 'bin', name))

t.test("a spawn program that knows of one byte gets qmail's bytes", async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  home.control('concurrencyremote', '400\n')
  home.control('concurrencylocal', '300\n')
  replace(home, { lspawn: `echo "$@" >${home.root}/args; exec ${real('lspawn')} "$1"` })
  const running = await home.supervise()
  await running.logs(/status: local 0\/120 remote 0\/400/)
  await home.inject(['joe@mail.test.example'], 'Subject: one\n\nhello\n')
  await running.emptied()
  t.equal(home.maildir('joe').length, 1)
  t.equal(readFileSync(join(home.root, 'args'), 'latin1'), './Maildir/ --wide-numbers\n')
})

t.test('under another send the spawn programs are asked for nothing', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  home.control('concurrencyremote', '400\n')
  replace(home, { send: `exec ${real('send')}`, lspawn: `echo "$@" >${home.root}/args; exec ${real('lspawn')} "$@"` })
  const running = await home.supervise()
  await running.logs(/status: local 0\/10 remote 0\/120/)
  await home.inject(['joe@mail.test.example'], 'Subject: one\n\nhello\n')
  await running.emptied()
  t.equal(readFileSync(join(home.root, 'args'), 'latin1'), './Maildir/\n')
})

t.test('255 is what qmail takes, and stays as it is', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  home.control('concurrencyremote', '255\n')
  const running = await home.supervise()
  t.ok(await running.logs(/status: local 0\/10 remote 0\/120/))
})
