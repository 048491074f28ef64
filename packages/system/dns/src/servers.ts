/**
 * Which DNS servers to ask: control/resolvers, one `ADDR`, `ADDR:PORT` or `[v6]:PORT` a line; without it the system's.
 *
 * The file is looked at before each question, so a change takes effect by itself.
 */
import { Resolver } from 'node:dns'
import { isIP } from 'node:net'
import { keepUntilChanged, readList } from '@yabumi/control'

/** How patient c-ares is with silent servers: 3 seconds in all if they are quick as a rule, up to 12 if not. */
const patience = { timeout: 2_000, tries: 3 }

/** The part of node:dns Resolver that is used. */
export interface Asker {
  resolve(name: string, type: string, callback: (error: NodeJS.ErrnoException | null, records: unknown) => void): void
}

/** All servers behind one resolver, and if there are several, each behind its own. */
export interface Servers {
  readonly together: Asker
  readonly each: readonly Asker[]
}

/** The resolvers for the servers that the control file names now. */
export const currentServers: () => Servers = keepUntilChanged(['resolvers'], makeServers)

function makeServers(): Servers {
  let lines: string[] | undefined
  try {
    lines = readList('resolvers')
  } catch {
    return { together: deaf, each: [] }
  }
  const together = new Resolver(patience)
  if (lines !== undefined) {
    const named = lines.map(serverAddress).filter((address) => address !== undefined)
    if (named.length === 0) return { together: deaf, each: [] }
    together.setServers(named)
  }
  const servers = together.getServers()
  return { together, each: servers.length < 2 ? [] : servers.map(single) }
}

function single(server: string): Resolver {
  const resolver = new Resolver({ ...patience, tries: 1 })
  resolver.setServers([server])
  return resolver
}

/** A file that names no server at all must not send the questions elsewhere: every answer is "not now". */
const deaf: Asker = {
  resolve: (_name, _type, callback) => callback(Object.assign(new Error('no server'), { code: 'ENOSERVER' }), undefined),
}

/** A line of control/resolvers as setServers takes it; undefined for one that is no address. */
export function serverAddress(line: string): string | undefined {
  if (isIP(line) !== 0) return isIP(line) === 6 ? `[${line}]` : line
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+))(?::([0-9]{1,5}))?$/.exec(line)
  if (match === null) return undefined
  const [, v6, v4, port] = match
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return undefined
  if (isIP(v6 ?? v4 ?? '') !== (v6 === undefined ? 4 : 6)) return undefined
  return line
}
