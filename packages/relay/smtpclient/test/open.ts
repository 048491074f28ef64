/** Which connection that is kept may serve another destination. */
import type { Demand } from '@yabumi/tlsdemand'
import t from 'tap'
import { Connection } from '../src/connection.ts'
import { HostSocket } from '../src/hostsocket.ts'
import { openConnection, type Peer } from '../src/open.ts'
import { currentSettings } from '../src/settings.ts'

process.chdir(t.testdir({ control: { me: 'test.example\n' } }))

/** Whether it serves a demand of at least this version. */
async function serves(connection: Connection, minVersion: Demand['minVersion']): Promise<boolean> {
  const targets = [{ address: '127.0.0.1', host: 'mx.example' }]
  const demand: Demand = { tls: 'must', minVersion, by: 'control/tlspolicy line 1', policy: 'no-policy-found' }
  const security = {
    port: 25,
    esmtp: true,
    demandFor: async () => demand,
    refuse: () => 'Z',
    heard: () => () => undefined,
    verified: () => security,
  }
  let isFit = false
  const peer: Peer = {
    reluctant: false,
    claim: (fits) => {
      isFit = fits(connection)
      return connection
    },
    yield: () => undefined,
    release: () => undefined,
    abandon: () => undefined,
  }
  await openConnection({ targets, binding: {}, security }, currentSettings(), Number.POSITIVE_INFINITY, () => peer)
  return isFit
}

t.test('a connection of TLS 1.2 serves nobody who demands 1.3', async (t) => {
  const connection = new Connection(new HostSocket(), '127.0.0.1', 1)
  t.teardown(() => connection.close())
  t.equal(await serves(connection, 'TLSv1.2'), false, 'in clear')
  connection.shown = ''
  connection.version = 'TLSv1.2'
  t.equal(await serves(connection, 'TLSv1.2'), true)
  t.equal(await serves(connection, 'TLSv1.3'), false)
  connection.version = 'TLSv1.3'
  t.equal(await serves(connection, 'TLSv1.3'), true)
})
