/**
 * What a disk is here: names that lead to inodes, inodes that hold bytes, and the order in which calls changed either.
 *
 * Paths are relative to the recorded tree: `queue/todo/457`, `boxes/t000003/a/new/1.2.host`. Their first part is the file system that
 * they are on: each has a journal of its own.
 */
import { dirname } from 'node:path'

export interface Inode {
  readonly id: number
  readonly fs: string
}

/** A directory entry: what it led to before and after is in the events. */
export type NameEvent =
  | { readonly kind: 'create' | 'unlink'; readonly inode: Inode; readonly path: string }
  | { readonly kind: 'link' | 'rename'; readonly inode: Inode; readonly path: string; readonly to: string }

export type DataEvent =
  | { readonly kind: 'write'; readonly inode: Inode; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly inode: Inode; readonly size: number }

/** A sync that has ended: it covers what had ended when it began, which are the first `covers` events. */
export interface SyncEvent {
  readonly kind: 'sync'
  readonly fs: string
  readonly target: { readonly inode: Inode } | { readonly directory: string }
  readonly covers: number
}

/** Somebody is told: the message with this key is accepted; the delivery of it to a recipient has succeeded, says the log. */
export type WordEvent =
  | { readonly kind: 'acknowledged'; readonly key: string }
  | { readonly kind: 'finished'; readonly key: string; readonly recipient: string }

export type DiskEvent = NameEvent | DataEvent | SyncEvent | WordEvent

/** What a crash leaves: every file, by path. Two names of one inode have the same number. */
export type Tree = ReadonlyMap<string, { readonly inode: number; readonly bytes: Buffer }>

export function isName(event: DiskEvent): event is NameEvent {
  return event.kind === 'create' || event.kind === 'unlink' || event.kind === 'link' || event.kind === 'rename'
}

export function isData(event: DiskEvent): event is DataEvent {
  return event.kind === 'write' || event.kind === 'truncate'
}

/** The directories whose entries it changes. */
export function directoriesOf(event: NameEvent): string[] {
  return event.kind === 'link' || event.kind === 'rename' ? [dirname(event.path), dirname(event.to)] : [dirname(event.path)]
}

/** What a crash does to bytes of a file that were not synced. */
export type Loss = 'full' | 'none' | 'short' | 'zero'

/**
 * The tree that some events leave.
 *
 * @param names - the name events that have reached the disk, in order
 * @param contents - the bytes of an inode
 */
export function treeOf(names: Iterable<NameEvent>, contents: (inode: Inode) => Buffer): Tree {
  const entries = new Map<string, Inode>()
  for (const event of names) {
    switch (event.kind) {
      case 'create':
        entries.set(event.path, event.inode)
        break
      case 'unlink':
        entries.delete(event.path)
        break
      case 'rename':
        entries.delete(event.path)
        entries.set(event.to, event.inode)
        break
      case 'link':
        entries.set(event.to, event.inode)
    }
  }
  return new Map([...entries].map(([path, inode]) => [path, { inode: inode.id, bytes: contents(inode) }]))
}

/**
 * What an inode holds.
 *
 * @param durable - how many of its events are on the disk for sure
 * @param loss - `full`: all of them; `none`: only those; `short`: half of the rest; `zero`: the length of all, but what a file has
 *   grown by since is NUL bytes
 */
export function contentsAfter(events: readonly DataEvent[], durable: number, loss: Loss): Buffer {
  if (loss === 'full' || durable === events.length) return apply(events)
  const safe = apply(events.slice(0, durable))
  if (loss === 'none') return safe
  const rest = events.slice(durable)
  const whole = apply(events)
  if (loss === 'zero') return Buffer.concat([safe.subarray(0, whole.length), Buffer.alloc(Math.max(0, whole.length - safe.length))])
  if (rest.length > 1) return apply(events.slice(0, durable + Math.floor(rest.length / 2)))
  return whole.length > safe.length ? whole.subarray(0, safe.length + Math.floor((whole.length - safe.length) / 2)) : safe
}

function apply(events: readonly DataEvent[]): Buffer {
  return events.reduce(applied, Buffer.alloc(0))
}

/** The bytes of a file after one more event. */
export function applied(bytes: Buffer, event: DataEvent): Buffer {
  const size = event.kind === 'truncate' ? event.size : Math.max(bytes.length, event.offset + event.bytes.length)
  const after = Buffer.alloc(size)
  bytes.copy(after)
  if (event.kind === 'write') event.bytes.copy(after, event.offset)
  return after
}
