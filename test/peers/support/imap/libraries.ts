/** Libraries and scripts: imaplib, Mail::IMAPClient, imapfilter, imapflow. */
import { deepEqual, equal } from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { ImapFlow } from 'imapflow'
import { missing } from '../../../support/programs.ts'
import { until } from '../../../support/wait.ts'
import { runPeer } from '../peer.ts'
import type { ImapReader, Visit } from './client.ts'
import { type Account, atFirst, type Held, letter } from './host.ts'
import { writeSettings } from './sync.ts'

const afterwards: Held = {
  ...atFirst,
  INBOX: ['one \\Flagged \\Seen', 'two \\Flagged \\Seen'],
  Work: ['plan', 'sent \\Draft', 'three \\Answered \\Seen'],
}
const deed = 'Lists, searches, fetches headers, structure and text, flags a message, moves one, appends one.'

/** A script must have said this, and done that. */
async function script(visit: Visit, client: ImapReader, program: string, said: string): Promise<void> {
  const path = writeSettings(visit, client)
  equal(await runPeer(visit.directory, program, [path]), said)
  deepEqual(await visit.host.held(visit.user), afterwards)
}

export const imaplib: ImapReader = {
  name: 'imaplib',
  needs: () => missing('python3'),
  ways: ['clear', 'tls'],
  deed,
  settings({ host, port, login, password, authority }: Account) {
    const open =
      authority === undefined
        ? `imaplib.IMAP4('${host}', ${port})`
        : `imaplib.IMAP4_SSL('${host}', ${port}, ssl_context=ssl.create_default_context(cafile='${authority}'))`
    return `~/session.py
import email, imaplib, ssl
home = ${open}
home.login('${login}', '${password}')
print(len(home.list()[1]), 'mailboxes')
print(home.select('INBOX')[1][0].decode(), 'messages')
number = home.search(None, 'SUBJECT', 'one')[1][0].decode()
message = email.message_from_bytes(home.fetch(number, '(RFC822)')[1][0][1])
print(number, message['Subject'], '/', message.get_payload().splitlines()[1])
home.store(number, '+FLAGS', r'(\\Flagged)')
third = home.uid('SEARCH', None, 'ANSWERED')[1][0].decode()
print(b'BODYSTRUCTURE (("text" "plain"' in home.uid('FETCH', third, '(BODYSTRUCTURE)')[1][0])
print(home.uid('MOVE', third, 'Work')[0])
print(home.append('Work', r'(\\Draft)', None, ${JSON.stringify(letter('sent').replaceAll('\n', '\r\n'))}.encode())[0])
home.close()
home.logout()
`
  },
  session: (visit) => script(visit, imaplib, 'python3', '5 mailboxes\n3 messages\n1 letter one / From here it goes on.\nTrue\nOK\nOK\n'),
}

export const perl: ImapReader = {
  name: 'mail-imapclient',
  needs: () => missing('perl') || (hasPerlModule() ? false : 'not on this machine: libmail-imapclient-perl (make peers installs it)'),
  ways: ['clear', 'tls'],
  deed,
  settings({ host, port, login, password, authority }: Account) {
    const security = authority === undefined ? '' : `\n  Ssl => [SSL_ca_file => '${authority}', SSL_verifycn_name => '${host}'],`
    return `~/session.pl
use strict; use warnings; use Mail::IMAPClient;
my $home = Mail::IMAPClient->new(
  Server => '${host}', Port => ${port},${security}
  User => '${login}', Password => '${password}', Uid => 1) or die $@;
print scalar(@{[$home->folders]}), " mailboxes\\n";
$home->select('INBOX') or die $@;
print $home->message_count, " messages\\n";
my ($one) = $home->search(SUBJECT => $home->Quote('one')) or die $@;
print "$one ", $home->subject($one), ' / ', (split /\\r\\n/, $home->body_string($one))[1], "\\n";
$home->set_flag('Flagged', $one) or die $@;
$home->see($one) or die $@;
my ($third) = $home->search('ANSWERED') or die $@;
print $home->get_bodystructure($third)->bodytype, "\\n";
$home->move('Work', $third) or die $@;
$home->expunge or die $@;
$home->append_string('Work', ${JSON.stringify(letter('sent')).replaceAll('@', '\\@')}, '\\Draft') or die $@;
$home->logout;
`
  },
  session: (visit) => script(visit, perl, 'perl', '4 mailboxes\n3 messages\n1 letter one / From here it goes on.\nMULTIPART\n'),
}

function hasPerlModule(): boolean {
  try {
    execFileSync('perl', ['-MMail::IMAPClient', '-e1'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export const imapfilter: ImapReader = {
  name: 'imapfilter',
  needs: () => missing('imapfilter'),
  ways: ['clear', 'tls'],
  deed: 'Finds messages by subject, age and flags, flags one and moves one.',
  settings({ host, port, login, password, authority }: Account) {
    const security = authority === undefined ? '' : `\n  ssl = 'auto',`
    return `~/.imapfilter/config.lua
options.starttls = false
options.info = false
options.certificates = ${authority !== undefined}
home = IMAP {
  server = '${host}', port = ${port},${security}
  username = '${login}', password = '${password}' }
print(home.INBOX:check_status())
found = home.INBOX:contain_subject('one') * home.INBOX:is_newer(1) + home.INBOX:contain_body('no such word')
found:mark_flagged()
home.INBOX:is_unseen():mark_seen()
home.INBOX:is_answered():move_messages(home.Work)
print(#home.Work:select_all(), #home.INBOX:is_flagged())
`
  },
  async session(visit) {
    writeSettings(visit, imapfilter)
    const { authority } = visit.account
    const trust = authority === undefined ? [] : ['-t', authority]
    equal(await runPeer(visit.directory, 'imapfilter', trust), '3\t3\t1\t4\n2\t2\n')
    deepEqual(await visit.host.held(visit.user), { ...afterwards, Work: ['plan', 'three \\Answered \\Seen'] })
  },
}

/** A session of imapflow. @returns it, connected */
export async function openFlow({ host, port, login, password, authority }: Account): Promise<ImapFlow> {
  const security =
    authority === undefined
      ? { secure: false, doSTARTTLS: false }
      : { secure: true, tls: { ca: readFileSync(authority, 'utf8'), servername: host } }
  const flow = new ImapFlow({ host, port, ...security, auth: { user: login, pass: password }, logger: false })
  flow.on('error', () => undefined) // the commands that fail tell it
  await flow.connect()
  return flow
}

export const imapflow: ImapReader = {
  name: 'imapflow',
  needs: () => false,
  ways: ['clear', 'tls'],
  deed: `${deed} Then it hears in IDLE of a message that comes.`,
  settings({ host, port, login, password, authority }: Account) {
    const security =
      authority === undefined ? 'secure: false, doSTARTTLS: false' : `secure: true, tls: { ca: readFileSync('${authority}') }`
    return `session.mjs
new ImapFlow({ host: '${host}', port: ${port}, ${security}, auth: { user: '${login}', pass: '${password}' } })
`
  },
  async session({ host, user, account }) {
    const flow = await openFlow(account)
    deepEqual((await flow.list()).map(({ path }) => path).sort(), ['Drafts', 'INBOX', 'Rückblick', 'Rückblick/1999', 'Work'])
    const { exists } = await flow.mailboxOpen('INBOX')
    equal(exists, 3)
    const one = await flow.search({ subject: 'one' }, { uid: true })
    deepEqual(one, [1])
    const first = await flow.fetchOne('1', { envelope: true, source: true, bodyStructure: true }, { uid: true })
    if (first === false) throw new Error('there is no first message')
    equal(first.envelope?.messageId, '<one@letters.example>')
    equal(first.source?.toString('latin1').replaceAll('\r\n', '\n'), letter('one'))
    await flow.messageFlagsAdd('1', ['\\Flagged', '\\Seen'], { uid: true })
    const answered = await flow.search({ answered: true }, { uid: true })
    const third = await flow.fetchOne(String(answered), { bodyStructure: true }, { uid: true })
    if (third === false) throw new Error('there is no third message')
    deepEqual(
      third.bodyStructure?.childNodes?.map(({ type }) => type),
      ['text/plain', 'application/octet-stream'],
    )
    const { content } = await flow.download(String(answered), '2', { uid: true })
    const chunks: Buffer[] = []
    for await (const chunk of content ?? []) chunks.push(chunk as Buffer)
    deepEqual(Buffer.concat(chunks), Buffer.from([0, 1, 2, 3, 4, 5]))
    await flow.messageMove(String(answered), 'Work', { uid: true })
    await flow.append('Work', letter('sent').replaceAll('\n', '\r\n'), ['\\Draft'])
    deepEqual(await host.held(user), afterwards)
    let known = 0
    flow.on('exists', ({ count }) => {
      known = count
    })
    const idling = flow.idle()
    await host.add(user, 'INBOX', 'later')
    await until('imapflow hears of a message', () => known === 3)
    await flow.logout()
    await idling
  },
}
