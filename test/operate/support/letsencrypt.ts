/** An authority that is called as the usual one is: pebble, behind a server that knows the usual address of its directory. As root, with port 443 free. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { bundle, makeCertificate } from '../../certificates.ts'
import { startFront } from '../../support/authorityfront.ts'
import type { Cleaner } from '../../support/home.ts'
import { freePort } from '../../support/ports.ts'
import { until } from '../../support/wait.ts'

export const pebble = '/usr/bin/pebble'
/** The name that the DNS must lead to 127.0.0.1. */
export const authorityName = 'acme-v02.api.letsencrypt.org'
const portHttps = 443
const portHttp = 80

/**
 * Start both; they end with the test.
 *
 * @param directory - where keys may lie
 * @param dns - `ADDR:PORT` of whom the authority asks where a host is
 * @returns files in PEM: `vouches` for its server, as NODE_EXTRA_CA_CERTS has it; by `root` what it signs is believed
 */
export async function startAuthority(cleaner: Cleaner, directory: string, dns: string): Promise<{ vouches: string; root: string }> {
  const own = makeCertificate(directory, 'pebble', { names: ['localhost', authorityName] })
  const [port, management, tlsPort] = [await freePort(), await freePort(), await freePort()]
  const config = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate: own.certificate,
    privateKey: own.key,
    httpPort: portHttp,
    tlsPort,
  }
  const file = join(directory, 'pebble.json')
  writeFileSync(file, JSON.stringify({ pebble: config }))
  const child = execa(pebble, ['-config', file, '-dnsserver', dns], {
    env: { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0' },
    reject: false,
    buffer: false,
    all: true,
  })
  let log = ''
  child.all.on('data', (text: Buffer) => {
    log += text.toString('latin1')
  })
  cleaner.teardown(async () => {
    child.kill('SIGTERM')
    await child
  })
  await until(
    () => `pebble listens: ${log}`,
    () => log.includes('Listening on:'),
  )
  await startFront(cleaner, {
    pem: bundle(directory, own),
    pebble: port,
    port: portHttps,
    path: (url) => (url === '/directory' ? '/dir' : url),
  })
  const root = join(directory, 'root.pem')
  await execa('curl', ['-sSk', '-o', root, `https://127.0.0.1:${management}/roots/0`])
  return { vouches: own.certificate, root }
}
