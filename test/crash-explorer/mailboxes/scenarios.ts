/**
 * What a client does, and what it knows then: which mailboxes there are, and which message has which UID.
 *
 * Messages are `m1`, `m2` ...; INBOX has the first three at the beginning, and `Old` none.
 */
export interface Box {
  /** UIDVALIDITY; empty until it is told. */
  readonly validity: string
  /** MAILBOXID, if it was told. */
  readonly id?: string
  readonly messages: ReadonlyMap<number, string>
}

/** What a client knows after a command. */
export interface World {
  readonly boxes: ReadonlyMap<string, Box>
  readonly subscribed: ReadonlySet<string>
}

/** What the server said to one command. */
export interface Said {
  readonly tagged: string
  readonly untagged: readonly string[]
}

export interface Step {
  readonly say: string
  /** The world afterwards; the same if it is not given. */
  readonly after?: (world: World, said: Said) => World
}

export interface MailScenario {
  readonly name: string
  /** Commands of one session after the other. */
  readonly sessions: readonly (readonly Step[])[]
  /** Modseqs of INBOX have come so far, beyond the time in seconds. */
  readonly modseq?: number
}

export function messageText(id: string): string {
  return `X-Id: ${id}\nSubject: message ${id}\n\n${`line of ${id}\n`.repeat(12)}end of ${id}\n`
}

function withBox(world: World, name: string, box: Box | undefined): World {
  const boxes = new Map(world.boxes)
  if (box === undefined) boxes.delete(name)
  else boxes.set(name, box)
  return { ...world, boxes }
}

function uidsIn(set: string): number[] {
  return set.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split(':').map(Number)
    return Array.from({ length: last - first + 1 }, (_, at) => first + at)
  })
}

const plain = (say: string): Step => ({ say })

function append(box: string, ids: readonly string[], flags = ''): Step {
  const literal = (id: string): string => {
    const text = messageText(id).replaceAll('\n', '\r\n')
    return `(${flags}) {${text.length}+}\r\n${text}`
  }
  return {
    say: `APPEND ${box} ${ids.map(literal).join(' ')}`,
    after: (world, { tagged }) => {
      const [, validity = '', set = ''] = /APPENDUID (\d+) (\S+)\]/.exec(tagged) ?? []
      const messages = new Map(world.boxes.get(box)?.messages)
      uidsIn(set).forEach((uid, at) => {
        messages.set(uid, ids[at] as string)
      })
      return withBox(world, box, { ...world.boxes.get(box), validity, messages })
    },
  }
}

/** @param from - the selected mailbox */
function transfer(how: 'COPY' | 'MOVE', from: string, uids: string, to: string): Step {
  return {
    say: `UID ${how} ${uids} ${to}`,
    after: (world, { tagged, untagged }) => {
      const [, validity = '', old = '', fresh = ''] = /COPYUID (\d+) (\S+) (\S+)\]/.exec([tagged, ...untagged].join('\n')) ?? []
      const source = world.boxes.get(from) as Box
      const messages = new Map(world.boxes.get(to)?.messages)
      const left = new Map(source.messages)
      const numbers = uidsIn(fresh)
      for (const [at, uid] of uidsIn(old).entries()) {
        messages.set(numbers[at] as number, source.messages.get(uid) as string)
        if (how === 'MOVE') left.delete(uid)
      }
      return withBox(withBox(world, from, { ...source, messages: left }), to, { ...world.boxes.get(to), validity, messages })
    },
  }
}

function expunge(from: string, uid: number): Step[] {
  const after = (world: World): World => {
    const box = world.boxes.get(from) as Box
    return withBox(world, from, { ...box, messages: new Map([...box.messages].filter(([each]) => each !== uid)) })
  }
  return [plain(`UID STORE ${uid} +FLAGS.SILENT (\\Deleted)`), { say: `UID EXPUNGE ${uid}`, after }]
}

const create = (name: string): Step => ({
  say: `CREATE ${name}`,
  after: (world, { tagged }) => {
    const [, id = ''] = /MAILBOXID \((\w+)\)/.exec(tagged) ?? []
    return withBox(world, name, { validity: '', id, messages: new Map() })
  },
})

const remove = (name: string): Step => ({ say: `DELETE ${name}`, after: (world) => withBox(world, name, undefined) })

const rename = (from: string, to: string): Step => ({
  say: `RENAME ${from} ${to}`,
  after: (world) => ({
    ...world,
    boxes: new Map(
      [...world.boxes].map(([name, box]) => [name === from || name.startsWith(`${from}/`) ? to + name.slice(from.length) : name, box]),
    ),
  }),
})

const subscribe = (name: string): Step => ({
  say: `SUBSCRIBE ${name}`,
  after: (world) => ({ ...world, subscribed: new Set([...world.subscribed, name]) }),
})

const inbox = plain('SELECT INBOX (CONDSTORE)')

export const mailScenarios: readonly MailScenario[] = [
  { name: 'APPEND', sessions: [[append('INBOX', ['m4'], '\\Seen'), append('Old', ['m5'])]] },
  { name: 'APPEND to the selected mailbox', sessions: [[inbox, append('INBOX', ['m4']), plain('NOOP')]] },
  { name: 'MULTIAPPEND', sessions: [[append('INBOX', ['m4', 'm5', 'm6'])]] },
  { name: 'COPY', sessions: [[inbox, transfer('COPY', 'INBOX', '1:2', 'Old'), transfer('COPY', 'INBOX', '3', 'INBOX')]] },
  { name: 'MOVE', sessions: [[inbox, transfer('MOVE', 'INBOX', '1,3', 'Old')]] },
  {
    name: 'MOVE there and back',
    sessions: [[inbox, transfer('MOVE', 'INBOX', '2', 'Old'), plain('SELECT Old'), transfer('MOVE', 'Old', '1', 'INBOX')]],
  },
  { name: 'EXPUNGE', sessions: [[inbox, ...expunge('INBOX', 2), plain('NOOP')]] },
  {
    name: 'APPEND after EXPUNGE of the last',
    sessions: [[inbox, append('INBOX', ['m4']), ...expunge('INBOX', 4), append('INBOX', ['m5'])]],
  },
  {
    name: 'STORE of flags and keywords',
    sessions: [
      [inbox, plain('UID STORE 1:2 +FLAGS (\\Flagged work)'), plain('UID STORE 2 FLAGS (later)'), plain('UID STORE 3 +FLAGS (work)')],
    ],
  },
  { name: 'APPEND with a new keyword', sessions: [[append('INBOX', ['m4'], 'work'), append('INBOX', ['m5'], 'later work')]] },
  { name: 'CREATE', sessions: [[create('New'), subscribe('New'), append('New', ['m4']), create('New/Below')]] },
  { name: 'RENAME', sessions: [[append('Old', ['m4']), rename('Old', 'Kept'), append('Kept', ['m5'])]] },
  {
    name: 'RENAME of several',
    sessions: [
      [create('Old/Below'), append('Old/Below', ['m4']), append('Old', ['m5']), rename('Old', 'Kept'), append('Kept/Below', ['m6'])],
    ],
  },
  { name: 'DELETE and CREATE of one name', sessions: [[append('Old', ['m4', 'm5']), remove('Old'), create('Old'), append('Old', ['m6'])]] },
  { name: 'DELETE', sessions: [[append('Old', ['m4']), remove('Old'), plain('NOOP')]] },
  {
    name: 'modseqs',
    modseq: 4_000_000_000,
    sessions: [
      [inbox, plain('UID STORE 1 +FLAGS (\\Flagged)'), plain('UID STORE 2 +FLAGS (\\Seen)')],
      [inbox, plain('UID STORE 3 +FLAGS (\\Flagged)')],
    ],
  },
  {
    name: 'two sessions, one after the other',
    sessions: [[append('INBOX', ['m4'])], [inbox, append('INBOX', ['m5']), ...expunge('INBOX', 5), append('INBOX', ['m6'])]],
  },
]

/** Keywords that a scenario's client gives to anybody; all others are wrong. */
export const keywords: ReadonlySet<string> = new Set(['work', 'later'])
