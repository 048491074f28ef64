/**
 * Every parser of bytes that strangers write, each as one function: take the bytes, throw nothing but what the parser's page allows.
 */

import { closeSync, openSync, writeFileSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { lowerCase, quoteAddress, splitAddress } from '@yabumi/address'
import { decodeCommands } from '@yabumi/aliasdb'
import { Chain } from '@yabumi/arc'
import { ForeignResults, readAuthResults, resultsText } from '@yabumi/authres'
import { withoutBlanks, withoutEnd } from '@yabumi/blanks'
import { makeCdb } from '@yabumi/cdb'
import { CdbFile } from '@yabumi/cdbfile'
import { ConstMap, listLines } from '@yabumi/control'
import { usable, verifyDane } from '@yabumi/dane'
import { dateAndTime, headerDate, mboxDate, stamp } from '@yabumi/dates'
import { canonicalField, readKeyRecord, readSignature, Verifier } from '@yabumi/dkim'
import { checkDmarc, readDmarcRecord } from '@yabumi/dmarc'
import { askableDomain, parseList as parseDnsList, readAnswer, reversed } from '@yabumi/dnslists'
import { Failure, parseDotQmail, parseForwardFile } from '@yabumi/dotfile'
import { readDeliveryStatus } from '@yabumi/dsn'
import { FrameError, FrameReader } from '@yabumi/enqueue'
import { decodeTodo, EnvelopeScanner } from '@yabumi/envelope'
import { checkedFacts, factsText, InfoFacts, knownFacts } from '@yabumi/facts'
import { addressText, glimpse, HeaderSplitter, rewriteAddress, rewriteAddressList, tokenise } from '@yabumi/header'
import { baseSubject, foldText, parseMessageDate, type SearchMessage, threadMessages, writeThreads } from '@yabumi/imapsearch'
import {
  AppendReader,
  BadCommand,
  CommandReader,
  decodeMailboxName,
  encodeMailboxName,
  parseFetch,
  parseGetMetadata,
  parseId,
  parseList,
  parseMessageUrl,
  parseNotify,
  parseSearch,
  parseSelect,
  parseSetMetadata,
  parseSort,
  parseStore,
  parseThread,
  RefusedCommand,
  readMailboxName,
} from '@yabumi/imapwire'
import { Judge } from '@yabumi/judgement'
import { proxyHeaderBytes } from '@yabumi/limits'
import { ClientRules, parseEndpoint, readProxyHeader } from '@yabumi/listener'
import { clientWord, LineSplitter, logSafe, parseDoorLine, parseLogLine } from '@yabumi/logline'
import { FromQuoter, NotMbox, scanMbox } from '@yabumi/mbox'
import { parseMilter } from '@yabumi/milter'
import { draftOf, MilterTrouble, piecesOf } from '@yabumi/milter/judge'
import { Downgrade, DowngradeScan } from '@yabumi/mime'
import {
  binarySize,
  CrlfConverter,
  decodeHeader,
  decodeTransfer,
  encodeBinary,
  htmlText,
  type Part,
  PartScan,
  partOf,
  pickFields,
  previewOf,
  scanParts,
  writeBodyStructure,
  writeEnvelope,
} from '@yabumi/mimeparts'
import { idOf, matches, parsePolicy } from '@yabumi/mtasts'
import { NetstringReader, NetstringTrouble } from '@yabumi/netstring'
import { printable } from '@yabumi/printable'
import { readAbuseReport, readDmarcReport, readTlsReport, unpack } from '@yabumi/reports'
import { bestMechanism, decodeBase64, inventedVerifier, parseVerifier, startServer } from '@yabumi/sasl'
import { CommandLines, DataDecoder, DataEncoder, parseCommand, ReplyReader } from '@yabumi/smtp'
import { AnswerDecoder, CommandDecoder, OrderDecoder, ReportDecoder, ReportText } from '@yabumi/spawnprotocol'
import { checkSpf } from '@yabumi/spf'
import { recordsOf, tableBytes } from '@yabumi/tcptable'
import { parseRules } from '@yabumi/tlsdemand'
import { reportAddressesOf } from '@yabumi/tlsrpt'
import { Trouble } from '@yabumi/trouble'
import { Changes, changeLetters } from '../../packages/arrive/milter/src/changes.ts'
import { encodePacket, PacketReader, strings } from '../../packages/arrive/milter/src/packets.ts'
import { LineEndDecoder } from '../../packages/arrive/qmtpd/src/lineends.ts'
import { readChunkTerms } from '../../packages/arrive/smtpd/src/chunkterms.ts'
import { readPath } from '../../packages/arrive/smtpd/src/mailpath.ts'
import { userIn } from '../../packages/arrive/tcp-env/src/ident.ts'
import { Encoder } from '../../packages/collect/pop3d/src/encoder.ts'
import { numberAt } from '../../packages/collect/pop3d/src/number.ts'
import { AssignedUsers } from '../../packages/mailbox/users/src/assigned.ts'
import { LookupTrouble } from '../../packages/mailbox/users/src/trouble.ts'
import { recordsOf as aliasRecords } from '../../packages/operate/newaliasdb/src/aliases.ts'
import { parseAssignments } from '../../packages/operate/newu/src/assign.ts'
import { pathLengthOf } from '../../packages/relay/dane/src/pathlength.ts'
import { routeOf } from '../../packages/relay/smtpclient/src/route.ts'
import { makeQuestion, standingOf } from '../../packages/system/dns/src/question.ts'
import { readSection } from '../../packages/system/dns/src/records.ts'
import { parseResolvConf } from '../../packages/system/dns/src/resolvconf.ts'
import { maildirTargets } from './maildirfiles.ts'
import { pieces } from './mutate.ts'
import type { Order } from './worker.ts'

export interface Target {
  readonly name: string
  readonly seeds: readonly string[]
  /** What is repeated to make long inputs, in front of and behind a seed's parts. */
  readonly units: readonly string[]
  /** Begins every long input, so that it is one of the parser's kind: `To: `. */
  readonly prefix?: string
  readonly suffix?: string
  /** @param random - for where the input is cut; an error that this lets through is a finding */
  run(input: Buffer, random: () => number): unknown
}

/** Errors that the parser's page allows are no findings. */
function allowing(kinds: readonly (new (...args: never[]) => Error)[], messages: RegExp | undefined, work: () => unknown): void {
  try {
    work()
  } catch (error) {
    if (kinds.some((kind) => error instanceof kind)) return
    if (messages !== undefined && error instanceof Error && error.constructor === Error && messages.test(error.message)) return
    throw error
  }
}

const text = (input: Buffer): string => input.toString('latin1')
function fuzzedMessage(number: number, id: string, line: string): SearchMessage {
  const fields: Record<string, string> = { 'MESSAGE-ID': id, REFERENCES: line, SUBJECT: line, DATE: line }
  return {
    number,
    uid: number,
    hasFlag: () => false,
    internalDate: number,
    saveDate: undefined,
    sizeBytes: 1,
    modseq: 1,
    emailId: undefined,
    threadId: undefined,
    fields: (name) => [fields[name] ?? ''],
    open: () => undefined,
  }
}

/** Parts lie in their order, each in the body of the one around it. */
function checkExtents({ header, body, children }: Part, from: number, to: number): void {
  if (!(header.start >= from && header.end === body.start && body.end >= body.start && body.end <= to)) throw new Error('wrong extents')
  let at = body.start
  for (const child of children) {
    checkExtents(child, at, body.end)
    at = child.body.end
  }
}

/** Of the worker's own; the main thread knows targets by name only. */
const file = (workerData as Order | null)?.file ?? ''

function withFile(input: Buffer, work: (fd: number) => unknown): void {
  writeFileSync(file, input)
  const fd = openSync(file, 'r')
  try {
    work(fd)
  } finally {
    closeSync(fd)
  }
}

const rules = {
  defaultHost: tokenise('@host.example') ?? [],
  defaultDomain: tokenise('.example') ?? [],
  plusDomain: tokenise('.plus.example') ?? [],
}
const headerUnits = [
  'a',
  ',',
  '@',
  '.',
  '<',
  '>',
  ':',
  ';',
  '(',
  ')',
  '"',
  '\\',
  '[',
  ']',
  ' ',
  '\n ',
  'a,',
  'a@b,',
  '<a>,',
  'g:a;,',
  '()',
  '(a)',
  '""',
  '[]',
  '\\(',
  'a b ',
  '@a,@b:c@d,',
  'a+,',
  '"a"@b,',
  '\0',
  '\xff',
  '<<',
  ')(',
] as const
const lineUnits = [
  'a',
  '\n',
  '\r\n',
  '\r',
  '\0',
  ' ',
  '\t',
  ':',
  'a\n',
  '#\n',
  '.\n',
  '.\r\n',
  '..\r\n',
  '\r\n.\r\n',
  '\xff',
  'x: y\n',
  'From \n',
  '>From \n',
  '>',
] as const
const cdbSeed = makeCdb([
  [Buffer.from('!joe\0'), Buffer.from('joe\x001000\x001000\0/home/joe\0\0')],
  [Buffer.from('!joe-'), Buffer.from('joe\x001000\x001000\0/home/joe\0-\0')],
  [Buffer.from(''), Buffer.from('-')],
  [Buffer.from('192.0.2.'), Buffer.from('+RELAYCLIENT\0')],
]).toString('latin1')

/** The start of a reply for `a.example`, and one record in hexadecimal digits. */
function reply(record: string): string {
  return Buffer.from(`0001818000010001000000000161076578616d706c650000010001${record}`, 'hex').toString('latin1')
}

const imapParsers: readonly ((args: Parameters<typeof parseFetch>[0]) => unknown)[] = [
  parseFetch,
  parseStore,
  parseSearch,
  parseSort,
  parseThread,
  parseList,
  parseSelect,
  parseGetMetadata,
  parseSetMetadata,
  parseNotify,
  parseId,
]

export const targets: readonly Target[] = [
  {
    name: 'replies of filters',
    seeds: [
      encodePacket('h', strings('X-Spam', 'yes')),
      encodePacket('m', Buffer.concat([Buffer.from([0, 0, 0, 1]), Buffer.from(strings('Subject', ''))])),
      encodePacket('b', 'body\r\n'),
      encodePacket('+', strings('<a@b.example>')),
      encodePacket('y', strings('550 5.7.1 no')),
    ].map((packet) => packet.toString('latin1')),
    units: ['\0\0\0\x04habc', '\0\0\0\x02b\r', '\0\0\0\x06ha\0b\0', '\xff\xff\xff\xff', '\0', '\r\n'],
    run: (input, random) =>
      allowing([MilterTrouble], undefined, () => {
        const reader = new PacketReader()
        const written: Buffer[] = []
        const store = { write: (bytes: Buffer) => void written.push(bytes), pieces: () => written, drop: () => written.splice(0) }
        const draft = draftOf('a@x.example', ['r@y.example'], () => [Buffer.from('Subject: x\n\nbody\n')])
        const changes = new Changes(draft, false, () => store)
        for (const piece of pieces(input, random)) reader.push(piece)
        for (let packet = reader.next(); packet !== undefined; packet = reader.next())
          if (changeLetters.includes(packet.letter)) changes.take(packet)
        const [head = Buffer.alloc(0)] = piecesOf(changes.draft)
        const end = head.indexOf('\n\n')
        if (head.length > 1 && end !== head.length - 2) throw new Error('the header ends early')
      }),
  },
  {
    name: 'messages for filters',
    seeds: ['Subject: x\n y\n\nbody\n', '\nbody', 'no field\n', 'a : b\n\n'],
    units: ['a:\n', ' x\n', '\n\n', 'Subject : y\n', '\0'],
    run: (input, random) =>
      allowing([MilterTrouble], undefined, () => {
        const draft = draftOf('', [], () => pieces(input, random))
        for (const { head, value } of draft.fields) if (/\n(?![ \t])/.test(`${head}${value}`)) throw new Error('a field of two')
      }),
  },
  {
    name: 'lists in the DNS, and lines of filters',
    seeds: [
      'zen.example.org:=127.0.0.2-11:0.5',
      '127.0.0.2',
      '2001:db8::1',
      'Mail.Example.',
      'inet:[::1]:10 name=x timeout=1/2/3',
      'unix:/x',
    ],
    units: ['a.', '127.0.0.2,', ':', '=', '0', ' default=accept', '-'],
    run(input) {
      const line = text(input)
      const list = parseDnsList(line) ?? parseDnsList('a.example')
      if (list !== undefined) readAnswer(line, list)
      reversed(line)
      const domain = askableDomain(line)
      if (domain !== undefined && /[^a-z0-9._-]/.test(domain)) throw new Error('that is no domain')
      parseMilter(line)
    },
  },
  {
    name: 'address',
    seeds: ['joe@example.org', '"a b"@c', '@', 'a@b@c', '..'],
    units: ['a', '@', '"', '\\', '.', 'A', '\r', '\0', '\xff'],
    run(input) {
      const address = text(input)
      const { local, domain } = splitAddress(address)
      if (`${local}${domain === undefined ? '' : `@${domain}`}` !== address) throw new Error('the parts are not the whole')
      quoteAddress(address)
      lowerCase(address)
    },
  },
  {
    name: 'tokens',
    seeds: ['joe@example.org', '"a\\"b" (c (d) e) <f@[1.2.3.4]>', 'g: a, b;', '\\'],
    units: headerUnits,
    run: (input) =>
      allowing([Trouble], undefined, () => {
        const tokens = tokenise(text(input))
        if (tokens === undefined) return
        rewriteAddress([...tokens], rules)
        addressText(tokens)
      }),
  },
  {
    name: 'address list',
    seeds: ['To: joe, fred@x (c), "N. N." <a@b>, g: x, y;, @r:z@w\n', 'Cc: a b c\n', 'From: <>\n', 'To:\n'],
    units: headerUnits,
    prefix: 'To: ',
    suffix: '\n',
    run: (input) =>
      allowing([Trouble], undefined, () => {
        const field = text(input)
        if (field.includes(':')) rewriteAddressList(field, (address) => rewriteAddress(address, rules))
      }),
  },
  {
    name: 'header',
    seeds: ['From x\nTo: a\n b\nSubject: x\n\nbody\n', 'no header\n', ' x: y\n', 'A : b\r\n\r\n'],
    units: lineUnits,
    run: (input, random) =>
      allowing([Trouble], undefined, () => {
        const splitter = new HeaderSplitter(1_000_000)
        for (const piece of pieces(input, random)) if (splitter.push(piece) !== undefined) return
        splitter.end()
      }),
  },
  { name: 'glimpse', seeds: ['To: a\n\ntext\n', 'x'], units: lineUnits, run: (input, random) => glimpse(pieces(input, random), 100) },
  {
    name: 'dates',
    seeds: ['0', '1', '1795372785', '-1', '253402300800', '8640000000000000'],
    units: ['1'],
    run(input) {
      const seconds = Number.parseInt(text(input).slice(0, 12), 10)
      if (Number.isNaN(seconds)) return
      for (const format of [dateAndTime, headerDate, mboxDate, stamp]) if (/NaN|undefined/.test(format(seconds))) throw new Error('no date')
    },
  },
  {
    name: 'envelope',
    seeds: ['Fa@b\0Tc@d\0\0', 'F\0Tx\0Ty\0\0', 'u1\0p2\0Fa\0Tb\0'],
    units: ['Ta@b\0', 'T\0', 'F\0', 'x', '\0', 'T'],
    prefix: 'Fa@b\0',
    suffix: '\0',
    run(input, random) {
      const scanner = new EnvelopeScanner()
      for (const piece of pieces(input, random)) if (scanner.scan(piece) !== 'more') break
      allowing([Trouble], undefined, () => decodeTodo(input))
    },
  },
  {
    name: 'facts',
    seeds: ['v1 BODY=8BITMIME R0.ORCPT=rfc822;a@b', 'Av1 AUTH=x\0Aremote 12 v1 R0.ORCPT=rfc822;a\0'],
    units: ['v1', ' ', 'R0.', 'BODY=7BIT', 'ORCPT=rfc822;a', '\0', 'A', 'local 0 '],
    run(input) {
      allowing([Trouble], undefined, () => factsText(checkedFacts(text(input))))
      const known = factsText(knownFacts(text(input)))
      if (factsText(checkedFacts(known)) !== known) throw new Error('facts change')
      const { records } = InfoFacts.read(text(input))
      if (InfoFacts.read(records).records !== records) throw new Error('records change')
    },
  },
  {
    name: 'imap commands',
    seeds: [
      'a uid fetch 1:*,3 (BODY[1.HEADER.FIELDS (A "b")]<1.2> FLAGS)\r\n',
      'a SEARCH CHARSET utf-8 OR (SEEN 1) NOT HEADER x {3+}\r\nabc\r\n',
      'a APPEND b (\\Seen) {3+}\r\nxyz CATENATE (TEXT {1+}\r\nx URL "y")\r\n',
      'a STORE 1 (UNCHANGEDSINCE 1) +FLAGS (x)\r\nb SELECT c (QRESYNC (1 2))\r\n',
      'a LIST (SUBSCRIBED) "" (a %) RETURN (STATUS (MESSAGES))\r\n',
      'a NOTIFY SET (SELECTED (MessageNew (UID) MessageExpunge))\r\n',
      'a SETMETADATA b (/private/c "d")\r\na ID ("a" NIL)\r\na SORT (DATE) utf-8 ALL\r\n',
    ],
    units: ['a X ', '1,3,', '(', ')', '{0+}\r\n', '{1}\r\nx', 'NOT ', 'BODY[1] ', '"', '\r\n', 'a SEARCH ', ' b', 'a APPEND b {0+}\r\n'],
    run(input, random) {
      const reader = new CommandReader(true)
      let append = new AppendReader()
      for (const piece of pieces(input, random)) {
        reader.push(Buffer.from(piece))
        for (let event = reader.next(); event !== undefined && event.kind !== 'bye'; event = reader.next()) {
          if (event.kind === 'message') {
            const { args } = event
            allowing([BadCommand, RefusedCommand], undefined, () => append.announced(args))
            random() < 0.9 ? reader.stream() : reader.refuse()
          }
          if (event.kind === 'command') {
            const { args } = event
            allowing([BadCommand, RefusedCommand], undefined, () => append.finish(args))
            append = new AppendReader()
            for (const parse of imapParsers) allowing([BadCommand, RefusedCommand], undefined, () => parse(args))
          }
        }
      }
    },
  },
  ...maildirTargets(`${file}-maildir`),
  {
    name: 'imap mailbox names',
    seeds: ['/a;UIDVALIDITY=1/;UID=2/;SECTION=1.TEXT/;PARTIAL=0.5', 'caf&AOk-', '&-&-', '&2D3eAA-', 'caf\xc3\xa9 &'],
    units: ['&', '-', '&AOk-', 'A', '\xc3\xa9', '\xff', ' ', '/a', '/;SECTION=1', '%41'],
    run(input) {
      const name = text(input)
      const decoded = decodeMailboxName(name)
      if (decoded !== undefined && encodeMailboxName(decoded) !== name) throw new Error('a second spelling')
      readMailboxName(name, true)
      parseMessageUrl(name)
    },
  },
  {
    name: 'subjects, dates and threads',
    seeds: ['Re: [x] a (fwd)\n[Fwd: b]', 'Mon, 7 Feb 1994 21:52:25 -0800 (PST)', '<a@x> <b@x>\n<b@x> <a@x>', '<"a b"@x>\n<c@x'],
    units: ['Re: ', '[a] ', '(fwd)', '[Fwd: ', ']', ' ', '(', '<a@x> ', '<', '>', '<b@x>\n', '\n', '\xff', '<"'],
    run(input) {
      const lines = text(input).split('\n')
      for (const line of lines) {
        baseSubject(line)
        parseMessageDate(line)
        foldText(line)
      }
      const messages = lines.map((line, at) => fuzzedMessage(at + 1, `<${line.charCodeAt(1)}@x>`, line))
      const threads = writeThreads(threadMessages(messages, 'REFERENCES'), ({ number }) => number)
      if ((threads.match(/\d+/g) ?? []).length !== messages.length) throw new Error('a message is in no thread, or in two')
    },
  },
  {
    name: 'parts of messages',
    seeds: [
      'Content-Type: multipart/mixed; boundary=b\n\n--b\n\n\xe4\n--b\nContent-Type: text/html\n\n<p>&amp;</p>\n--b--\n',
      'Content-Type: message/rfc822\n\nSubject: s\nTo: a (b) <c@d>, g: e;\nFrom: "x" <@r:y@z>\n\n x\n',
      'Content-Type: a/b; c*0*=d; c*1="e"\nContent-Disposition: f; g=h\nContent-Transfer-Encoding: base64\n\nAAAA=\r\n',
    ],
    units: [
      '--b\n',
      '--b--\n',
      'Content-Type: multipart/mixed; boundary=b\n',
      'Content-Type: message/rfc822\n\n',
      '; a*1=b',
      'a@b, ',
      'a:',
      '(',
      '"',
      ' x\n',
      '\n',
      '\r',
      '>',
    ],
    prefix: 'To: ',
    run(input, random) {
      const scan = new PartScan(true)
      for (const piece of pieces(input, random)) scan.push(piece)
      const root = scan.finish()
      writeEnvelope(root.fields)
      writeBodyStructure(root, true)
      const read = (start: number, end: number): Buffer => input.subarray(start, end)
      checkExtents(root, 0, input.length)
      previewOf(root, read)
      binarySize(root, { part: [], text: '', fields: [] }, read)
      encodeBinary(input)
      if (root.children.length > 0 && partOf(root, [1]) === undefined) throw new Error('no first part')
    },
  },
  {
    name: 'encoded texts',
    seeds: ['=?utf-8?q?=c3=a4?= =?utf-8?b?w6Q=?=', 'a=3D= \r\nb', 'w6Q=w6Q', 'a<b>&amp;<!-- c --><style>d</style>'],
    units: ['=?utf-8?q?a?= ', '=?', '?', '=', ' ', '<', '&', '<style>', '</style', '<![CDATA[', '<!--', '<blockquote>', '\r\n', 'AAAA'],
    run(input) {
      const value = text(input)
      decodeHeader(value)
      decodeTransfer(input, 'base64')
      decodeTransfer(input, 'quoted-printable')
      htmlText(value)
      pickFields(input, ['A'], true)
      new CrlfConverter().push(input)
      scanParts(input)
    },
  },
  {
    name: 'delivery status',
    seeds: [
      'Hi. This is the qmail-send program at h.\n\n<a@b>:\nno (#5.1.1)\n\n--- Below\n',
      'Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; h\n\nFinal-Recipient: rfc822; a@b\nStatus: 5.1.1\n c\n--b--\n',
      'Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nSource-IP: 192.0.2.1 (x)\nIncidents: 2\n',
    ],
    units: ['Status: ', 'Final-Recipient: ', 'Feedback-Type: ', '\n', '\n\n', ' ', '\t', '<a@b>:\n', '#5.1.1', '--b\n', '\r\n', ':'],
    run: (input) => {
      readDeliveryStatus(input)
      readAbuseReport(input)
    },
  },
  {
    name: 'reports',
    seeds: [
      '<?xml version="1.0"?><feedback><report_metadata><org_name>x</org_name></report_metadata><record><row a="b"><count>1</count></row></record></feedback>',
      '{"policies":[{"policy":{"policy-string":["x"],"mx-host":"h"},"summary":{},"failure-details":[{"failed-session-count":1}]}]}',
      "<a>&lt;&#65;<!-- x --><![CDATA[y]]><b c='d'/></a>",
    ],
    units: [
      '<',
      '>',
      '</a>',
      '<a>',
      '<a b="',
      '"',
      "'",
      '&',
      '&#',
      ';',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      ' ',
      '=',
      '/',
      '?>',
      '<?',
      '[',
      '{',
    ],
    run: (input) => {
      for (const read of [readDmarcReport, readTlsReport]) allowing([Trouble], undefined, () => read(unpack(input)))
    },
  },
  {
    name: 'mime',
    seeds: [
      'Content-Type: multipart/mixed; boundary=b\n\n--b\n\n\xe4\n--b\nContent-Type: image/png\n\n\xff\n--b--\n',
      'Content-Type: message/rfc822\n\nSubject: s\n\n\xe4 \n',
    ],
    units: [
      '--b\n',
      '--b--\n',
      'Content-Type: multipart/mixed; boundary=b\n',
      'Content-Transfer-Encoding: base64\n',
      '\n',
      '\xe4',
      'a\n',
      '\r',
    ],
    run(input, random) {
      const scan = new DowngradeScan()
      for (const piece of pieces(input, random)) scan.push(piece)
      const plan = scan.plan()
      if (plan?.isNeeded !== true) return
      const downgrade = new Downgrade(plan)
      const out = [...pieces(input, random)].map((piece) => downgrade.push(piece))
      const again = new DowngradeScan()
      again.push(Buffer.concat([...out, downgrade.finish()]))
      if (again.plan()?.isNeeded !== false) throw new Error('not all is changed')
    },
  },
  {
    name: 'log lines',
    seeds: [
      '@4000000066a1b2c3075bcd15 new msg 12\ninfo msg 12: bytes 3 from <a@b> qp 4 uid 5\n',
      'starting delivery 1: msg 12 to remote a@b\ndelivery 1: deferral: x\nend msg 12\nbounce msg 12 qp 7\n',
      '2026-11-30 12:00:00.5 smtpd: 192.0.2.1 25: message 4, 3 bytes, id <a@b>\n',
    ],
    units: [
      'a',
      ' ',
      '\n',
      '=',
      '%',
      '\0',
      '\xff',
      'msg ',
      'delivery 1: ',
      'smtpd: ',
      'new msg 1\n',
      '<',
      '>',
      '@4000000066a1b2c3075bcd15 ',
    ],
    run(input, random) {
      const splitter = new LineSplitter(1000)
      const lines = pieces(input, random).flatMap((piece) => splitter.push(text(piece)))
      for (const line of [...lines, ...splitter.end()]) {
        parseLogLine(line)
        parseDoorLine(line)
        if (/[^ -~]/.test(`${logSafe(line)}${clientWord(line)}${printable(line)}`)) throw new Error('more than printable words')
      }
    },
  },
  {
    name: 'records and policies of TLS',
    seeds: [
      'v=STSv1; id=20160831085700Z;',
      'v=TLSRPTv1; rua=mailto:a@b.example,https://b.example/',
      'version: STSv1\nmode: enforce\nmx: *.b.example\nmax_age: 604800\n',
    ],
    units: [' ', '\t', ';', ',', '=', ':', 'mx: a\n', 'id=', 'rua=', '\r\n', 'v=STSv1;', 'v=TLSRPTv1;'],
    run(input) {
      const bytes = text(input)
      idOf([bytes, 'v=STSv1;'])
      reportAddressesOf([bytes])
      const policy = parsePolicy(bytes)
      for (const pattern of policy?.mx ?? []) matches(withoutBlanks(bytes), withoutEnd(pattern))
      const rules = parseRules(bytes)
      for (const domain of ['a.b.example', bytes.slice(0, 255)]) rules.of(domain)
    },
  },
  {
    name: 'signatures of domains and their keys',
    seeds: [
      'DKIM-Signature: v=1; a=rsa-sha256; d=b.example; s=s; h=from:to;\r\n bh=AAAA; b=AAAA\r\nFrom: a@b.example\r\n\r\nx \t\r\n\r\n',
      'v=DKIM1; k=rsa; h=sha256; t=s:y; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ==',
      'dkim-signature : i==40@b.example; q=dns/txt; c=relaxed; t=1; x=2; l=3\r\n',
    ],
    units: [' ', '\t', ';', '=', ':', '\r\n', '\r', '\r\n ', 'b=', 'h=from', 'DKIM-Signature: ', '==', 'p=AAAA', 'x\r\n'],
    prefix: 'DKIM-Signature: v=1; ',
    run(input, random) {
      const bytes = text(input)
      readSignature(`${bytes}\r\n`)
      readSignature(`DKIM-Signature: ${bytes}\r\n`, true)
      readKeyRecord(bytes)
      for (const form of ['simple', 'relaxed', 'nowsp'] as const) canonicalField(`${bytes}\r\n`, form)
      for (const weak of [false, true]) {
        const verifier = new Verifier({ nowSeconds: 1, weak, lookUp: async () => ({ kind: 'nxdomain' }) })
        for (const piece of pieces(input, random)) verifier.push(piece)
      }
    },
  },
  {
    name: 'dmarc',
    seeds: ['v=DMARC1; p=reject; sp=none; rua=mailto:a@b.example!10m, mailto:c@d.example', 'v=DMARC1;p=none;psd=y', 'mail.example.org'],
    units: ['v=DMARC1', ';', ' ', '=', 'a=b;', 'p=', 'rua=', 'mailto:', 'a@b,', '!', 'a.', '.', '\t', '\0', '\xff'],
    prefix: 'v=DMARC1; ',
    run: async (input) => {
      const record = text(input)
      readDmarcRecord(record)
      const ask = async () => ({ kind: 'found', records: [record] }) as never
      await checkDmarc('a.b.example', { dkim: [record], spf: record }, { ask })
      await checkDmarc(record, { dkim: ['b.example'], spf: undefined }, { ask })
    },
  },
  {
    name: 'spf',
    seeds: [
      'v=spf1 a:x.example/24//64 mx ptr:%{d} ip4:192.0.2.0/24 ip6:2001:db8::/32 include:%{d2r}.example -all',
      'v=spf1 exists:%{ir}.%{l1r+-}.%{S}.%{p}.example redirect=_spf.%{o} exp=why.%{d}',
      'not %{i} at %{t} by %{r}',
    ],
    units: ['v=spf1 ', ' a', ' -all', '%{s}', '%{l9r.+-}', '%%', '.', '/', ':', ' ip6:', '::', ' x=', 'a', '0', '\0', '\xff'],
    prefix: 'v=spf1 ',
    run: async (input) => {
      const ask = (record: string) => async (_name: string, type: string) => {
        const records = [type === 'MX' ? { exchange: record, priority: 1 } : record]
        return { kind: 'found', records } as never
      }
      await checkSpf({ ip: '192.0.2.1', helo: 'h', sender: 'a@b.c' }, { ask: ask(text(input)), nowSeconds: 1 })
      const macros = ask('v=spf1 exists:%{s3r.}.%{L}.%{p}.%{h1} -all exp=%{o}')
      await checkSpf({ ip: text(input), helo: text(input), sender: `${text(input)}@b.c` }, { ask: macros, nowSeconds: 1 })
    },
  },
  {
    name: 'spawn protocol',
    seeds: ['\x011/24\0a@b\0c@d\0\x02', '\x01Kok\0\x02Znot now\0', '1\0a\0b\0c\0d\0e\0f\0g\0h\x003\0a\0b', '1\x000\0text\0'],
    units: ['\0', 'a', '\x01a\0b\0c\0', '1\x000\0x\0', 'aaaa\0'],
    run(input, random) {
      const cut = pieces(input, random)
      const reports = new ReportDecoder()
      const report = new ReportText()
      for (const piece of cut) {
        reports.push(piece)
        report.append(piece)
      }
      String(report)
      for (const decoder of [new CommandDecoder(), new CommandDecoder(2), new OrderDecoder(), new AnswerDecoder()]) {
        allowing([], /^(record|command) (is too long|has no (number|exit code))$/, () => {
          for (const piece of cut) decoder.push(piece)
        })
      }
    },
  },
  {
    name: 'smtp commands',
    seeds: [
      'EHLO x\r\nMAIL FROM:<a@b> SIZE=1\r\nRCPT TO:<"x y"@[1.2.3.4]>\r\nDATA\r\n',
      'mail from: a b\n',
      'RCPT TO:<@a,@b:c@d>\n',
      'NOOP\0x\n',
    ],
    units: ['a', ' ', '\r\n', '\n', '\0', '<', '>', '"', '\\', 'NOOP\r\n', 'RCPT TO:<a@b>\r\n', '@a,', ':'],
    prefix: 'MAIL FROM:<',
    suffix: '>\r\n',
    run(input, random) {
      const lines = new CommandLines()
      const literals = { literalName: 'me.example', ownAddresses: new Set(['1.2.3.4']) }
      for (const piece of pieces(input, random)) {
        lines.push(piece)
        for (let line = lines.next(); line !== undefined; line = lines.next()) {
          if (typeof line === 'string') readPath(parseCommand(line).argument, literals)
        }
      }
    },
  },
  {
    name: 'smtp replies',
    seeds: ['250-a\r\n250-b\r\n250 c\r\n', '220 hi\n', '5', '250-x\r\n', '\r\n'],
    units: ['250-a\r\n', '250 a\r\n', '\r\n', '\n', '2', '-', '\0', 'x'],
    run(input, random) {
      const reader = new ReplyReader()
      for (const piece of pieces(input, random)) {
        reader.push(piece)
        while (reader.next() !== undefined);
      }
    },
  },
  {
    name: 'dns replies',
    seeds: [
      reply('c00c0001000100000000000401020304'),
      reply('c00c000f000100000000000800050361626300'),
      reply('c00c0005000100000000000403616263c00c'),
      reply(''),
    ],
    units: ['\xc0\x0c', '\xc0', '\0', '\x3f', 'a', '\x03abc', '\0\x01', '\xff'],
    run(input) {
      standingOf(input, makeQuestion('a.example', 'MX', true))
      for (const type of ['A', 'MX', 'TXT', 'TLSA', 'CNAME'] as const) {
        try {
          readSection(input, 'a.example', type)
        } catch {
          // trouble, whatever it is called
        }
      }
      parseResolvConf(text(input))
    },
  },
  {
    name: 'certificates and their records',
    seeds: [
      '\x30\x0f\x06\x03\x55\x1d\x13\x01\x01\xff\x04\x05\x30\x03\x01\x01\xff',
      '\x06\x03\x55\x1d\x13\x04\x08\x30\x06\x01\x01\xff\x02\x01\0',
    ],
    units: ['\x06\x03\x55\x1d\x13', '\x04\x05', '\x30\x03', '\x01\x01\xff', '\x02\x01', '\x80', '\0'],
    run(input) {
      pathLengthOf(input)
      const records = [0, 1].map((selector) => ({ usage: 2, selector, matching: 0, data: input }))
      verifyDane(usable(records), { chain: [], names: [], now: new Date(0) })
    },
  },
  {
    name: 'smtp data in',
    seeds: ['A: b\r\n\r\ntext\r\n.\r\nQUIT\r\n', '..x\r\n.\r\n', 'received: x\r\nDelivered-To: y\r\n\r\n', 'a\nb', '\r\r\n.\r\r\n'],
    units: ['a', '\r\n', '\r', '.', '.\r\n', '..\r\n', '\r\n.', 'received\r\n', '\0', 'x\r\n', '\r\r'],
    run(input, random) {
      const decoder = new DataDecoder()
      for (const piece of pieces(input, random)) {
        decoder.decode(piece)
        if (decoder.state !== 'open') break
      }
    },
  },
  {
    name: 'smtp chunks in',
    seeds: ['A: b\r\n\r\ntext\r\n.\r\nQUIT', 'received: x\r\n\r\n\r', 'a\nb', '\0\r\n.\r\n'],
    units: ['a', '\r\n', '\r', '.', '\r\n.\r\n', 'received\r\n', '\0', 'x\r\n'],
    run(input, random) {
      readChunkTerms(text(input))
      const counted = new DataDecoder('counted')
      let bytes = 0
      for (const piece of pieces(input, random)) {
        bytes += counted.decode(piece).length
        if (counted.state !== 'open') return
      }
      if (bytes + counted.end().length > input.length + 1) throw new Error('more than there was')
    },
  },
  {
    name: 'header of a proxy',
    seeds: [
      'PROXY TCP4 192.0.2.1 203.0.113.7 4000 25\r\n',
      'PROXY TCP6 2001:db8::1 ::1 1 2\r\n',
      'PROXY UNKNOWN\r\n',
      '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x01\xcb\0\x71\x07\x0f\xa0\0\x19',
      '\r\n\r\n\0\r\nQUIT\n\x20\0\0\0',
    ],
    units: ['1', '.', ':', ' ', '\0', 'PROXY '],
    run(input, random) {
      let heard = Buffer.alloc(0)
      for (const piece of pieces(input, random)) {
        heard = Buffer.concat([heard, piece])
        const header = readProxyHeader(heard)
        if (header === 'bad') return
        if (header !== 'open' && header.length > heard.length) throw new Error('more than there was')
        if (header !== 'open') return
        if (heard.length > proxyHeaderBytes) throw new Error('a header without an end')
      }
    },
  },
  {
    name: 'smtp data out',
    seeds: ['A: b\n\ntext\n', '.\n..\n', 'a\r\nb\rc\r\r\n', '\n.\r\n'],
    units: lineUnits,
    run(input, random) {
      const encoder = new DataEncoder()
      const quoter = new FromQuoter()
      const wire: Buffer[] = []
      for (const piece of pieces(input, random)) {
        wire.push(encoder.encode(piece))
        quoter.push(piece)
      }
      const sent = Buffer.concat([...wire, encoder.end() ?? Buffer.alloc(0)]).toString('latin1')
      if (/[^\r]\n|^\n|\r\n\.\r\n./.test(sent)) throw new Error('a line end or an end of data that the next host could misread')
    },
  },
  {
    name: 'netstring',
    seeds: ['5:hello,', '3:1:a,,', '0:,', '10:\nx: y\n\nab,1:s,4:1:r,,', '999999999999:'],
    units: ['1:a,', '0:,', '9', ':', ',', '1:'],
    async run(input, random) {
      const cut = pieces(input, random)
      const source = (async function* () {
        yield* cut
      })()
      const reader = new NetstringReader(source)
      const lines = new LineEndDecoder()
      try {
        for (;;) {
          const length = await reader.length()
          for await (const piece of reader.pieces(length)) lines.decode(piece)
          await reader.comma()
        }
      } catch (error) {
        if (!(error instanceof NetstringTrouble)) throw error
      }
    },
  },
  {
    name: 'cdb',
    seeds: [cdbSeed, cdbSeed.slice(0, 2100), ''],
    units: ['\0', '\x01\0\0\0', '\xff', '\0\x08\0\0'],
    prefix: cdbSeed.slice(0, 2048),
    run: (input) =>
      withFile(input, () => {
        allowing([], /damaged/, () => {
          const reader = new CdbFile(file)
          try {
            for (const key of ['', '!joe\0', '!joe-', 'x']) allowing([], /damaged/, () => reader.find(Buffer.from(key, 'latin1')))
            let keys = 0
            for (const _ of reader.keys()) if (++keys > 10_000) break
          } finally {
            reader.close()
          }
        })
        const users = new AssignedUsers(file)
        allowing([LookupTrouble], undefined, () => users.find('joe-list'))
        users.close()
        allowing([Trouble], undefined, () => new ClientRules(file).ruleFor('192.0.2.1'))
      }),
  },
  {
    name: 'control files',
    seeds: ['a\n#b\n c \n\n', 'example.org:joe\n.example.org:fred\n', 'x', ':relay:25\n'],
    units: [...lineUnits, 'a:b\n'],
    run(input) {
      const lines = listLines(text(input))
      const map = ConstMap.ofLines(lines)
      map.has('joe')
      const routes = ConstMap.ofColonLines(lines)
      allowing([Trouble], undefined, () => routeOf('mail.example.org', routes))
      allowing([Trouble], undefined, () => parseEndpoint(text(input)))
      userIn(text(input))
    },
  },
  {
    name: 'users/assign',
    seeds: ['=joe:joe:1:1:/home/joe:::\n+joe-:joe:1:1:/home/joe:-::\n.\n', '.\n', '=x\n', '+:alias:2:2:/a:-::\n.\n'],
    units: [...lineUnits, '=a:b:1:1:/c:::\n', '+a:b:1:1:/c:-::\n', '::::'],
    suffix: '\n.\n',
    run: (input) =>
      allowing([], /^(line \d+ (is no assignment|has \d+ fields|has no number)|the last line must be a dot)/, () =>
        makeCdb(parseAssignments(text(input))),
      ),
  },
  {
    name: 'dotfiles',
    seeds: ['# c\n./Maildir/\n&joe@x\n|prog\n./mbox\n', '\n', '+list\n&a\n', ' x\n'],
    units: [...lineUnits, '&a@b\n', '|x\n', './a/\n', 'a,', '"'],
    run: (input) => {
      allowing([Failure], undefined, () => [...parseDotQmail(text(input), false)])
      allowing([Failure], undefined, () => [...parseDotQmail(text(input), true)])
      allowing([Failure, Trouble], /./, () => parseForwardFile(text(input)))
    },
  },
  {
    name: 'aliases',
    seeds: ['root: joe, Fred <f@x>\nlist: :include:/x\nowner-list: a\n', '"q q": "|prog"\n@x: (c) y\n\n z\n', '#\n', '&a@b\0|p\0/l\0'],
    units: [...lineUnits, 'a: b\n', 'a,', '"', '(', '&a\0'],
    run: (input) => {
      const complete = (address: string): string => {
        const tokens = tokenise(quoteAddress(address)) ?? []
        rewriteAddress(tokens, rules)
        return addressText(tokens)
      }
      allowing([Trouble], undefined, () => makeCdb(aliasRecords(text(input), 'aliases', { complete })))
      allowing([], /./, () => decodeCommands(input))
    },
  },
  {
    name: 'pop3',
    seeds: ['1', '1 10', '00', 'x', '99999999999999999999', 'a\r\n.\r\n'],
    units: ['1', ' ', '.\n', 'a\n', '\0'],
    run(input) {
      numberAt(text(input))
      const encoder = new Encoder(3)
      encoder.encode(input, input.length, Buffer.alloc(2 * input.length + 8), 0)
      encoder.end()
    },
  },
  {
    name: 'queue socket',
    seeds: ['S\0\0\0M\0\0\x05helloE\0\0\x04Fa\0TC\0\0\0', 'S\0\0\x07networkA\0\0\0', 'Q\0\0\x03\x001x', 'M\xff\xff\xff'],
    units: ['C\0\0\0', 'S\0\0\x01x', 'M\0\0\x01x', 'E\0\0\0', '\0', 'Q'],
    run: (input, random) =>
      allowing([FrameError], undefined, () => {
        const reader = new FrameReader(() => undefined)
        for (const piece of pieces(input, random)) reader.read(piece)
      }),
  },
  {
    name: 'mbox',
    seeds: ['From a\nx: y\n\nbody\n\nFrom b\n\nz\n\n', '\n\n', 'x', 'From \n'],
    units: [...lineUnits, '\n\nFrom ', 'From x\n\n\n'],
    prefix: 'From x\n',
    run: (input) => withFile(input, (fd) => allowing([NotMbox], undefined, () => scanMbox(fd, input.length))),
  },
  {
    name: 'tcpto',
    seeds: ['\x01\x02\x03\x04\x05\0\0\0\x01\x02\x03\x04\0\0\0\0', ''],
    units: ['\x01', '\0'],
    run: (input) => recordsOf(input.subarray(0, tableBytes)),
  },
  {
    name: 'authres',
    seeds: [
      'example.org; spf=pass (x) reason="a \\" b" smtp.mailfrom=a@b.example; dkim / 1 = fail header . d = x',
      '(a(b)c)x 1; none',
      'a;;=;b==c;"',
    ],
    units: [';', '(', ')', '"', '\\', '=', '.', '/', 'a', ' '],
    run(input) {
      const { id, results } = readAuthResults(text(input))
      resultsText(id, results)
    },
  },
  {
    name: 'foreignresults',
    seeds: ['Authentication-Results: x; spf=pass\n b\nA: b\n\nAuthentication-Results: x', 'authentication-results\t : (x) X\nSubject: y\n'],
    units: ['\n', ' ', ':', '(', 'Authentication-Results', 'x', 'authentication-results: x;', '\n\n'],
    run(input) {
      const all = new ForeignResults('x')
      const whole = Buffer.concat([all.push(input), all.end()])
      const cut = new ForeignResults('x')
      const pieces = [...input].map((byte) => Buffer.from(cut.push(Buffer.of(byte))))
      if (!Buffer.concat([...pieces, cut.end()]).equals(whole)) throw new Error('it depends on how the message is cut')
      if (all.forged === 0 && !whole.equals(input)) throw new Error('a message without such fields was changed')
    },
  },
  {
    name: 'judgement',
    seeds: ['From: a <b@c.example>\nDKIM-Signature: v=1; d=c.example; s=d\nARC-Seal: i=1; cv=none\nList-Id: x\n\nbody\n'],
    units: ['From: ', '@', '<', '>', ':', ';', '(', ')', '"', ',', '\n', ' ', 'List-Id:', 'ARC-Seal: i=1;', 'x.example'],
    run(input) {
      const options = { nowSeconds: 0, receiver: 'x', smallestKeyBits: 1024, partialBody: false, weak: false }
      const nobody = { ip: '', helo: '', sender: '' }
      const judge = new Judge(nobody, { ...options, ask: async () => ({ kind: 'nxdomain' }) }, 'queue')
      judge.push(input)
      void judge.end()
    },
  },
  {
    name: 'arc',
    seeds: [
      'ARC-Seal: i=1; a=rsa-sha256; cv=none; d=a.b; s=c; b=AA==\r\nARC-Message-Signature: i=1; a=rsa-sha256; d=a.b; s=c; h=from; bh=AA==; b=AA==\r\nARC-Authentication-Results: i=1; x; none\r\n\r\nx',
    ],
    units: ['i=1;', 'i=50;', 'ARC-Seal: ', '\r\n', ' ', ';', '=', 'a'],
    run(input) {
      const chain = new Chain({ lookUp: async () => ({ kind: 'nxdomain' }), nowSeconds: 0 })
      const verifier = new Verifier({ lookUp: async () => ({ kind: 'nxdomain' }), nowSeconds: 0, companion: chain })
      verifier.push(input)
    },
  },
  {
    name: 'sasl',
    seeds: [
      'n,,n=joe,r=abc',
      'p=tls-exporter,a=j=2Coe,n=j=2Coe,r=abc,x=y',
      'c=biws,r=abcours,p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
      '\0joe\0pass',
      'joe b913a602c7eda7a495b4e6e7334d3890',
      'n,a=joe,\x01host=x\x01auth=Bearer abc\x01\x01',
      'user=joe\x01auth=Bearer abc\x01\x01',
      'SCRAM-SHA-256$4096:YWJj$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
    ],
    units: ['a', ',', '=', '=2C', '\x01', '\0', 'n=', 'r=', ',p=', 'AAAA'],
    run(input) {
      const secret = Buffer.from('fuzz')
      const terms = { verifierOf: (login: string) => inventedVerifier(login, secret), binding: secret, nonce: 'ours', challenge: '<c>' }
      for (const name of ['PLAIN', 'LOGIN', 'CRAM-MD5', 'OAUTHBEARER', 'XOAUTH2', 'SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS']) {
        startServer(name, terms)?.step(text(input))
        const server = startServer(name, terms)
        server?.step(name.startsWith('SCRAM') ? 'n,,n=joe,r=abc' : undefined)
        server?.step(text(input))
      }
      decodeBase64(text(input))
      parseVerifier(text(input))
      bestMechanism(text(input).split(' '), { hasBinding: false, isPrivate: true, isToken: false })
    },
  },
]
