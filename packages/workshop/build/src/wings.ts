/**
 * The wings of the house: who lives where, who may look into whom, and what of Node each may use.
 *
 * It is the one table. make map prints it. make map-write makes these of it, and boundaries.ts compares them:
 *
 * - the list of programs in README.md
 * - packages/README.md with its picture, and each wing's README.md
 * - `workspaces` in package.json and `references` in tsconfig.json
 */

export interface Wing {
  readonly name: string
  /** Of a message, or of a home: a sentence without its end, which stands in README.md. */
  readonly happens: string
  /** In the order of a message's path. What each does stands in its package.json. */
  readonly programs: readonly string[]
  /** What two programs share, or more. */
  readonly nouns: readonly string[]
  /** A wing, or one noun of it: `store/enqueue`. Types count. Into the foundations everybody may look. */
  readonly looksInto: readonly string[]
  /** Modules of Node that its packages may use, besides those that only calculate (rights.ts): `fs`, or one name of it: `fs.existsSync`. */
  readonly node: readonly string[]
  /** What single packages may use instead of that. */
  readonly nodeOf?: Readonly<Record<string, readonly string[]>>
}

/** Every wing may look into these; formats into none, system into formats. */
export const foundations: readonly string[] = ['formats', 'system']

const words = (text: string): readonly string[] => (text === '' ? [] : text.split(' '))

export const wings: readonly Wing[] = [
  {
    name: 'arrive',
    happens: 'a message comes in, from a person, a program or another host',
    programs: words('inject sendmail mailsubj predate datemail smtpd qmtpd qmqpd tcp-env'),
    nouns: words('admission dnslists greylist heldmessage milter received netstringserver recipientprotocol'),
    looksInto: words('vouch/judgement vouch/spf relay/correspondents store/enqueue schedule/routing'),
    node: [], // smtpd opens no file but that of what people have sent: its settings by control, the rest by nobody
    nodeOf: {
      greylist: words('fs'),
      heldmessage: words('fs'),
      inject: words('fs.readFileSync fs.writeSync'),
      smtpd: words('fs.existsSync fs.mkdirSync fs.readFileSync'),
      milter: words('net'),
      'tcp-env': words('net'),
    },
  },
  {
    name: 'vouch',
    happens: 'domains answer for it by their signatures, which are verified, and made',
    programs: words('authcheck dkimkey'),
    nouns: words('arc dkim dkimkeys dmarc judgement senders signing spf zonefile'),
    looksInto: words('schedule/routing mailbox/users'),
    node: [],
    nodeOf: {
      authcheck: words('fs.readFileSync'),
      dkimkey: words('fs'),
      dkimkeys: words('fs'),
      senders: words('fs'),
      signing: words('fs'),
    },
  },
  {
    name: 'store',
    happens: 'it is written into the queue, whole or not at all',
    programs: words('queue clean qmqpc'),
    nouns: words('enqueue envelope queuedir'),
    looksInto: [],
    node: words('fs net'),
  },
  {
    name: 'schedule',
    happens: 'each delivery, retry and bounce has its time',
    programs: words('send start'),
    nouns: words('retrytimes routing spawnprotocol'),
    looksInto: words('store/enqueue store/queuedir mailbox/users'),
    node: words('fs net'),
  },
  {
    name: 'deliver',
    happens: 'it goes to a user of this host, as `.qmail` says',
    programs: words('lspawn local'),
    nouns: words('dotfile aliasdb srs'),
    looksInto: words('mailbox store/enqueue schedule/spawnprotocol'),
    node: words('fs net'),
    nodeOf: { local: words('fs net child_process') },
  },
  {
    name: 'dotqmail',
    happens: 'a line of `.qmail` runs a program on it',
    programs: words('forward aliasforward condredirect except bouncesaying preline qsmhook qreceipt qbiff srsfilter'),
    nouns: words('forwarding'),
    looksInto: words('deliver/aliasdb deliver/srs store/enqueue'),
    node: words('fs'),
  },
  {
    name: 'relay',
    happens: 'it goes to another host',
    programs: words('rspawn remote tcpto tcpok'),
    nouns: words('smtpclient correspondents tlsdemand dane mtasts tlsrpt tcptable'),
    looksInto: words('vouch/signing schedule/spawnprotocol store/queuedir'),
    node: words('fs net'),
    nodeOf: { smtpclient: words('fs net tls'), mtasts: words('fs https') },
  },
  {
    name: 'mailbox',
    happens: 'it lies in a Maildir or an mbox of its user',
    programs: words('mailbox maildirmake maildir2mbox setpassword'),
    nouns: words('maildir dovecotfiles messagecache mailfolder mbox ownpath users password'),
    looksInto: [],
    node: words('fs'),
    nodeOf: { mailbox: words('fs child_process'), setpassword: words('fs child_process'), users: words('fs child_process') },
  },
  {
    name: 'collect',
    happens: 'its user logs in, or reads it here',
    programs: words('popup imapd imap authd sessiond sessionlog checkpassword pop3d elq pinq qail maildirwatch fetchbox'),
    nouns: words('pop3 delivered loginclient loginfront'),
    looksInto: words('mailbox deliver/dotfile'),
    node: words('fs net'),
    nodeOf: { fetchbox: words('fs child_process.spawnSync tls.rootCertificates') },
  },
  {
    name: 'tend',
    happens: 'it is looked at while it waits, and cared for',
    programs: words('recipientd qread qstat qcheck qrm qhold qrelease qretry explain health tlspolicy dmarcreport'),
    nouns: words('recipient queueview queuecare queueparts logfiles'),
    looksInto: words('arrive vouch store schedule deliver relay mailbox operate/newhome'),
    node: words('fs'),
    nodeOf: { queueparts: words('worker_threads'), health: words('fs net') },
  },
  {
    name: 'operate',
    happens: 'a home is made and kept running',
    programs: words(
      'quickstart supervise service webfiles acme daily dnsadvice config-fast config newu pw2u getpw newmrh newaliasdb showctl completion splogger',
    ),
    nouns: words('newhome homeaccounts postmaster'),
    looksInto: words('vouch/dkimkeys vouch/zonefile relay/mtasts mailbox/users deliver/aliasdb deliver/dotfile store/queuedir'),
    node: words('fs'),
    nodeOf: {
      quickstart: words('fs net tls child_process'),
      supervise: words('fs net child_process'),
      newhome: words('fs child_process'),
      homeaccounts: words('fs child_process'),
      webfiles: words('fs http'),
      acme: words('fs https'),
    },
  },
  {
    name: 'formats',
    happens: 'bytes of strangers become words, and words bytes',
    programs: [],
    nouns: words(
      'address blanks dates netstring sasl smtp imapwire header authres facts mime mimeparts dsn reports imapsearch cdb printable logline trouble limits controlfiles selfsigned',
    ),
    looksInto: [],
    node: [],
  },
  {
    name: 'system',
    happens: 'every program finds what its home and the machine give',
    programs: [],
    nouns: words(
      'posix child descriptor files cdbfile home control announced listener places tlsfiles loginprotocol commandline messagecommand dns wrapper',
    ),
    looksInto: words('formats'),
    node: words('fs net'),
    nodeOf: {
      posix: words('fs module'),
      child: words('fs child_process'),
      home: words('fs child_process'),
      tlsfiles: words('fs tls'),
      dns: words('fs net dgram'),
    },
  },
  {
    name: 'workshop',
    happens: 'programs are built, tested, documented and installed',
    programs: [],
    nouns: words('build native manual installation'),
    looksInto: words('operate/newhome operate/homeaccounts'),
    node: words('fs'),
    nodeOf: { build: words('fs child_process net v8 vm'), native: words('fs child_process net') },
  },
]

/** Who lives in a wing, programs first. */
export function membersOf({ programs, nouns }: Wing): readonly string[] {
  return [...programs, ...nouns]
}

/** Where a wing's package lies, relative to the root. */
export function placeOf(wing: Wing, name: string): string {
  return `packages/${wing.name}/${name}`
}
