/** Front doors of others over bin/queue: mailfront's three protocols and qpsmtpd's plugin, which run it as they run qmail-queue. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { runPeer, workplace } from '../peers/support/peer.ts'
import { hostName, ScratchHome } from '../support/home.ts'
import { find, missing } from '../support/programs.ts'

const letter = 'Subject: through\n\n.dot\n\ncaf\xe9\n'
const joe = `joe@${hostName}`
const netstring = (text: string): string => `${text.length}:${text},`
const smtp = ['HELO client.example', 'MAIL FROM:<a@b.example>', `RCPT TO:<${joe}>`, `RCPT TO:<ann@${hostName}>`, 'DATA', '']
const overSmtp = `${smtp.join('\r\n')}${letter.replaceAll(/^\./gm, '..').replaceAll('\n', '\r\n')}.\r\nQUIT\r\n`
const recipients = [joe, `ann@${hostName}`].map(netstring).join('')

interface Door {
  readonly name: string
  readonly skip: string | false
  readonly input: string
  readonly accepted: RegExp
  /** What its client hears when queue says 31, and when it says 53. */
  readonly permanent: RegExp
  readonly temporary: RegExp
  /** Run it over a queue program. @returns what its client hears */
  readonly run: (home: ScratchHome, place: string, queue: string, input: string) => Promise<string>
}

/** Environment as from tcpserver. */
const connection = { PROTO: 'TCP', TCPREMOTEIP: '192.0.2.1', TCPLOCALIP: '127.0.0.1', TCPLOCALHOST: 'door.example' }

function mailfront(program: string): Door['run'] {
  return (home, place, queue, input) =>
    runPeer(place, program, [], {
      input,
      env: { ...connection, ...home.environment, QMAILHOME: home.directory, QMAILQUEUE: queue, RELAYCLIENT: '' },
    })
}

/** qpsmtpd without its own listener, on descriptors 0 and 1. */
const qpsmtpdScript = `use Socket;
use IO::Socket;
use Qpsmtpd::TcpServer;
socketpair(my $ours, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC); # it asks a socket whether the client is still there
my $server = Qpsmtpd::TcpServer->new();
$server->start_connection();
$server->run(IO::Socket->new_from_fd(fileno($ours), '+<'));
`

const qpsmtpd: Door['run'] = (home, place, queue, input) => {
  const settings: Record<string, string> = {
    plugins: `rcpt_ok\nqueue/qmail-queue ${queue}\n`,
    plugin_dirs: '/usr/share/qpsmtpd/plugins\n',
    rcpthosts: `${hostName}\n`,
    me: 'door.example\n',
    spool_dir: `${place}/spool\n`,
    loglevel: '0\n',
  }
  mkdirSync(join(place, 'spool'), { recursive: true, mode: 0o700 })
  for (const [name, text] of Object.entries(settings)) writeFileSync(join(place, name), text)
  writeFileSync(join(place, 'qpsmtpd'), qpsmtpdScript)
  return runPeer(place, 'perl', ['qpsmtpd'], { input, env: { ...connection, ...home.environment, QPSMTPD_CONFIG: place } })
}

const doors: readonly Door[] = [
  {
    name: 'smtpfront-qmail',
    skip: missing('smtpfront-qmail'),
    input: overSmtp,
    accepted: /^250 2\.6\.0 Accepted message qp \d+ bytes \d+\r$/m,
    permanent: /^554 /m,
    temporary: /^451 /m,
    run: mailfront('smtpfront-qmail'),
  },
  {
    name: 'qmtpfront-qmail',
    skip: missing('qmtpfront-qmail'),
    input: netstring(`\n${letter}`) + netstring('a@b.example') + netstring(recipients),
    accepted: /\d+:K2\.6\.0 Accepted message qp \d+ bytes \d+,/,
    permanent: /\d+:D5\.3\.0 /,
    temporary: /\d+:Z4\.3\.0 /,
    run: mailfront('qmtpfront-qmail'),
  },
  {
    name: 'qmqpfront-qmail',
    skip: missing('qmqpfront-qmail'),
    input: netstring(netstring(letter) + netstring('a@b.example') + recipients),
    accepted: /\d+:K2\.6\.0 Accepted message qp \d+ bytes \d+,/,
    permanent: /\d+:D5\.3\.0 /,
    temporary: /\d+:Z4\.3\.0 /,
    run: mailfront('qmqpfront-qmail'),
  },
  {
    name: "qpsmtpd's queue/qmail-queue",
    skip: find('qpsmtpd-forkserver') === undefined ? missing('qpsmtpd-forkserver') : false,
    input: overSmtp,
    accepted: /^250 Queued! \d+ qp \d+ /m,
    permanent: /^45\d /m, // the plugin knows no code of qmail-queue that is for good
    temporary: /^45\d /m,
    run: qpsmtpd,
  },
]

/** The one message in todo/: its envelope as on disk, and its text. */
function queued(t: Test, home: ScratchHome): { envelope: string; text: string } {
  const queue = join(home.directory, 'queue')
  const [id = '', ...others] = readdirSync(join(queue, 'todo'))
  t.same(others, [], 'one message')
  const mess = join(queue, 'mess', String(Number(id) % 23), id)
  return { envelope: readFileSync(join(queue, 'todo', id), 'latin1'), text: readFileSync(mess, 'latin1') }
}

for (const door of doors) {
  t.test(`${door.name} queues by bin/queue, and says what its exit code means`, { skip: door.skip }, async (t) => {
    const home = await ScratchHome.make(t)
    const place = workplace(home, 'place')
    home.control('rcpthosts', `${hostName}\n`)
    for (const [code, expected] of [
      [31, door.permanent],
      [53, door.temporary],
    ] as const) {
      const refusing = join(home.root, `refuse${code}`)
      writeFileSync(refusing, `#!/bin/sh\ncat >/dev/null\nexit ${code}\n`)
      chmodSync(refusing, 0o755)
      t.match(await door.run(home, place, refusing, door.input), expected, `exit code ${code}`)
    }
    t.match(await door.run(home, place, join(home.directory, 'bin/queue'), door.input), door.accepted)
    const { envelope, text } = queued(t, home)
    t.match(envelope, /^u\d+\0p\d+\0/)
    t.equal(envelope.replace(/^u\d+\0p\d+\0/, ''), `Fa@b.example\0T${joe}\0Tann@${hostName}\0`)
    t.match(text, /^Received: \(qmail \d+ invoked by uid \d+\); \d+ \w{3} \d{4} [\d:]{8} -0000\nReceived: /)
    t.ok(text.endsWith(letter), 'whole')
  })
}
