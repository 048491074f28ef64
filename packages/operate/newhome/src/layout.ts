/**
 * What a home consists of: directories, files, modes and owners (spec §1.1, §8.5).
 */
import { newSettings } from '@yabumi/controlfiles'
import { type Role, roles } from '@yabumi/home'
import { split } from '@yabumi/queuedir'

/** Whose a part is: an account's, by its role; the home's own owner's; as `intake`, the queue account's with a group of send's own; as `keys`, root's with the group that reads keys; as `certificates`, acme's with that group; as `correspondents`, remote's with the group of smtp, which reads what remote has learned. */
export type Owner = Role | 'home' | 'intake' | 'keys' | 'certificates' | 'correspondents'

/** Something that must be there. Modes are exact, whatever the umask. */
export type Part = { readonly path: string; readonly owner: Owner } & (
  | { readonly kind: 'directory'; readonly mode: number }
  | { readonly kind: 'file'; readonly mode: number; readonly content: Buffer }
  | { readonly kind: 'fifo'; readonly mode: number }
  | { readonly kind: 'link'; readonly target: string }
)

const tcptoBytes = 1_024

function directory(path: string, mode: number, owner: Owner): Part {
  return { kind: 'directory', path, mode, owner }
}

function file(path: string, mode: number, content: string | Buffer, owner: Owner): Part {
  return { kind: 'file', path, mode, content: Buffer.from(content), owner }
}

function splitDirectory(path: string, mode: number, owner: Owner): Part[] {
  const children = Array.from({ length: split }, (_, index) => directory(`${path}/${index}`, mode, owner))
  return [directory(path, mode, owner), ...children]
}

function controlParts(host: string, locals: readonly string[]): Part[] {
  const labels = host.split('.')
  const domain = labels.length > 2 ? labels.slice(1).join('.') : host
  const setting = (name: string, value: string) => file(`control/${name}`, 0o644, `${value}\n`, 'home')
  return [
    setting('me', host),
    setting('defaultdomain', domain),
    setting('plusdomain', labels.slice(-2).join('.')),
    setting('locals', locals.join('\n')),
    setting('rcpthosts', locals.join('\n')),
    ...newSettings.map(([name, value]) => setting(name, value)),
  ]
}

/**
 * What queue/ consists of.
 *
 * @param closed - todo/ and the trigger have a group that of all accounts only send is in, so that remote, which must read mess/, neither reads
 * envelopes nor wakes send. Else it is as qmail has it, whose accounts for this have one group
 */
export function queueParts(closed = false): Part[] {
  return [
    directory('queue', 0o750, 'queue'),
    directory('queue/pid', 0o700, 'queue'),
    directory('queue/intd', 0o700, 'queue'),
    directory('queue/spare', 0o700, 'queue'),
    directory('queue/todo', 0o750, closed ? 'intake' : 'queue'),
    directory('queue/bounce', 0o700, 'send'),
    ...splitDirectory('queue/mess', 0o750, 'queue'),
    ...splitDirectory('queue/info', 0o700, 'send'),
    ...splitDirectory('queue/local', 0o700, 'send'),
    ...splitDirectory('queue/remote', 0o700, 'send'),
    directory('queue/lock', 0o750, 'queue'),
    file('queue/lock/sendmutex', 0o600, '', 'send'),
    file('queue/lock/tcpto', 0o644, Buffer.alloc(tcptoBytes), 'remote'),
    { kind: 'fifo', path: 'queue/lock/trigger', ...(closed ? { mode: 0o660, owner: 'intake' } : { mode: 0o622, owner: 'send' }) },
  ]
}

/** The parts that are the same in every home: what an installation makes, with the directories of its settings still empty. */
export function commonParts(closed = false): Part[] {
  return [
    ...queueParts(closed),
    directory('users', 0o755, 'home'),
    directory('alias', 0o2755, 'alias'),
    directory('control', 0o755, 'home'),
  ]
}

/**
 * What only root can make, and only a home of several accounts has: who they are (package home), and the directories of those that keep something besides
 * the queue.
 */
export function accountParts(): Part[] {
  return [
    directory('accounts', 0o755, 'home'),
    ...roles.map((role) => file(`accounts/${role}`, 0o444, '', role)),
    file('accounts/keys', 0o444, '', 'keys'),
    directory('state', 0o755, 'home'),
    directory('state/acme', 0o2750, 'certificates'),
    directory('state/auth', 0o700, 'auth'),
    directory('state/correspondents', 0o2750, 'correspondents'),
    directory('state/daily', 0o755, 'home'),
    directory('state/remote', 0o700, 'remote'),
    directory('state/smtp', 0o700, 'smtp'),
    directory('state/submit', 0o700, 'submit'),
  ]
}

/** Mail that must have a reader goes to `reader`, or is kept in alias/Maildir where there is none. */
function aliasParts(reader: string | undefined): Part[] {
  const line = reader === undefined ? './Maildir/\n' : `&${reader}\n`
  const maildir = ['', '/tmp', '/new', '/cur'].map((name) => directory(`alias/Maildir${name}`, 0o700, 'alias'))
  return [
    ...(reader === undefined ? maildir : []),
    ...['postmaster', 'mailer-daemon', 'root'].map((name) => file(`alias/.qmail-${name}`, 0o644, line, 'home')),
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
  /** As of queueParts(). */
  readonly closed: boolean
  /** The certificate and key that it begins with; undefined where it was a home before. */
  readonly certificate: string | undefined
  /** Whether there is a group that reads keys. */
  readonly hasKeys: boolean
}

/** Every part of a home, in the order to make them. */
export function homeParts({ host, locals, reader, programs, closed, certificate, hasKeys }: Plan): Part[] {
  return [
    ...commonParts(closed),
    ...aliasParts(reader),
    { kind: 'link', path: 'bin', target: programs, owner: 'home' },
    ...controlParts(host, locals),
    ...(certificate === undefined ? [] : [file('control/servercert.pem', hasKeys ? 0o640 : 0o600, certificate, 'keys')]),
  ]
}
