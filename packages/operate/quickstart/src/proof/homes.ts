/** The two homes of the proof: a copy of ours, and a far end. Both lie in ours, are root's, and go away afterwards. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { Programs } from '../programs.ts'

/** A domain that the DNS never has (RFC 2606 §2), and our own name in it. */
export const farDomain = 'far-end.invalid'
const copied = ['accounts', 'control', 'users', 'alias', 'state']

export interface ScratchHome {
  readonly path: string
  readonly programs: Programs
  /** A port of loopback for each listener, by supervise's name for it. */
  readonly ports: Readonly<Record<string, number>>
}

export interface ScratchHomes {
  readonly ours: ScratchHome
  readonly far: ScratchHome
  remove(): void
}

/** @param home - absolute path of our home @param address - who gets what comes back */
export async function makeHomes(home: string, address: string): Promise<ScratchHomes> {
  const domain = address.slice(address.lastIndexOf('@') + 1)
  const top = mkdtempSync(`${home}/proof-`)
  chmodSync(top, 0o755)
  const remove = (): void => rmSync(top, { recursive: true, force: true })
  try {
    const [smtp, submissions, pop3s, farSmtp] = await freePorts(4)
    const ours = scratch(home, `${top}/ours`, copied, { smtp, submissions, pop3s })
    const far = scratch(home, `${top}/far`, ['accounts'], { smtp: farSmtp })
    setRoute(ours, farDomain, farSmtp)
    await ours.programs.run('config-fast', [farDomain])
    await far.programs.run('config-fast', [farDomain])
    setRoute(far, domain, smtp)
    writeFileSync(`${far.path}/alias/.qmail-default`, `&${address}\n`)
    return { ours, far, remove }
  } catch (error) {
    remove()
    throw error
  }
}

function scratch(home: string, path: string, parts: readonly string[], ports: Readonly<Record<string, number>>): ScratchHome {
  execFileSync('mkdir', ['-m', '755', path])
  execFileSync('cp', ['-a', ...parts.map((part) => `${home}/${part}`), path])
  return { path, programs: new Programs(`${home}/bin`, path), ports }
}

/** Mail for the domain goes to a port of loopback, over TLS or not at all; nothing is asked of the DNS about it. */
function setRoute({ path }: ScratchHome, domain: string, port: number): void {
  const settings = {
    smtproutes: `${domain}:127.0.0.1:${port}`,
    tlspolicy: `${domain}:encrypt`,
    mtasts: '0',
    dane: '0',
    outgoingip: '',
    outgoingipv6: '1',
    daily: '', // nothing is made up for in a copy
  }
  for (const [name, text] of Object.entries(settings)) writeFileSync(`${path}/control/${name}`, `${text}\n`)
}

/** Ports that nobody has now. */
async function freePorts(count: number): Promise<[number, number, number, number]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer()
      return new Promise<typeof server>((resolve, reject) => {
        server.once('error', reject)
        server.listen(0, '127.0.0.1', () => resolve(server))
      })
    }),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports as [number, number, number, number]
}
