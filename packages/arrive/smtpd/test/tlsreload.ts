/** A certificate is replaced under load: no session breaks, and the next one has the new one. What a session under TLS costs. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { selfSigned } from '@yabumi/selfsigned'
import t from 'tap'
import type { Client } from './scratch/client.ts'
import { Resident } from './scratch/client.ts'
import { ScratchHome } from './scratch/home.ts'

const sessions = 200
const kilobytesEach = 100
const year = 365 * 86_400_000
const certificate = (name: string): string => selfSigned(name, { from: new Date(Date.now() - year), until: new Date(Date.now() + year) })

t.test(`${sessions} sessions go on while the certificate is replaced; files that do not fit change nothing`, async (t) => {
  const first = certificate('first.example')
  const home = new ScratchHome(t, { 'servercert.pem': first, rcpthosts: 'test.example\n' })
  const put = (text: string): void => {
    writeFileSync(`${home.path}/control/next`, text, { mode: 0o600 })
    renameSync(`${home.path}/control/next`, `${home.path}/control/servercert.pem`)
  }
  const server = new Resident(t, home)
  const port = await server.ready()
  const residentKilobytes = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.process.pid}/status`, 'latin1'))?.[1])
  const open = async (): Promise<{ client: Client; name: string }> => {
    const client = server.client(port)
    await client.replies()
    await client.ask('STARTTLS\r\n')
    const secure = await client.secure()
    return { client, name: String(secure.getPeerCertificate().subject.CN) }
  }
  const begin = async (): Promise<Client> => {
    const { client } = await open()
    await client.ask('MAIL FROM:<s@x.example>\r\nRCPT TO:<r@test.example>\r\n', 2)
    return client
  }
  for (const client of await Promise.all(Array.from({ length: 20 }, begin))) await client.ask('QUIT\r\n') // what all sessions share
  const before = residentKilobytes()
  const clients: Client[] = []
  while (clients.length < sessions) clients.push(...(await Promise.all(Array.from({ length: 20 }, begin))))
  const each = (residentKilobytes() - before) / sessions
  t.ok(each <= kilobytesEach, `${Math.round(each)} KB a session under TLS`)
  t.comment(`${Math.round(each)} KB a session under TLS`)

  for (const [torn, said] of [
    [first.slice(0, -50), 'breaks off in the middle'],
    [
      certificate('x.example').slice(0, first.indexOf('-----BEGIN CERT')) + first.slice(first.indexOf('-----BEGIN CERT')),
      'the key does not match',
    ],
  ] as const) {
    put(torn)
    await server.logs(said)
    t.equal((await open()).name, 'first.example', said)
  }
  put(certificate('second.example'))
  while ((await open()).name !== 'second.example') {
    // it is seen a moment after the change
  }
  const outcomes = await Promise.all(
    clients.map(
      async (client) => (await client.ask('RSET\r\n')) + (await client.ask('MAIL FROM:<s@x.example>\r\n')) + (await client.ask('QUIT\r\n')),
    ),
  )
  t.same([...new Set(outcomes)], ['250 flushed\r\n250 ok\r\n221 test.example\r\n'], 'every one of them')
})
