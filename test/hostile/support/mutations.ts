/** Faults that the tests of limits, protocols, smuggling, memory and of a world that misbehaves must find: a rule left out of a program. */
import type { Edit } from '../../support/plant.ts'
import { accountMutations } from './accountmutations.ts'
import { forgeryMutations } from './forgerymutations.ts'
import { imapMutations } from './imapmutations.ts'
import { localMutations } from './localmutations.ts'
import { loginMutations } from './loginmutations.ts'
import { recipientMutations } from './recipientmutations.ts'
import { stoppingMutations } from './stoppingmutations.ts'

export interface Mutation {
  readonly what: string
  readonly edits: readonly Edit[]
  /** The file in test/hostile, and the beginning of the name of the test in it. */
  readonly file: string
  readonly test: string
}

const decode = 'smtp/src/decode.ts'
const encode = 'smtp/src/encode.ts'

/** One more than a limit allows. */
function oneMore(file: string, find: string, limit: string): Edit {
  return { file, find, replace: find.replace(limit, `${limit} + 1`) }
}

const smuggling: readonly Omit<Mutation, 'file'>[] = [
  {
    what: 'smtpd: CR LF . LF ends the data',
    edits: [
      {
        file: decode,
        find: "if (second === LF) this.#state = 'bare-lf'\n",
        replace: "if (second === LF) { this.#state = 'ended'; this.#rest = bytes.subarray(at + 2) }\n",
      },
    ],
    test: 'as a server',
  },
  {
    what: 'smtpd: CR LF . CR ends the data, whatever follows',
    edits: [
      {
        file: decode,
        find: 'else if (bytes[at + 2] !== LF) return at\n',
        replace: "else if (bytes[at + 2] !== LF) { this.#state = 'ended'; this.#rest = bytes.subarray(at + 2) }\n",
      },
    ],
    test: 'as a server',
  },
  {
    what: 'smtpd: an LF without a CR is a line end',
    edits: [{ file: decode, find: 'if (end === position || bytes[end - 1] !== CR) {', replace: 'if (end === position) {' }],
    test: 'as a server',
  },
  {
    what: 'rspawn: a lone CR is sent as it is',
    edits: [{ file: encode, find: 'if (byte === CR || byte === LF) {', replace: 'if (byte === LF) {' }],
    test: 'as a client, what',
  },
  {
    what: 'rspawn: the dot behind a lone CR is not doubled',
    edits: [
      {
        file: encode,
        find: 'this.#atLineStart = true\n        this.#returns',
        replace: 'this.#atLineStart = byte === LF\n        this.#returns',
      },
    ],
    test: 'as a client, what',
  },
]

const chunks: readonly Omit<Mutation, 'file'>[] = [
  {
    what: 'smtpd: a dot ends the data of BDAT',
    edits: [{ file: decode, find: 'if (this.#atLineStart && !this.#isCounted && bytes', replace: 'if (this.#atLineStart && bytes' }],
    test: 'what goes over',
  },
]

const limits: readonly Omit<Mutation, 'file'>[] = [
  {
    what: 'popup: one connection too many is served',
    edits: [oneMore('loginfront/src/resident.ts', 'connections: popConnections,', 'popConnections')],
    test: 'popup serves',
  },
  {
    what: 'popup: who does not log in keeps its place',
    edits: [{ file: 'loginfront/src/resident.ts', find: '    giveWay: (socket) => server.giveWay(socket),\n', replace: '' }],
    test: 'popup serves',
  },
  {
    what: 'popup: one connection too many of one client is served',
    edits: [oneMore('loginfront/src/resident.ts', 'connectionsPerClient: popConnectionsPerClient,', 'popConnectionsPerClient')],
    test: 'one client address',
  },
  {
    what: 'popup: one byte too many is read before login',
    edits: [oneMore('loginclient/src/client.ts', 'this.#bytes > popLoginBytes', 'popLoginBytes')],
    test: 'before login',
  },
  {
    what: 'setpassword: a password is one byte too long',
    edits: [oneMore('password/src/rules.ts', 'password.length > passwordBytes', 'passwordBytes')],
    test: 'login and password',
  },
  {
    what: 'queue: an account has any number of connections',
    edits: [{ file: 'queue/src/crowd.ts', find: 'most: queueConnectionsPerAccount', replace: 'most: Number.POSITIVE_INFINITY' }],
    test: 'an account has',
  },
  {
    what: 'queue: an address is one byte too long',
    edits: [oneMore('envelope/src/scanner.ts', 'this.#length > addressBytes', 'addressBytes')],
    test: 'an address in',
  },
  {
    what: 'smtpd: a command line of any length is kept',
    edits: [{ file: 'smtp/src/commandlines.ts', find: 'this.#overflowed || length > commandLineBytes', replace: 'false' }],
    test: 'a line of',
  },
]

const shares: readonly Omit<Mutation, 'file'>[] = [
  {
    what: 'send: one more than its share of the slots goes to a destination',
    edits: [
      {
        file: 'send/src/try/shares.ts',
        find: 'return this.#fast.size < this.#plain ?',
        replace: 'return this.#fast.size <= this.#plain ?',
      },
    ],
    test: 'one domain holds',
  },
  {
    what: 'send: a user is a name, not an account',
    edits: [
      {
        file: 'send/src/try/recipientusers.ts',
        find: 'const uid = this.#tables.uidOf(local)',
        replace: 'const uid = Number.NaN && this.#tables.uidOf(local)',
      },
    ],
    test: 'programs of one user',
  },
  {
    what: 'send: one bounce too many has a slot',
    edits: [{ file: 'send/src/try/shares.ts', find: 'this.#doubtful < half(slots)', replace: 'this.#doubtful <= half(slots)' }],
    test: 'bounces hold half',
  },
  {
    what: 'send: what a stranger sends through a .qmail counts as the own mail of its user',
    edits: [{ file: 'send/src/try/origin.ts', find: '&& invokedByUser.test(firstLine(id))', replace: '&& firstLine(id) === undefined' }],
    test: 'what strangers send',
  },
  {
    what: 'rspawn: a newcomer goes where others are under way',
    edits: [{ file: 'rspawn/src/dispatch.ts', find: 'this.#networks.heldOf(addresses)', replace: 'this.#networks.heldOf([])' }],
    test: 'twenty domains',
  },
  {
    what: 'send: the share is not looked at within a message',
    edits: [
      {
        file: 'send/src/try/pass.ts',
        find: 'this.#shares.admits(name, job.doubtful)) {\n      this',
        replace: 'this.#shares.hasRoom) {\n      this',
      },
    ],
    test: 'one message to many',
  },
]

const protocols: readonly Omit<Mutation, 'file'>[] = [
  {
    what: 'qmtpd, qmqpd: one recipient too many is kept',
    edits: [
      {
        file: 'netstringserver/src/budget.ts',
        find: '#left = netstringEnvelopeBytes',
        replace: '#left = netstringEnvelopeBytes + 2 * recipientCost',
      },
    ],
    test: 'QMTP and QMQP keep',
  },
  {
    what: 'qmtpd, qmqpd: the hour begins anew with each piece',
    edits: [
      {
        file: 'netstringserver/src/connection.ts',
        find: '  setTimeout(() => process.exit(111), net',
        replace: '  patience = setTimeout(() => process.exit(111), net',
      },
      { file: 'netstringserver/src/connection.ts', find: '      yield piece\n', replace: '      patience.refresh()\n      yield piece\n' },
      { file: 'netstringserver/src/connection.ts', find: 'const exitCodes = ', replace: 'let patience\nconst exitCodes = ' },
    ],
    test: 'a QMTP or QMQP client',
  },
  {
    what: 'qmqpc: an address of any length is taken',
    edits: [{ file: 'qmqpc/src/input.ts', find: 'rest.length > qmqpcAddressBytes', replace: 'false' }],
    test: 'qmqpc takes',
  },
  {
    what: 'qmqpc: one byte too many of a message is taken',
    edits: [
      oneMore(
        'qmqpc/src/input.ts',
        'length > qmqpcMessageBytes) throw new QmqpcTrouble(exitCode.outOfMemory)\n    pieces',
        'qmqpcMessageBytes',
      ),
    ],
    test: 'qmqpc takes',
  },
  {
    what: 'qmtpd, qmqpd: what is no netstring is an error like any other, and said so',
    edits: [
      {
        file: 'netstringserver/src/connection.ts',
        find: 'process.exit(error instanceof NetstringTrouble ? exitCodes[error.kind] : 111)',
        replace: 'setImmediate(() => { throw error })',
      },
    ],
    test: 'garbage of every kind',
  },
  {
    what: 'queue: what is no frame ends the program',
    edits: [
      {
        file: 'queue/src/client.ts',
        find: '      this.#shared.complaints.tell(error, performance.now())\n      if',
        replace: '      throw error\n      if',
      },
    ],
    test: 'garbage on the queue socket',
  },
  {
    what: 'popup: an 8-bit command ends the program',
    edits: [
      {
        file: 'loginclient/src/client.ts',
        find: '    this.#line += String',
        replace: "    if (byte > 127) setImmediate(() => { throw new Error('8-bit') })\n    this.#line += String",
      },
    ],
    test: 'garbage on the queue socket',
  },
  {
    what: 'clean: a command that is none ends the program',
    edits: [{ file: 'clean/src/command.ts', find: "  if (match === null) return 'nonsense'\n", replace: '' }],
    test: 'spawn programs',
  },
  {
    what: 'lspawn, rspawn: a command that is too long ends the program with an error',
    edits: [{ file: 'spawnprotocol/src/command.ts', find: "throw new Error('command is too long')", replace: 'process.exit(1)' }],
    test: 'spawn programs',
  },
  {
    what: 'showctl: what is no number ends the program with a stack',
    edits: [
      { file: 'showctl/src/describe.ts', find: 'readDigits(setting.name)', replace: 'readLine(setting.name)' },
      {
        file: 'showctl/src/describe.ts',
        find: '  } catch {\n    return trouble',
        replace: '  } catch (error) {\n    throw error\n    return trouble',
      },
    ],
    test: 'garbage in a control file',
  },
  {
    what: 'newu: a line that is no assignment ends the program with another code',
    edits: [{ file: 'newu/src/assign.ts', find: 'if (!/^[=+]/.test(line) ||', replace: 'if ((!/^[=+]/.test(line) && process.exit(1)) ||' }],
    test: 'garbage in users',
  },
]

const world: readonly Omit<Mutation, 'file'>[] = [
  {
    what: 'rspawn: no usable answer means that there is no such host',
    edits: [
      {
        file: 'dns/src/exchanges.ts',
        find: "  if (answer.kind === 'trouble') return { kind: 'trouble' }\n  if (answer.kind !== 'found') return findAddresses",
        replace: "  if (answer.kind === 'trouble') return { kind: 'nohost' }\n  if (answer.kind !== 'found') return findAddresses",
      },
    ],
    test: 'a DNS that lies',
  },
  {
    what: 'rspawn: aliases are followed for ever',
    edits: [{ file: 'dns/src/exchanges.ts', find: 'const aliasLimit = 10\n', replace: 'const aliasLimit = Number.POSITIVE_INFINITY\n' }],
    test: 'a DNS that lies',
  },
  {
    what: 'local: the deadline of a delivery is one of the clock',
    edits: [
      { file: 'maildir/src/deliver.ts', find: 'const deadline = performance.now() +', replace: 'const deadline = Date.now() +' },
      {
        file: 'maildir/src/deliver.ts',
        find: 'if (performance.now() > deadline) throw tooLate()\n    if (sizes',
        replace: 'if (Date.now() > deadline) throw tooLate()\n    if (sizes',
      },
    ],
    test: 'a clock that jumps',
  },
]

const disk: readonly Omit<Mutation, 'file'>[] = [
  {
    what: 'local: a disk that fails is called trouble for good',
    edits: [
      {
        file: 'maildir/src/place.ts',
        find: "new Trouble('4.3.0', 'Temporary error on",
        replace: "new Trouble('5.3.0', 'Temporary error on",
      },
    ],
    test: 'while fsync',
  },
  {
    what: 'local: what did not fit into a Maildir is delivered without it',
    edits: [
      {
        file: 'maildir/src/deliver.ts',
        find: '      writeAll(fd, Buffer.concat([head, message]))',
        replace: '      try { writeAll(fd, Buffer.concat([head, message])) } catch {}',
      },
    ],
    test: 'a full disk',
  },
  {
    what: 'queue: a file system that is read-only is called trouble for good',
    edits: [{ file: 'queue/src/exitcode.ts', find: '  pid: 63,', replace: '  pid: 31,' }],
    test: 'a queue whose file system',
  },
  {
    what: 'queue: a message is acknowledged though nothing of it could be written',
    edits: [
      { file: 'queue/src/client.ts', find: '      else this.#fail(error)\n', replace: '      else this.#answer(exitCode.queued, id)\n' },
      {
        file: 'queue/src/client.ts',
        find: '      this.#fail(error)\n      if (ended',
        replace: "      if (letter === 'C') this.#answer(exitCode.queued, '1')\n      else this.#fail(error)\n      if (ended",
      },
    ],
    test: 'a queue whose file system',
  },
]

const memory: readonly Omit<Mutation, 'file'>[] = [
  {
    what: 'queue: a message is held until it is whole',
    edits: [
      { file: 'queue/src/hold.ts', find: 'const holdBytes = 32_768', replace: 'const holdBytes = 1e12' },
      { file: 'queue/src/hold.ts', find: 'const holdPieces = 64', replace: 'const holdPieces = 1e12' },
    ],
    test: 'a message of',
  },
  {
    what: 'inject: a header becomes any length when its addresses are completed',
    edits: [
      { file: 'inject/src/draft.ts', find: 'new ByteText(rewrittenHeaderBytes,', replace: 'new ByteText(1e12,' },
      { file: 'inject/src/recipients.ts', find: 'new ByteStrings(headerRecipientBytes,', replace: 'new ByteStrings(1e12,' },
    ],
    test: 'inject takes less than \\d+ MB for a header of five million fields',
  },
  {
    what: 'supervise: a server may have all the memory there is',
    edits: [{ file: 'supervise/src/program.ts', find: 'isServer ? limitedGate : gate', replace: 'gate' }],
    test: 'a smtpd that has taken',
  },
]

const localUser: readonly Omit<Mutation, 'file'>[] = [
  {
    what: 'lspawn: a worker has the descriptor 2 of the system',
    edits: [{ file: 'lspawn/src/worker.ts', find: "['pipe', 'pipe', 'pipe', theirs]", replace: "['pipe', 'pipe', 'inherit', theirs]" }],
    test: 'what comes out of descriptor 2',
  },
  {
    what: 'logline: what a user says may have blanks and escapes',
    edits: [{ file: 'logline/src/foreign.ts', find: 'logSafe(line)', replace: 'line' }],
    test: 'what comes out of descriptor 2',
  },
  {
    what: 'supervise, start, lspawn: what is inherited is handed on',
    edits: [{ file: 'posix/src/inherited.ts', find: 'if (fd >= standard) ', replace: 'if (fd < 0) ' }],
    test: 'nothing that was open',
  },
  {
    what: 'lspawn: what a worker’s socket does not take at once is refused',
    edits: [{ file: 'lspawn/src/worker.ts', find: 'if (isTemporary(error)) setTimeout', replace: 'if (this.#isDead) setTimeout' }],
    test: 'F4: as many deliveries at once',
  },
  {
    what: 'local: a worker keeps the groups of root',
    edits: [{ file: 'home/src/accounts.ts', find: '    process.setgroups?.([gid, ...groups])\n', replace: '' }],
    test: 'a delivery has the groups',
  },
  {
    what: 'lspawn: a user has no further groups',
    edits: [{ file: 'lspawn/src/lspawn.ts', find: 'groups: await users.groupsOf(user)', replace: 'groups: []' }],
    test: 'a delivery has the groups',
  },
  {
    what: 'lspawn: it looks at homes itself',
    edits: [{ file: 'lspawn/src/main.ts', find: 'enterHome(), undefined, homes)', replace: 'enterHome(), undefined)' }],
    test: 'F1: a home on a file system',
  },
  {
    what: 'lspawn: a worker is started in a home that does not answer',
    edits: [{ file: 'lspawn/src/lspawn.ts', find: 'if (isNew) await', replace: 'if (user.home === "") await' }],
    test: 'F1: a home on a file system',
  },
]

const openAnything: Edit = { file: 'queuedir/src/open.ts', find: 'flags | careful', replace: 'flags' }

/** What root does as itself, through whatever is there. */
function asRootItself(file: string, find: string, replace = ''): readonly Edit[] {
  return [{ file, find, replace }, openAnything, { file: 'queuedir/src/open.ts', find: 'if (stats.isFile()) return', replace: 'return' }]
}

const tools: readonly Omit<Mutation, 'file'>[] = [
  {
    what: 'qread: root reads the queue as root',
    edits: asRootItself('qread/src/main.ts', "    become('send')\n"),
    test: 'qread',
  },
  {
    what: 'qhold: root holds messages as root',
    edits: asRootItself('queuecare/src/command.ts', "  actAs(accountToBecome('send'))\n"),
    test: 'qhold',
  },
  {
    what: 'qrm: root writes bounces as root',
    edits: asRootItself('queuecare/src/command.ts', "  actAs(accountToBecome('send'))\n"),
    test: 'qrm --yes --bounce',
  },
  {
    what: 'tcpok: root clears the table as root',
    edits: asRootItself('tcpok/src/main.ts', "    become('remote')\n"),
    test: 'tcpok',
  },
  {
    what: 'explain: root looks at the queue as root',
    edits: [{ file: 'home/src/acting.ts', find: 'account.uid === uid) return', replace: 'account.uid !== uid) return' }],
    test: 'explain 4617 \\(S5',
  },
  {
    what: 'qcheck: root gives away what has another name elsewhere',
    edits: [{ file: 'qcheck/src/settle.ts', find: '&& stats.nlink > names', replace: '&& false' }],
    test: 'qcheck --fix \\(S5',
  },
  {
    what: 'newu, newmrh, maildir2mbox, maildirmake: root stays root',
    edits: [{ file: 'home/src/acting.ts', find: 'if (owner !== undefined) {', replace: 'if (owner === null) {' }],
    test: 'what root makes',
  },
  {
    what: 'tools of the queue wait for a FIFO',
    edits: [openAnything],
    test: 'qretry',
  },
]

const locks: readonly Omit<Mutation, 'file'>[] = [
  {
    what: 'supervise: everybody may open its lock',
    edits: [
      { file: 'supervise/src/premises.ts', find: 'lockFlags, 0o600)', replace: 'lockFlags, 0o644)' },
      { file: 'supervise/src/premises.ts', find: 'if (isOurs(stats)) return fd', replace: 'return fd' },
    ],
    test: 'no lock of a home',
  },
  {
    what: 'supervise: a lock that somebody may hold stays the lock',
    edits: [{ file: 'supervise/src/premises.ts', find: 'if (isOurs(stats)) return fd', replace: 'return fd' }],
    test: 'a lock file of supervise that everybody may open is replaced',
  },
]

const message = 'spawnprotocol/src/message.ts'
const theFile: Edit = { file: message, find: 'if (sizeBytes > spareMessageBytes) return fd\n  try', replace: 'return fd\n  try' }

const handed: readonly Omit<Mutation, 'file'>[] = [
  { what: 'handed: lspawn gives away the file that is written over', edits: [theFile], test: 'whoever keeps a message that was del' },
  {
    what: 'handed: the file is given away, and written over though somebody has it open',
    edits: [theFile, { file: 'queue/src/spares.ts', find: ' && isOnlyOpener(fd)', replace: '' }],
    test: 'whoever keeps a message that was del',
  },
  {
    what: 'handed: what is too long to be copied is written over',
    edits: [
      { file: 'queue/src/spares.ts', find: ' && stats.size <= spareMessageBytes', replace: '' },
      { file: 'clean/src/spares.ts', find: " || (kind === 'mess' && statSync(path).size > spareMessageBytes)", replace: '' },
    ],
    test: 'whoever keeps a message that was del',
  },
  {
    what: 'handed: rspawn gives away the file that is written over',
    edits: [
      {
        file: 'rspawn/src/main.ts',
        find: '{ open: openToGive, leaving }',
        replace: '{ open: openMessage, leaving }',
      },
    ],
    test: 'whoever keeps a message that went out',
  },
  {
    what: 'handed: a program in place of remote holds the output of others open',
    edits: [{ file: 'rspawn/src/program.ts', find: 'makePipe(true)', replace: 'makePipe()' }],
    test: 'whoever keeps a message that went out',
  },
  {
    what: 'handed: any lspawn and rspawn passes for ours',
    edits: [
      {
        file: 'home/src/ours.ts',
        find: '    return realpathSync',
        replace: "    if (name !== 'send') return true\n    return realpathSync",
      },
    ],
    test: 'no file is written over where',
  },
]

const fits: Edit = {
  file: 'smtpclient/src/verdict.ts',
  find: "code === good || (good === 'any' && group === 2) ? 'good'",
  replace: "group < 4 ? 'good'",
}
const unbounded: Edit = { file: 'smtpclient/src/connection.ts', find: 'this.#budget -= bytes.length', replace: 'this.#budget -= 0' }

const hosts: readonly Omit<Mutation, 'file'>[] = [
  { what: 'hosts: a message goes out after 250 to DATA', edits: [fits], test: 'A2' },
  {
    what: 'hosts: commands are written though something is unread, and each reply fits',
    edits: [fits, { file: 'smtpclient/src/connection.ts', find: 'if (!this.silent) {\n      const', replace: 'if (false) {\n      const' }],
    test: 'A1',
  },
  {
    what: 'hosts: a verdict is lost at the reset behind it',
    edits: [
      {
        file: 'smtpclient/src/attempt.ts',
        find: '    peer.release(',
        replace: '    if (!(await connection.lives())) return noConnection\n    peer.release(',
      },
      {
        file: 'smtpclient/src/connection.ts',
        find: '  /** Close without a word. */\n',
        replace: `  lives() {
            return new Promise((resolve) => this.#socket.write('NOOP\\r\\n', () => setTimeout(() => resolve(!this.#dead), 100)))
          }
        `,
      },
    ],
    test: 'A4',
  },
  {
    what: 'hosts: a refusal in the middle of a message is lost at the reset',
    edits: [{ file: 'smtpclient/src/connection.ts', find: '    this.#drained(false)\n', replace: '' }],
    test: 'A5',
  },
  {
    what: 'hosts: an endless reply is read to its end',
    edits: [unbounded, { file: 'smtp/src/reply.ts', find: 'this.#lines > replyLines || this.#size > replyBytes', replace: 'false' }],
    test: 'an endless reply',
  },
  {
    what: 'hosts: an attempt has no time in all',
    edits: [{ file: 'smtpclient/src/connection.ts', find: '        this.#overdue = true\n        this.close()\n', replace: '' }],
    test: 'a host that drips',
  },
  {
    what: 'hosts: control characters of a host go into bounces',
    edits: [
      { file: 'smtp/src/reply.ts', find: '/[\\0-\\x08\\x0b-\\x1f\\x7f-\\x9f]/g', replace: '/\\0/g' },
      { file: 'printable/src/index.ts', find: '/[^\\t\\n -~]/g', replace: '/\\0/g' },
    ],
    test: 'A10',
  },
]

const door: readonly Omit<Mutation, 'file'>[] = [
  {
    what: 'door: a client has all of the log',
    edits: [{ file: 'logline/src/door.ts', find: 'doorLinesPerClient : doorLinesWhenMany)', replace: 'doorLines : doorLinesWhenMany)' }],
    test: 'a client that is refused',
  },
  {
    what: 'door: a client has one line more',
    edits: [oneMore('logline/src/door.ts', '? doorLinesPerClient :', 'doorLinesPerClient')],
    test: 'a client that is refused',
  },
  {
    what: 'door: a client says words with blanks',
    edits: [
      { file: 'logline/src/safe.ts', find: 'const foreign = /[^!-<>-~]/', replace: 'const foreign = /[^ -<>-~]/' },
      { file: 'logline/src/safe.ts', find: 'const allForeign = /[^!-<>-~]/g', replace: 'const allForeign = /[^ -<>-~]/g' },
    ],
    test: 'what a client says',
  },
  {
    what: 'door: one of ours is called a stranger',
    edits: [{ file: 'logline/src/door.ts', find: 'caller.isOurs()', replace: 'caller.port < 0' }],
    test: 'what a client says',
  },
]

const of = (file: string, faults: readonly Omit<Mutation, 'file'>[]): Mutation[] => faults.map((fault) => ({ ...fault, file }))

export const mutations: readonly Mutation[] = [
  ...of('smuggling.ts', smuggling),
  ...of('chunksmuggling.ts', chunks),
  ...of('limits.ts', limits),
  ...of('shares.ts', shares),
  ...of('protocols.ts', protocols),
  ...of('world.ts', world),
  ...of('disk.ts', disk),
  ...of('memory.ts', memory),
  ...of('localuser.ts', localUser),
  ...of('handed.ts', handed),
  ...of('hosts.ts', hosts),
  ...localMutations,
  ...of('accounts.ts', accountMutations),
  ...of('forgeries.ts', forgeryMutations),
  ...loginMutations,
  ...imapMutations,
  ...of('recipients.ts', recipientMutations),
  ...of('stopping.ts', stoppingMutations),
  ...of('tools.ts', tools),
  ...of('locks.ts', locks),
  ...of('doorlog.ts', door),
]
