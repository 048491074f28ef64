/**
 * Read what strace wrote (-f -y -xx, one file for all processes): the calls in the order in which they began and ended.
 *
 * strace stops a process before and after each call and writes as it goes, so the lines are in one total order for all
 * processes: a call begins at the line with its arguments and has ended at the line with its result.
 */
export interface Call {
  /** Number of the thread. */
  readonly thread: number
  readonly name: string
  /** As strace writes them, split at the commas between them. */
  readonly args: readonly string[]
  /** What stands behind the `=`: `3</tmp/x>`, `-1 ENOENT (...)`, `?`. */
  readonly result: string
  /** Lines at which it began and had ended. */
  readonly begin: number
  readonly end: number
}

/** Calls in the order of their ends. Those that never ended are left out, but for exit_group, which never does. */
export function parseCalls(text: string): Call[] {
  const calls: Call[] = []
  const open = new Map<number, { name: string; start: string; begin: number }>()
  for (const [number, line] of text.split('\n').entries()) {
    const [, id, rest] = /^(\d+) +(?:[\d.]+ )?(.*)$/.exec(line) ?? []
    if (id === undefined || rest === undefined) continue
    const thread = Number(id)
    const resumed = /^<\.\.\. (\w+) resumed>(.*)$/.exec(rest)
    const begun = /^(\w+)\((.*)$/.exec(rest)
    if (resumed !== null) {
      const start = open.get(thread)
      open.delete(thread)
      if (start !== undefined) calls.push(whole(thread, start.name, start.start + resumed[2], start.begin, number))
    } else if (begun !== null) {
      const [, name = '', after = ''] = begun
      const cut = / ?<unfinished \.\.\.>$/.exec(after)
      if (cut === null) calls.push(whole(thread, name, after, number, number))
      else open.set(thread, { name, start: after.slice(0, cut.index), begin: number })
    }
  }
  return calls
}

function whole(thread: number, name: string, text: string, begin: number, end: number): Call {
  const cut = text.lastIndexOf(') ')
  const result = /= (.*)$/.exec(text.slice(cut))?.[1] ?? '?'
  return { thread, name, args: splitArguments(text.slice(0, cut)), result, begin, end }
}

/** Strings and paths are in hexadecimal and hold no comma, bracket or quote. */
function splitArguments(text: string): string[] {
  const args: string[] = []
  let depth = 0
  let start = 0
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at]
    if (letter === '[' || letter === '{') depth += 1
    else if (letter === ']' || letter === '}') depth -= 1
    else if (letter === ',' && depth === 0) {
      args.push(text.slice(start, at).trim())
      start = at + 1
    }
  }
  const last = text.slice(start).trim()
  return last === '' ? args : [...args, last]
}

/** The bytes of `"\x41\x42"`. @throws Error if strace has cut it short */
export function bytesOf(argument: string): Buffer {
  const [, hex, more] = /^"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?$/.exec(argument) ?? []
  if (hex === undefined || more !== undefined) throw new Error(`not a whole string: ${argument.slice(0, 80)}`)
  return Buffer.from(hex.replaceAll('\\x', ''), 'hex')
}

/** The path that strace's -y names behind a descriptor or behind AT_FDCWD; undefined for what has none. */
export function pathOf(argument: string): string | undefined {
  const hex = /<((?:\\x[0-9a-f]{2})+)>$/.exec(argument)?.[1]
  if (hex === undefined) return undefined
  const path = Buffer.from(hex.replaceAll('\\x', ''), 'hex').toString('latin1')
  return path.startsWith('/') ? path : undefined
}
