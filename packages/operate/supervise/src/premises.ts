/**
 * What must hold before anything is started: a whole home, the right account, addresses of this host, and no second
 * supervise.
 */
import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, type Stats, unlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { readLine } from '@yabumi/control'
import { uidOf } from '@yabumi/home'
import { endpointText, parseEndpoint } from '@yabumi/listener'
import { tryLock } from '@yabumi/posix'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'

/**
 * Look at the home in the working directory.
 *
 * @returns the host's name, from control/me
 * @throws Trouble 4.3.0, in words that name the file and the remedy, if it cannot be run by this account
 */
export function checkHome(): string {
  const here = process.cwd()
  const hostName = readLine('me')
  if (!hostName) throw new Trouble('4.3.0', `${here}/control/me is missing or empty; make ${here} a home with config-fast HOST`)
  const owner = uidOf('queue')
  const caller = process.getuid?.()
  if (caller !== 0 && caller !== owner) {
    throw new Trouble('4.3.0', `${here}/queue belongs to uid ${owner}, and this is uid ${caller}; run supervise as that account or as root`)
  }
  return hostName
}

/**
 * Look whether this host has the addresses that are to be listened on: a server for one that it has not would be started again for ever.
 *
 * @throws Trouble 4.3.0 for one that it has not; 5.3.5 for what is no address
 */
export async function checkAddresses(endpoints: readonly string[]): Promise<void> {
  for (const text of endpoints) {
    const endpoint = parseEndpoint(text)
    if (await isElsewhere(endpoint.address))
      throw new Trouble('4.3.0', `unable to listen on ${endpointText(endpoint)}: it is not an address of this host; ip address lists those`)
  }
}

/** Any port will do; what else can be wrong with the endpoint, its server says. */
function isElsewhere(address: string): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', (error) => resolve(errnoOf(error) === 'EADDRNOTAVAIL'))
    server.listen(0, address, () => server.close(() => resolve(false)))
  })
}

/**
 * Take the lock that makes this the only supervise of its home. It is given back when the process ends, however it ends.
 *
 * Only a file that nobody else may open is a lock: whoever has it open may lock it, and keep it locked. Any other one, as earlier versions made it, is replaced.
 *
 * @returns the descriptor of the locked file
 * @throws Trouble 4.3.0 if another one holds it
 */
export function takeLock(home: string): number {
  const path = `${home}/supervise/lock`
  try {
    mkdirSync('supervise', { recursive: true, mode: 0o755 })
    for (;;) {
      const fd = openSync('supervise/lock', lockFlags, 0o600)
      const stats = fstatSync(fd)
      if (!tryLock(fd)) throw isTaken(path, stats)
      if (lstatSync('supervise/lock', { throwIfNoEntry: false })?.ino === stats.ino) {
        if (isOurs(stats)) return fd
        unlinkSync('supervise/lock')
      }
      closeSync(fd)
    }
  } catch (cause) {
    if (cause instanceof Trouble) throw cause
    throw new Trouble('4.3.0', `unable to open ${path}: ${errorText(cause)}; run supervise as the owner of ${home}`, { cause })
  }
}

const lockFlags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK
const rightsOfOthers = 0o077

function isOurs({ uid, mode }: Stats): boolean {
  return uid === process.geteuid?.() && (mode & rightsOfOthers) === 0
}

function isTaken(path: string, stats: Stats): Trouble {
  const doubt = isOurs(stats)
    ? ''
    : `; if none does, somebody who may open it (mode ${(stats.mode & 0o777).toString(8)}) holds it: remove it`
  return new Trouble('4.3.0', `${path} is locked: another supervise runs this home; stop that one first, or set YABUMI_HOME${doubt}`)
}
