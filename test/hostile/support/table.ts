/**
 * What each program does with bad input: its exit code, and the line it says on descriptor 2. qmail's where qmail has the program.
 *
 * Where a program says nothing (an empty text), its counterpart does not either: its exit code is its interface.
 */

export interface Expected {
  readonly exit: number
  /** The only line on descriptor 2, or the empty string. */
  readonly line: string | RegExp
}

export interface Row {
  readonly program: string
  /** Without arguments; undefined for one that starts to serve then. */
  readonly bare?: Expected
  /** With forty arguments `x`; undefined where they are as good as any. */
  readonly many?: Expected
  /** Arguments with which it would read a message from descriptor 0; what it says if that is closed. */
  readonly reading?: readonly [args: readonly string[], Expected]
  /** Arguments, and what stands on descriptor 0, with an address or name of more bytes than anything takes. */
  readonly long?: readonly [args: readonly string[], input: string, Expected]
  /** With NUL bytes on descriptor 0. */
  readonly nul?: readonly [args: readonly string[], input: string, Expected]
}

/** More than the 1002 bytes of an address, than a file name, than a login. */
export const longName: string = 'n'.repeat(1_500)
const longAddress = `${longName}@h.example`

const fine: Expected = { exit: 0, line: '' }
const nobody: Expected = { exit: 100, line: 'qmail-inject: fatal: no recipients: name them in the header or as arguments' }
const silent = (exit: number): Expected => ({ exit, line: '' })
const usage = (program: string, text: string): Expected => ({ exit: 100, line: `${program}: usage: ${text}` })
const cannotRead = (program: string, what = 'unable to read message: file descriptor not open'): Expected => ({
  exit: 111,
  line: `${program}: fatal: ${what}`,
})
const cannotCopy = (program: string): Expected => cannotRead(program, 'unable to copy input: file descriptor not open')
const tooLong = (program: string): Expected => ({ exit: 100, line: `${program}: fatal: envelope address too long for qq (#5.1.3)` })
const notRun = (program: string, exit: number): Expected => ({ exit, line: `${program}: fatal: unable to run x: file does not exist` })
const queued = (program: string): Expected => ({ exit: 0, line: new RegExp(`^${program}: qp \\d+$`) })
const noMaildir: Expected = { exit: 111, line: /^maildir2mbox: fatal: unable to chdir to .*\/none: file does not exist$/ }
const selects = (program: string): Row => ({
  program,
  bare: { exit: 100, line: new RegExp(`^${program}: say which messages: .*`) },
  many: { exit: 100, line: `${program}: x is not the number of a message` },
})

const netstring = (text: string): string => `${text.length}:${text},`

export const rows: readonly Row[] = [
  { program: 'authd', many: usage('authd', 'authd [--ready-fd N]') }, // without arguments it serves
  { program: 'daily', many: usage('daily', 'daily [--ready-fd N]') }, // likewise
  { program: 'recipientd', many: usage('recipientd', 'recipientd [--ready-fd N]') }, // likewise
  { program: 'sessionlog', bare: fine, many: fine },
  { program: 'bouncesaying', bare: usage('bouncesaying', 'bouncesaying error [ program [ arg ... ] ]'), many: fine },
  {
    program: 'checkpassword',
    bare: { exit: 2, line: /^checkpassword: name a program, and give login, password and challenge on descriptor 3/ },
    many: { exit: 2, line: /^checkpassword: / },
  },
  { program: 'clean', bare: fine, many: fine, nul: [[], 'foop/1\0\0\0todo/\0x', fine], long: [[], `foop/${'1'.repeat(200)}\0`, fine] },
  {
    program: 'condredirect',
    bare: usage('condredirect', 'condredirect newaddress program [ arg ... ]'),
    many: fine,
    reading: [['a@h.example', 'true'], cannotRead('condredirect')],
    long: [[longAddress, 'true'], 'x\n', tooLong('condredirect')],
  },
  { program: 'config', many: { exit: 100, line: /^config: usage: config; / } },
  {
    program: 'config-fast',
    bare: usage('config-fast', 'config-fast HOST'),
    many: usage('config-fast', 'config-fast HOST'),
    long: [[longName], '', { exit: 100, line: /^config-fast: "n+" is not the name of a host/ }],
  },
  { program: 'datemail', reading: [['a@h.example'], cannotCopy('predate')], long: [[longAddress], 'x\n', tooLong('qmail-inject')] },
  { program: 'elq', bare: noMaildir, many: noMaildir },
  { program: 'except', bare: usage('except', 'except program [ arg ... ]'), many: fine },
  {
    program: 'forward',
    bare: { exit: 100, line: 'forward: fatal: no address' },
    many: queued('forward'),
    reading: [['a@h.example'], cannotRead('forward')],
    long: [[longAddress], 'x\n', tooLong('forward')],
    nul: [['a@h.example'], '\0\n\0\n', queued('forward')],
  },
  { program: 'getpw', bare: silent(100), many: fine, long: [[longName], '', fine] },
  {
    program: 'inject',
    bare: nobody,
    many: fine,
    reading: [['a@h.example'], cannotRead('qmail-inject', 'read error')],
    long: [[longAddress], 'x\n', tooLong('qmail-inject')],
    nul: [[], 'To: a@h.example\n\n\0body\0\n', fine],
  },
  {
    program: 'local',
    bare: usage('qmail-local', 'qmail-local [ -nN ] user homedir local dash ext domain sender aliasempty'),
    many: usage('qmail-local', 'qmail-local [ -nN ] user homedir local dash ext domain sender aliasempty'),
    long: [
      ['joe', '/', 'joe', '-', longName, 'h.example', 's@h.example', './Mailbox'],
      'x\n',
      { exit: 100, line: 'Sorry, no mailbox here by that name. (#5.1.1)' },
    ],
  },
  { program: 'lspawn', bare: silent(100) },
  { program: 'maildir2mbox', bare: noMaildir, many: noMaildir },
  {
    program: 'maildirmake',
    bare: usage('maildirmake', 'maildirmake name'),
    long: [[longName], '', { exit: 111, line: /^maildirmake: fatal: unable to mkdir n+: / }],
  },
  { program: 'fetchbox', bare: { exit: 100, line: 'fetchbox: name FROM and TO; see fetchbox --help' } },
  { program: 'maildirwatch', bare: { exit: 111, line: /^maildirwatch: fatal: unable to chdir to .*\/none: file does not exist$/ } },
  {
    program: 'mailsubj',
    bare: usage('mailsubj', 'mailsubj subject [ recipient ... ]'),
    many: fine,
    reading: [['subject', 'a@h.example'], cannotCopy('mailsubj')],
    long: [['subject', longAddress], 'x\n', tooLong('qmail-inject')],
  },
  { program: 'newmrh', bare: { exit: 111, line: 'qmail-newmrh: fatal: unable to read control/morercpthosts: file does not exist' } },
  { program: 'newu', bare: { exit: 111, line: 'qmail-newu: fatal: unable to open users/assign' } },
  { program: 'pinq', bare: noMaildir, many: noMaildir },
  { program: 'pop3d', bare: fine, many: fine },
  { program: 'popup', bare: silent(1), many: silent(1), nul: [['h.example', 'true'], 'USER a\0b\r\nPASS \0\r\n\0\r\n', silent(1)] },
  {
    program: 'predate',
    bare: usage('predate', 'predate child'),
    many: notRun('predate', 111),
    reading: [['cat'], cannotCopy('predate')],
  },
  {
    program: 'preline',
    bare: usage('preline', 'preline cmd [ arg ... ]'),
    many: notRun('preline', 100),
    reading: [['cat'], cannotCopy('preline')],
  },
  { program: 'pw2u', nul: [['-o'], 'a\0b:x:1:1::/:\n', { exit: 111, line: /^qmail-pw2u: fatal: / }] },
  { program: 'qail', bare: noMaildir, many: noMaildir },
  { program: 'qbiff', bare: fine, many: fine, nul: [[], '\0\0\n\0', fine] },
  { program: 'qmqpc', bare: silent(55), many: silent(55) },
  {
    program: 'qmqpd',
    bare: fine,
    many: fine,
    nul: [[], '\0', silent(100)],
    long: [[], netstring(netstring('x\n') + netstring('s@h.example') + netstring(longAddress)), fine],
  },
  {
    program: 'qmtpd',
    bare: fine,
    many: fine,
    nul: [[], '\0', silent(100)],
    long: [[], netstring('\nx\n') + netstring('s@h.example') + netstring(netstring(longAddress)), fine],
  },
  { program: 'qread', bare: fine, many: fine },
  {
    program: 'qreceipt',
    bare: usage('qreceipt', 'qreceipt deliveryaddress'),
    reading: [['a@h.example'], cannotRead('qreceipt', 'read error: file descriptor not open')],
    nul: [['a@h.example'], 'Notice-Requested-Upon-Delivery-To: a@h.example\0\n\n', fine],
  },
  {
    program: 'qsmhook',
    bare: usage('qsmhook', 'qsmhook [ -DFlMmnPs ] [ -x prefix ] cmd [ arg ... ]'),
    many: notRun('qsmhook', 100),
    reading: [['cat'], cannotCopy('qsmhook')],
  },
  { program: 'qstat', bare: fine, many: fine },
  { program: 'queue', reading: [[], silent(54)], bare: silent(54), many: silent(54) },
  {
    program: 'remote',
    bare: fine,
    long: [[longName, 's@h.example', longAddress], 'x\n', fine],
  },
  { program: 'rspawn', bare: fine, nul: [[], '\0\0\0\0', fine], long: [[], `\x01${'1'.repeat(200)}\0s\0${longAddress}\0`, fine] },
  {
    program: 'sendmail',
    bare: nobody,
    many: fine,
    reading: [['a@h.example'], cannotRead('qmail-inject', 'read error')],
    long: [['-f', longAddress, 'a@h.example'], 'x\n', tooLong('qmail-inject')],
    nul: [['-t'], 'To: a@h.example\nSubject: \0\n\n\0\n', fine],
  },
  { program: 'send' },
  { program: 'service', bare: { exit: 100, line: /^service: usage: / }, many: { exit: 100, line: /^service: usage: / } },
  { program: 'sessiond', bare: { exit: 100, line: 'sessiond: name the program that serves a session; see sessiond --help' } },
  {
    program: 'setpassword',
    bare: { exit: 100, line: 'setpassword: name the login; see setpassword --help' },
    many: { exit: 100, line: 'setpassword: one login at a time; see setpassword --help' },
    long: [[longName], 'secret\n', { exit: 100, line: /^setpassword: / }],
    nul: [['joe'], 'se\0cret\n', { exit: 100, line: /^setpassword: / }],
  },
  { program: 'showctl', bare: fine, many: fine },
  {
    program: 'smtpd',
    bare: silent(1),
    many: silent(1),
    nul: [[], '\0\0\r\nHELO \0\r\nMAIL FROM:<\0>\r\nQUIT\r\n', fine],
    long: [[], `MAIL FROM:<${longAddress}>\r\nRCPT TO:<${longAddress}>\r\nQUIT\r\n`, fine],
  },
  { program: 'splogger', bare: fine, many: fine },
  {
    program: 'srsfilter',
    bare: { exit: 100, line: 'srsfilter: fatal: DEFAULT not set' },
    many: usage('srsfilter', 'srsfilter < message'),
  },
  { program: 'start', many: { exit: 111, line: 'start: unable to run x' } },
  { program: 'supervise', many: { exit: 100, line: 'supervise: x: no such argument; see supervise --help' } },
  { program: 'tcp-env', bare: silent(111), many: silent(111) },
  { program: 'tcpok', bare: fine, many: fine },
  { program: 'tcpto', bare: fine, many: fine },
  ...['qhold', 'qrelease', 'qretry', 'qrm'].map(selects),
]
