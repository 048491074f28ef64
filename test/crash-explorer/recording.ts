/**
 * From calls to what they did to the disk, for the parts of the file system that are watched.
 *
 * Promises a recording that is whole: at its end the tree that the events give is compared with the real one by whoever
 * recorded it, and a call on a watched file that is not understood is an error.
 */
import { dirname, posix } from 'node:path'
import { applied, type DataEvent, type DiskEvent, type Inode, isData } from './disk.ts'
import { bytesOf, type Call, parseCalls, pathOf } from './strace.ts'
import { acceptedIn, keyIn, messPath, writtenBytes } from './words.ts'

/** What strace has to record. */
export const tracedCalls =
  'openat,creat,open,write,pwrite64,writev,pwritev,truncate,ftruncate,fallocate,fsync,fdatasync,sync_file_range,rename,renameat,renameat2,' +
  'link,linkat,unlink,unlinkat,mkdir,mkdirat,sendfile,copy_file_range,chdir,fchdir,clone,clone3,fork,vfork,exit_group'

/** Directories that are watched: the absolute path, and what it is called in events. */
export type Watched = ReadonlyMap<string, string>

interface Process {
  readonly id: number
  cwd: string
}

/** A moment that the recorder marked with mkdir of marks/NAME: the events before it. */
export interface Mark {
  readonly name: string
  readonly at: number
  /** The files that were there. */
  readonly names: ReadonlyMap<string, Inode>
}

export class Recording {
  readonly events: DiskEvent[] = []
  readonly marks: Mark[] = []
  readonly #watched: Watched
  readonly #marksDirectory: string
  readonly #processes = new Map<number, Process>()
  readonly #parents = new Map<number, { thread: number; shares: boolean }>()
  readonly #names = new Map<string, Inode>()
  /** Names that an inode had: a descriptor's path is read before its call is done. */
  readonly #formerNames = new Map<string, Inode>()
  readonly #contents = new Map<number, Buffer>()
  /** Where the descriptors of processes stand, by process and descriptor; those that append are not here. */
  readonly #positions = new Map<string, { readonly inode: Inode; at: number }>()
  /** Lines at which events had ended, for what a sync covers. */
  readonly #lines: number[] = []
  readonly #makers = new Map<number, Inode[]>()
  readonly #deliveries = new Map<string, { key: string | undefined; recipient: string }>()
  #inodes = 0

  constructor(trace: string, root: string, watched: Watched) {
    this.#watched = watched
    this.#marksDirectory = `${root}/marks`
    const calls = parseCalls(trace)
    for (const call of calls) this.#noteChild(call)
    const early = (call: Call): boolean => call.name === 'exit_group' || call.name.startsWith('write')
    // Who hears an answer may act before the call that gave it has returned.
    const items = calls.flatMap((call) => [
      { line: call.end, act: () => this.#ended(call) },
      ...(early(call) ? [{ line: call.begin - 0.5, act: () => this.#spoken(call) }] : []),
    ])
    items.sort((a, b) => a.line - b.line)
    for (const { line, act } of items) {
      const before = this.events.length
      act()
      for (let index = before; index < this.events.length; index += 1) this.#lines.push(line)
    }
  }

  /** All of the events of an inode's bytes among the first `count`. */
  static dataOf(events: readonly DiskEvent[]): Map<number, DataEvent[]> {
    const data = new Map<number, DataEvent[]>()
    for (const event of events) if (isData(event)) data.set(event.inode.id, [...(data.get(event.inode.id) ?? []), event])
    return data
  }

  #noteChild({ thread, name, args, result }: Call): void {
    if (!/^(clone3?|v?fork)$/.test(name) || !/^\d+/.test(result)) return
    const shares = args.some((arg) => arg.includes('CLONE_THREAD'))
    this.#parents.set(Number.parseInt(result, 10), { thread, shares })
  }

  #processOf(thread: number): Process {
    const known = this.#processes.get(thread)
    if (known !== undefined) return known
    const parent = this.#parents.get(thread)
    const above = parent === undefined ? { id: thread, cwd: '/' } : this.#processOf(parent.thread)
    const process = parent?.shares === true ? above : { id: thread, cwd: above.cwd }
    this.#processes.set(thread, process)
    return process
  }

  /** What is said to others counts from the moment it is said. */
  #spoken({ thread, name, args }: Call): void {
    const process = this.#processOf(thread)
    if (name === 'exit_group') {
      if (args[0] === '0') for (const inode of this.#makers.get(process.id) ?? []) if (inode.fs === 'queue') this.#acknowledge(inode)
      return
    }
    if (this.#watchedPath(pathOf(args[0] ?? '')) !== undefined) return
    const bytes = writtenBytes(name, args)
    for (const number of acceptedIn(bytes)) {
      const inode = this.#names.get(messPath(number))
      if (inode !== undefined) this.#acknowledge(inode)
    }
    this.#readLog(bytes.toString('latin1'))
  }

  #acknowledge(inode: Inode): void {
    const key = this.#keyOf(inode)
    const known = this.events.some((event) => event.kind === 'acknowledged' && event.key === key)
    if (key !== undefined && !known) this.events.push({ kind: 'acknowledged', key })
  }

  /** Which message it is, by its header. */
  #keyOf(inode: Inode): string | undefined {
    return keyIn(this.#contents.get(inode.id) ?? Buffer.alloc(0))
  }

  #readLog(text: string): void {
    for (const line of text.split('\n')) {
      const [, number, message = '', recipient = ''] = /^starting delivery (\d+): msg (\d+) to (?:local|remote) (\S+)$/.exec(line) ?? []
      const inode = this.#names.get(messPath(message))
      if (number !== undefined && inode !== undefined) this.#deliveries.set(number, { key: this.#keyOf(inode), recipient })
      const { key, recipient: reached } = this.#deliveries.get(/^delivery (\d+): success/.exec(line)?.[1] ?? '') ?? {}
      if (key === undefined || reached === undefined) continue
      const known = this.events.some((event) => event.kind === 'finished' && event.key === key && event.recipient === reached)
      if (!known) this.events.push({ kind: 'finished', key, recipient: reached })
    }
  }

  #ended(call: Call): void {
    const { thread, name, args, result } = call
    if (result.startsWith('-1') || result === '?') return
    const process = this.#processOf(thread)
    const at = (index: number): string | undefined => {
      const base = name.endsWith('at') || name === 'renameat2' ? pathOf(args[index] ?? '') : process.cwd
      const path = bytesOf(args[name.endsWith('at') || name === 'renameat2' ? index + 1 : index] ?? '').toString('latin1')
      return this.#watchedPath(posix.resolve(base ?? process.cwd, path))
    }
    switch (name) {
      case 'chdir':
        process.cwd = posix.resolve(process.cwd, bytesOf(args[0] ?? '').toString('latin1'))
        break
      case 'fchdir':
        process.cwd = pathOf(args[0] ?? '') ?? process.cwd
        break
      case 'openat':
        this.#opened(this.#watchedPath(pathOf(result)), args[2] ?? '', process, result)
        break
      case 'open':
      case 'creat':
        this.#opened(this.#watchedPath(pathOf(result)), name === 'creat' ? 'O_CREAT|O_TRUNC' : (args[1] ?? ''), process, result)
        break
      case 'write':
      case 'pwrite64':
      case 'writev':
      case 'pwritev':
        this.#written(call, process)
        break
      case 'ftruncate':
        this.#truncated(this.#watchedPath(pathOf(args[0] ?? '')), Number(args[1]))
        break
      case 'fsync':
      case 'fdatasync':
        this.#synced(this.#watchedPath(pathOf(args[0] ?? '')), call.begin)
        break
      case 'rename':
        this.#moved('rename', at(0), at(1))
        break
      case 'renameat':
      case 'renameat2':
        this.#moved('rename', at(0), at(2))
        break
      case 'link':
        this.#moved('link', at(0), at(1))
        break
      case 'linkat':
        this.#moved('link', at(0), at(2))
        break
      case 'unlink':
      case 'unlinkat':
        this.#unlinked(at(0))
        break
      case 'mkdir':
      case 'mkdirat':
        this.#made(name === 'mkdir' ? posix.resolve(process.cwd, bytesOf(args[0] ?? '').toString('latin1')) : undefined)
        break
      case 'truncate':
      case 'fallocate':
      case 'sync_file_range':
      case 'sendfile':
      case 'copy_file_range':
        if (args.some((arg) => this.#watchedPath(pathOf(arg)) !== undefined)) throw new Error(`${name} on a watched file is not understood`)
    }
  }

  #watchedPath(path: string | undefined): string | undefined {
    if (path === undefined) return undefined
    for (const [directory, name] of this.#watched)
      if (path.startsWith(`${directory}/`)) return `${name}/${path.slice(directory.length + 1)}`
    return undefined
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path) ?? this.#formerNames.get(path)
    if (inode === undefined) throw new Error(`${path} was there before the recording`)
    return inode
  }

  #opened(path: string | undefined, flags: string, process: Process, descriptor: string): void {
    if (path === undefined) return
    const present = this.#names.get(path)
    if (present === undefined && flags.includes('O_CREAT')) this.#create(path, process)
    else if (flags.includes('O_TRUNC')) this.#truncated(path, 0)
    const inode = this.#names.get(path)
    const key = `${process.id} ${Number.parseInt(descriptor, 10)}`
    if (inode === undefined || flags.includes('O_APPEND')) this.#positions.delete(key)
    else this.#positions.set(key, { inode, at: 0 })
  }

  #create(path: string, process: Process): void {
    this.#inodes += 1
    const inode = { id: this.#inodes, fs: path.split('/')[0] ?? '' }
    this.#names.set(path, inode)
    this.events.push({ kind: 'create', inode, path })
    this.#makers.set(process.id, [...(this.#makers.get(process.id) ?? []), inode])
  }

  /** Where the descriptor stands; at the end, if it was opened to append, or by another process. */
  #written({ name, args, result }: Call, process: Process): void {
    const path = this.#watchedPath(pathOf(args[0] ?? ''))
    if (path === undefined || path.startsWith('queue/lock/')) return
    const inode = this.#inode(path)
    const bytes = writtenBytes(name, args).subarray(0, Number.parseInt(result, 10))
    const position = this.#positions.get(`${process.id} ${Number.parseInt(args[0] ?? '', 10)}`)
    const stands = position?.inode === inode ? position : undefined
    const offset = name.startsWith('p') ? Number(args[3]) : (stands?.at ?? this.#contents.get(inode.id)?.length ?? 0)
    if (stands !== undefined && !name.startsWith('p')) stands.at += bytes.length
    this.#change({ kind: 'write', inode, offset, bytes })
  }

  #truncated(path: string | undefined, size: number): void {
    if (path === undefined) return
    const inode = this.#inode(path)
    if ((this.#contents.get(inode.id)?.length ?? 0) !== size) this.#change({ kind: 'truncate', inode, size })
  }

  #change(event: DataEvent): void {
    this.#contents.set(event.inode.id, applied(this.#contents.get(event.inode.id) ?? Buffer.alloc(0), event))
    this.events.push(event)
  }

  #synced(path: string | undefined, begin: number): void {
    if (path === undefined || path.startsWith('queue/lock/')) return
    const inode = this.#names.get(path) ?? this.#formerNames.get(path)
    const covers = this.#lines.findLastIndex((line) => line < begin) + 1
    const target = inode === undefined ? { directory: path } : { inode }
    this.events.push({ kind: 'sync', fs: path.split('/')[0] ?? '', target, covers })
  }

  #moved(kind: 'rename' | 'link', path: string | undefined, to: string | undefined): void {
    if (path === undefined && to === undefined) return
    if (path === undefined || to === undefined) throw new Error(`${kind} ${path ?? to} from or to a place that is not watched`)
    const inode = this.#inode(path)
    if (kind === 'rename') this.#forget(path)
    this.#names.set(to, inode)
    this.events.push({ kind, inode, path, to })
  }

  #unlinked(path: string | undefined): void {
    const inode = path === undefined ? undefined : this.#names.get(path)
    if (path === undefined || inode === undefined) return // a directory, or what was there before: the home is cleared away
    this.#forget(path)
    this.events.push({ kind: 'unlink', inode, path })
  }

  #forget(path: string): void {
    const inode = this.#names.get(path)
    if (inode !== undefined) this.#formerNames.set(path, inode)
    this.#names.delete(path)
  }

  #made(path: string | undefined): void {
    if (path !== undefined && dirname(path) === this.#marksDirectory) {
      this.marks.push({ name: posix.basename(path), at: this.events.length, names: new Map(this.#names) })
    }
  }
}
