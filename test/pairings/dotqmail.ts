/** What stands in a .qmail line and was written for qmail: safecat, and mlmmj as the manager of a mailing list; and logwatch, which reads the log. */
import { chownSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { age, Listening } from '../../packages/collect/popup/test/fixtures/listening.ts'
import { arrived, deliveryFields, runPeer, workplace } from '../peers/support/peer.ts'
import { untilDot } from '../support/dialogue.ts'
import { hostName, ScratchHome, userAccount } from '../support/home.ts'
import { find, missing } from '../support/programs.ts'
import { until } from '../support/wait.ts'

const home = await ScratchHome.make(t, 'joe', 'ann', 'bob')
const running = await home.supervise()
const joe = `joe@${hostName}`

t.test('safecat puts a message into a Maildir that pop3d serves', { skip: missing('safecat') }, async (t) => {
  const maildir = join(home.userHome('ann'), 'Maildir')
  home.userFile('ann', '.qmail', `|safecat ${maildir}/tmp ${maildir}/new\n`)
  await home.run('setpassword', ['ann'], { input: 'secret of ann\n' })
  await home.inject([`-f${joe}`, `ann@${hostName}`], 'Subject: by safecat\n\n.\n..\nhello\n')
  const text = await until('it is there', () => home.maildir('ann')[0])
  t.match(text, /^Received: \(qmail /, 'safecat writes what it reads')
  t.ok(text.endsWith('\nSubject: by safecat\n\n.\n..\nhello\n'), text)
  await running.logs(/delivery \d+: success: [^\n]*did_0\+0\+1\/\n/)
  age(home, 'ann') // pop3d shows what is not of this second
  const popup = await Listening.start(t, home)
  const { pop } = await popup.logIn('ann', 'secret of ann')
  t.ok((await pop.say('RETR 1', untilDot)).endsWith('\r\nSubject: by safecat\r\n\r\n..\r\n...\r\nhello\r\n\r\n.\r\n'))
})

/** A mailing list of mlmmj, which belongs to joe. @returns its directory */
function makeList(): string {
  const list = join(home.userHome('joe'), 'list')
  const own = (path: string): void => chownSync(path, userAccount.uid, userAccount.gid)
  const parts = ['incoming', 'queue', 'queue/discarded', 'archive', 'text', 'subconf', 'unsubconf', 'bounce', 'control', 'moderation']
  const more = ['subscribers.d', 'digesters.d', 'nomailsubs.d', 'requeue']
  for (const path of ['', ...parts, ...more].map((part) => join(list, part))) {
    mkdirSync(path)
    own(path)
  }
  const texts = '/usr/share/mlmmj/text.skel/en'
  for (const name of readdirSync(texts)) copyFileSync(join(texts, name), join(list, 'text', name))
  const settings = {
    listaddress: `joe-list@${hostName}`,
    delimiter: '-',
    relayhost: '127.0.0.1',
    smtpport: String(running.smtpPort),
    smtphelo: 'list.example',
    owner: joe,
    nosubconfirm: '',
    notifysub: '',
  }
  const files = { index: '', ...Object.fromEntries(Object.entries(settings).map(([name, text]) => [`control/${name}`, `${text}\n`])) }
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(list, name), text)
    own(join(list, name))
  }
  return list
}

t.test('mlmmj runs a mailing list from .qmail-list and .qmail-list-default', { skip: missing('mlmmj-receive') }, async (t) => {
  const list = makeList()
  for (const name of ['.qmail-list', '.qmail-list-default']) home.userFile('joe', name, `|${find('mlmmj-receive')} -F -L ${list}\n`)
  const subscribers = (): number => readdirSync(join(list, 'subscribers.d')).length

  await t.test('who writes to list-subscribe is on the list, and hears so', async (t) => {
    const bob = `bob@${hostName}`
    await home.inject([`-f${bob}`, `joe-list-subscribe@${hostName}`], `From: ${bob}\nTo: joe-list-subscribe@${hostName}\nSubject: me\n\n\n`)
    await until('there is a subscriber', () => subscribers() === 1)
    const welcome = await until('a welcome', () => home.maildir('bob')[0])
    t.match(welcome, /\nReceived: from \S+ \(HELO list\.example\) \(127\.0\.0\.1\)\n/)
  })

  await t.test('a post reaches the subscriber, from a sender that names them', async (t) => {
    await home.inject([`-f${joe}`, `joe-list@${hostName}`], `From: ${joe}\nTo: joe-list@${hostName}\nSubject: a post\n\nhello\n`)
    const text = await arrived(home, 'bob', 'Subject: a post\n')
    t.match(text, new RegExp(deliveryFields(`joe-list-bounces-1-bob=${hostName}@${hostName}`, `bob@${hostName}`)))
    t.match(text, /\n\nhello\n/)
  })
})

const reader = '/usr/share/logwatch/scripts/services/qmail-send'

t.test('logwatch understands the log', { skip: missing('logwatch') }, async (t) => {
  await home.inject([`-f${joe}`, `bob@${hostName}`, `nobody-at-all@${hostName}`], 'Subject: log\n\n\n')
  await arrived(home, 'bob', 'Subject: log\n')
  await running.emptied()
  const lines = running.log.split('\n').filter((line) => / (msg|delivery|status:) /.test(line))
  const env = {
    LOGWATCH_DETAIL_LEVEL: '10',
    qmail_high_detail: '1',
    threshold: '0',
    remote_threshold: '0',
    local_threshold: '0',
    from_threshold: '0',
  }
  const report = await runPeer(workplace(home, 'logwatch'), 'perl', [reader], { input: `${lines.join('\n')}\n`, env })
  t.match(report, new RegExp(`${joe} - \\d+ Time`), 'senders')
  t.match(report, new RegExp(`bob@${hostName} - \\d+ Time`), 'recipients')
  t.notMatch(report, /unmatched/i)
})
