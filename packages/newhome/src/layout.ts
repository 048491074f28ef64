/**
 * What a home consists of: directories, files, modes and owners (spec §1.1, §8.5).
 */
import { split } from '@yabumi/queuedir'

/** Something that must be there. Modes are exact, whatever the umask. */
export type Part =
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number; readonly owner?: 'alias' }
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly content: Buffer }
  | { readonly kind: 'fifo'; readonly path: string; readonly mode: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }

const tcptoBytes = 1_024

function directory(path: string, mode: number, owner?: 'alias'): Part {
  return owner === undefined ? { kind: 'directory', path, mode } : { kind: 'directory', path, mode, owner }
}

function file(path: string, mode: number, content: string | Buffer): Part {
  return { kind: 'file', path, mode, content: Buffer.from(content) }
}

function splitDirectory(path: string, mode: number): Part[] {
  const children = Array.from({ length: split }, (_, index) => directory(`${path}/${index}`, mode))
  return [directory(path, mode), ...children]
}

function controlParts(host: string, locals: readonly string[]): Part[] {
  const labels = host.split('.')
  const domain = labels.length > 2 ? labels.slice(1).join('.') : host
  const setting = (name: string, value: string) => file(`control/${name}`, 0o644, `${value}\n`)
  return [
    directory('control', 0o755),
    setting('me', host),
    setting('defaultdomain', domain),
    setting('plusdomain', labels.slice(-2).join('.')),
    setting('locals', locals.join('\n')),
    setting('rcpthosts', locals.join('\n')),
  ]
}

function queueParts(): Part[] {
  return [
    directory('queue', 0o750),
    directory('queue/pid', 0o700),
    directory('queue/intd', 0o700),
    directory('queue/spare', 0o700),
    directory('queue/todo', 0o750),
    directory('queue/bounce', 0o700),
    ...splitDirectory('queue/mess', 0o750),
    ...splitDirectory('queue/info', 0o700),
    ...splitDirectory('queue/local', 0o700),
    ...splitDirectory('queue/remote', 0o700),
    directory('queue/lock', 0o750),
    file('queue/lock/sendmutex', 0o600, ''),
    file('queue/lock/tcpto', 0o644, Buffer.alloc(tcptoBytes)),
    { kind: 'fifo', path: 'queue/lock/trigger', mode: 0o622 },
  ]
}

/** Mail that must have a reader goes to `reader`, or is kept in alias/Maildir where there is none. */
function aliasParts(reader: string | undefined): Part[] {
  const line = reader === undefined ? './Maildir/\n' : `&${reader}\n`
  const maildir = ['', '/tmp', '/new', '/cur'].map((name) => directory(`alias/Maildir${name}`, 0o700, 'alias'))
  return [
    directory('alias', 0o2755, 'alias'),
    ...(reader === undefined ? maildir : []),
    ...['postmaster', 'mailer-daemon', 'root'].map((name) => file(`alias/.qmail-${name}`, 0o644, line)),
  ]
}

/** What decides about the parts of a home. */
export interface Plan {
  readonly host: string
  /** Names for which mail is taken here. */
  readonly locals: readonly string[]
  /** Local part that gets the mail for postmaster, mailer-daemon and root; undefined to keep it in alias/. */
  readonly reader: string | undefined
  /** The directory that bin/ leads to. */
  readonly programs: string
}

/** Every part of a home, in the order to make them. */
export function homeParts({ host, locals, reader, programs }: Plan): Part[] {
  return [
    ...queueParts(),
    directory('users', 0o755),
    ...aliasParts(reader),
    { kind: 'link', path: 'bin', target: programs },
    ...controlParts(host, locals),
  ]
}
