/** Tests of clients: each in a home that they share, in clear and under TLS where it can. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { ImapReader } from './client.ts'
import { ImapHost } from './host.ts'

/** @param others - users whom the sessions need besides */
export async function testSessions(clients: readonly ImapReader[], others: readonly string[] = []): Promise<ImapHost> {
  const visits = clients.flatMap((client) =>
    client.ways.map((way) => ({ client, way, user: way === 'tls' ? `${client.name}-tls` : client.name })),
  )
  const present = visits.filter(({ client }) => client.needs() === false)
  const host = await ImapHost.start(t, ...present.map(({ user }) => user), ...others)
  for (const { client, way, user } of visits) {
    t.test(`${client.name}, ${way === 'tls' ? 'under TLS' : 'in clear'}: ${client.deed}`, { skip: client.needs() }, async (t) => {
      const directory = join(host.home.root, `at-${user}`)
      mkdirSync(directory, { mode: 0o700 })
      await client.session({ host, user, account: host.account(user, way === 'tls'), directory })
      t.pass(`${client.name} and the server hold the same`)
    })
  }
  return host
}
