/**
 * Lines of control/milters: `inet:HOST:PORT` or `unix:PATH`, then perhaps `name=`, `timeout=30/30/300`, `default=` with
 * accept, tempfail or reject, and `skip=relay`.
 */
import { readList } from '@yabumi/control'
import { milterCommandSeconds, milterConnectSeconds, milterContentSeconds } from '@yabumi/limits'

export interface Milter {
  readonly address: { readonly host: string; readonly port: number } | { readonly path: string }
  /** What the log calls it. */
  readonly name: string
  /** To connect, for each command, and for the end of the message. */
  readonly seconds: { readonly connect: number; readonly command: number; readonly content: number }
  /** What becomes of a message that it cannot judge. */
  readonly otherwise: 'accept' | 'tempfail' | 'reject'
  /** Whether it sees nothing of clients that may relay. */
  readonly skipsRelay: boolean
}

const inet = /^inet:(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):([0-9]{1,5})$/
const largestPort = 65_535

/** @returns undefined if it is no such line */
export function parseMilter(line: string): Milter | undefined {
  const [place = '', ...words] = line.split(/[ \t]+/)
  const [, v6, host = v6, port] = inet.exec(place) ?? []
  const [, path] = /^unix:(.+)$/.exec(place) ?? []
  const address =
    host !== undefined && Number(port) <= largestPort ? { host, port: Number(port) } : path === undefined ? undefined : { path }
  if (address === undefined) return undefined
  const options = new Map(words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] as const))
  const known = words.length === options.size && [...options.keys()].every((key) => ['name', 'timeout', 'default', 'skip'].includes(key))
  const seconds = secondsOf(options.get('timeout') ?? `${milterConnectSeconds}/${milterCommandSeconds}/${milterContentSeconds}`)
  const otherwise = options.get('default') ?? 'tempfail'
  const isAction = otherwise === 'accept' || otherwise === 'tempfail' || otherwise === 'reject'
  const skip = options.get('skip')
  if (!known || seconds === undefined || !isAction || (skip !== undefined && skip !== 'relay')) return undefined
  return { address, name: options.get('name') ?? place, seconds, otherwise, skipsRelay: skip === 'relay' }
}

function secondsOf(text: string): Milter['seconds'] | undefined {
  const numbers = /^([1-9][0-9]{0,3})\/([1-9][0-9]{0,3})\/([1-9][0-9]{0,3})$/.exec(text)?.slice(1).map(Number)
  const [connect, command, content] = numbers ?? []
  return connect === undefined || command === undefined || content === undefined ? undefined : { connect, command, content }
}

/**
 * Read control/milters. A line that is none leaves the last good reading; at first nothing is taken.
 *
 * @param before - the last good reading
 * @returns undefined where there is nothing but a bad line, so that mail waits: a filter may be what keeps something out
 * @throws Trouble 4.3.0 if it cannot be read
 */
export function readMilters(before: readonly Milter[] | undefined): readonly Milter[] | undefined {
  const milters = (readList('milters') ?? []).map(parseMilter)
  const good = milters.filter((milter) => milter !== undefined)
  return good.length < milters.length ? before : good
}
