/**
 * From the calls of `imap` to what they did to a Maildir, directories included.
 *
 * A directory is an inode like a file. So that one that is renamed keeps what is in it, paths in events do not name
 * directories but say which they are: `mail/#17/name` is the entry `name` of directory 17. The root is 0.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { applied, type DataEvent, type DiskEvent, type Inode } from '../disk.ts'
import { bytesOf, type Call, parseCalls, pathOf } from '../strace.ts'
import { writtenBytes } from '../words.ts'

/** What strace has to record. */
export const tracedCalls =
  'openat,write,pwrite64,writev,pwritev,ftruncate,truncate,fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,rmdir,' +
  'sendfile,copy_file_range,fallocate'

const fs = 'mail'
const rootInode: Inode = { id: 0, fs }

export class MailRecording {
  readonly events: DiskEvent[] = []
  /** Lines that the client was sent; the key of their `acknowledged` event is their place here. */
  readonly told: string[] = []
  /** How many events tell of what was there before. */
  readonly earlier: number
  readonly directories: ReadonlySet<number>
  readonly #directories = new Set([0])
  readonly #root: string
  readonly #cwd: string
  readonly #entries = new Map<number, Map<string, Inode>>([[0, new Map()]])
  readonly #contents = new Map<number, Buffer>()
  readonly #positions = new Map<number, number>()
  #open = new Map<number, Inode>()
  readonly #ends: number[] = []
  #line = 0
  #said = ''
  #inodes = 0

  /** @param root - of the Maildir, as it is before the first call. @param cwd - of the program */
  constructor(root: string, cwd: string) {
    this.#root = root
    this.#cwd = cwd
    this.directories = this.#directories
    this.#take(root, rootInode)
    for (const id of this.#directories) this.#push({ kind: 'sync', fs, target: { directory: `${fs}/#${id}` }, covers: this.events.length })
    this.earlier = this.events.length
  }

  /** What one process did: what strace wrote of it. @throws Error - a call on a file of the Maildir is not understood */
  read(trace: string): void {
    this.#open = new Map()
    this.#said = ''
    const offset = this.#line
    const items = parseCalls(trace).flatMap((call) => [
      { line: call.end + offset, act: (): void => this.#ended(call, offset) },
      ...(call.name.startsWith('write') ? [{ line: call.begin + offset - 0.5, act: (): void => this.#spoken(call) }] : []),
    ])
    for (const { line, act } of items.sort((a, b) => a.line - b.line)) {
      this.#line = line
      act()
    }
    this.#line = offset + trace.split('\n').length
  }

  #push(event: DiskEvent): void {
    this.events.push(event)
    this.#ends.push(this.#line)
  }

  /** A tree that is there, and on the disk. */
  #take(path: string, directory: Inode): void {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const inode = this.#create(directory, entry.name, entry.isDirectory())
      if (entry.isDirectory()) this.#take(join(path, entry.name), inode)
      else {
        this.#change({ kind: 'write', inode, offset: 0, bytes: readFileSync(join(path, entry.name)) })
        this.#push({ kind: 'sync', fs, target: { inode }, covers: this.events.length })
      }
    }
  }

  #create(directory: Inode, name: string, isDirectory: boolean): Inode {
    this.#inodes += 1
    const inode = { id: this.#inodes, fs }
    if (isDirectory) {
      this.#directories.add(inode.id)
      this.#entries.set(inode.id, new Map())
    }
    this.#entries.get(directory.id)?.set(name, inode)
    this.#push({ kind: 'create', inode, path: pathIn(directory, name) })
    return inode
  }

  #change(event: DataEvent): void {
    this.#contents.set(event.inode.id, applied(this.#contents.get(event.inode.id) ?? Buffer.alloc(0), event))
    this.#push(event)
  }

  /** What is said to the client counts from the moment it is said. */
  #spoken({ name, args }: Call): void {
    if (!isSocket(args[0] ?? '')) return
    const lines = (this.#said + writtenBytes(name, args).toString('latin1')).split('\r\n')
    this.#said = lines.pop() ?? ''
    for (const line of lines) {
      this.#push({ kind: 'acknowledged', key: String(this.told.length) })
      this.told.push(line)
    }
  }

  #ended({ name, args, result, begin }: Call, offset: number): void {
    if (result.startsWith('-1') || result === '?') return
    const isAt = name.endsWith('at') || name === 'renameat2'
    const place = (index: number): Place | undefined => this.#place(args[isAt ? index + 1 : index] ?? '', isAt ? args[index] : undefined)
    switch (name) {
      case 'openat':
        this.#opened(place(0), args[2] ?? '', Number.parseInt(result, 10))
        break
      case 'write':
      case 'pwrite64':
      case 'writev':
      case 'pwritev':
        this.#written(name, args, Number.parseInt(result, 10))
        break
      case 'ftruncate':
        this.#truncated(this.#file(args[0] ?? ''), Number(args[1]))
        break
      case 'fsync':
      case 'fdatasync':
        this.#synced(this.#file(args[0] ?? ''), begin + offset)
        break
      case 'rename':
      case 'renameat':
      case 'renameat2':
        this.#moved('rename', place(0), place(isAt ? 2 : 1))
        break
      case 'link':
      case 'linkat':
        this.#moved('link', place(0), place(isAt ? 2 : 1))
        break
      case 'unlink':
      case 'unlinkat':
      case 'rmdir':
        this.#unlinked(place(0))
        break
      case 'mkdir':
      case 'mkdirat': {
        const made = place(0)
        if (made !== undefined) this.#create(made.directory, made.name, true)
        break
      }
      default:
        if (args.some((arg) => this.#file(arg) !== undefined)) throw new Error(`${name} on a file of the Maildir is not understood`)
    }
  }

  #opened(place: Place | undefined, flags: string, descriptor: number): void {
    this.#positions.delete(descriptor)
    if (place === undefined) {
      this.#open.delete(descriptor)
      return
    }
    const there = this.#at(place)
    const inode = there ?? this.#create(place.directory, place.name, false)
    this.#open.set(descriptor, inode)
    if (there !== undefined && flags.includes('O_TRUNC')) this.#truncated(inode, 0)
    if (!flags.includes('O_APPEND')) this.#positions.set(descriptor, 0)
  }

  #written(name: string, args: readonly string[], length: number): void {
    const inode = this.#file(args[0] ?? '')
    if (inode === undefined) return
    const descriptor = Number.parseInt(args[0] ?? '', 10)
    const position = this.#positions.get(descriptor)
    const offset = name.startsWith('p') ? Number(args[3]) : (position ?? this.#contents.get(inode.id)?.length ?? 0)
    if (position !== undefined && !name.startsWith('p')) this.#positions.set(descriptor, position + length)
    this.#change({ kind: 'write', inode, offset, bytes: writtenBytes(name, args).subarray(0, length) })
  }

  #truncated(inode: Inode | undefined, size: number): void {
    if (inode !== undefined && (this.#contents.get(inode.id)?.length ?? 0) !== size) this.#change({ kind: 'truncate', inode, size })
  }

  #synced(inode: Inode | undefined, begin: number): void {
    if (inode === undefined) return
    const covers = this.#ends.findLastIndex((line) => line < begin) + 1
    const target = this.#directories.has(inode.id) ? { directory: `${fs}/#${inode.id}` } : { inode }
    this.#push({ kind: 'sync', fs, target, covers })
  }

  #moved(kind: 'rename' | 'link', from: Place | undefined, to: Place | undefined): void {
    const inode = from && this.#at(from)
    if (from === undefined || to === undefined || inode === undefined) return
    if (kind === 'rename') this.#entries.get(from.directory.id)?.delete(from.name)
    this.#entries.get(to.directory.id)?.set(to.name, inode)
    this.#push({ kind, inode, path: pathIn(from.directory, from.name), to: pathIn(to.directory, to.name) })
  }

  #unlinked(place: Place | undefined): void {
    const inode = place && this.#at(place)
    if (place === undefined || inode === undefined) return
    this.#entries.get(place.directory.id)?.delete(place.name)
    this.#push({ kind: 'unlink', inode, path: pathIn(place.directory, place.name) })
  }

  #at({ directory, name }: Place): Inode | undefined {
    return name === '' ? directory : this.#entries.get(directory.id)?.get(name)
  }

  /** The inode behind a descriptor, if it is in the Maildir: other files may have got its number since. */
  #file(argument: string): Inode | undefined {
    const path = pathOf(argument)
    if (path !== this.#root && !path?.startsWith(`${this.#root}/`)) return undefined
    return this.#open.get(Number.parseInt(argument, 10))
  }

  /** The entry that a path leads to, whether it is there or not; undefined outside of the Maildir. */
  #place(argument: string, base: string | undefined): Place | undefined {
    const path = bytesOf(argument).toString('latin1')
    const own = /^\/proc\/self\/fd\/(\d+)\/?(.*)$/.exec(path)
    if (own !== null) return this.#walk(this.#open.get(Number(own[1])), own[2] ?? '')
    if (base !== undefined && !base.startsWith('AT_FDCWD') && !path.startsWith('/')) return this.#walk(this.#file(base), path)
    const absolute = posix.resolve(this.#cwd, path)
    if (absolute === this.#root) return { directory: rootInode, name: '' }
    return absolute.startsWith(`${this.#root}/`) ? this.#walk(rootInode, absolute.slice(this.#root.length + 1)) : undefined
  }

  #walk(from: Inode | undefined, path: string): Place | undefined {
    const parts = path.split('/').filter((part) => part !== '' && part !== '.')
    const name = parts.pop() ?? ''
    let directory = from
    for (const part of parts) directory = directory && this.#entries.get(directory.id)?.get(part)
    return directory && this.#directories.has(directory.id) ? { directory, name } : undefined
  }
}

/** An entry of a directory; without a name the directory itself. */
interface Place {
  readonly directory: Inode
  readonly name: string
}

function pathIn(directory: Inode, name: string): string {
  return `${fs}/#${directory.id}/${name}`
}

function isSocket(argument: string): boolean {
  const hex = /<((?:\\x[0-9a-f]{2})+)>$/.exec(argument)?.[1]
  return hex !== undefined && /^(socket|TCP|UNIX)/.test(Buffer.from(hex.replaceAll('\\x', ''), 'hex').toString('latin1'))
}
