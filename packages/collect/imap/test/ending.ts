import { join } from 'node:path'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { ScratchHome, userAccount } from '../../../../test/support/home.ts'
import { answered, ImapSession } from './fixtures/imap.ts'

const home = await ScratchHome.make(t, 'kyoma')
const megabyte = `Subject: large\n\n${`${'x'.repeat(1_022)}\n`.repeat(1_024)}`
for (let at = 1; at <= 40; at += 1) home.userFile('kyoma', `Maildir/cur/${at}.a.h:2,S`, megabyte)

/** A user namespace of its own in which nobody has an instance of inotify. */
const limit = '/proc/sys/user/max_inotify_instances'
const uid = userAccount.uid ?? process.getuid?.()
const withoutInotify = ['unshare', '-U', '-r', 'sh', '-c', `echo 0 >${limit} && exec unshare -U --map-user=${uid} "$@"`, 'sh']
const allowed = await execa(withoutInotify[0] as string, [...withoutInotify.slice(1), 'true'], { reject: false, ...userAccount })
const skip = allowed.failed ? 'no user namespace is to be had here' : false

const started = (heard: string): boolean => heard.startsWith('+ ')

/** What a session can be doing when its client goes. */
const states: Readonly<Record<string, (imap: ImapSession) => Promise<unknown>>> = {
  nothing: async () => undefined,
  'IDLE without a mailbox': (imap) => imap.say('a IDLE', started),
  IDLE: async (imap) => {
    await imap.say('a SELECT INBOX')
    await imap.say('b IDLE', started)
  },
  'NOTIFY, and a mailbox': async (imap) => {
    await imap.say('a NOTIFY SET (SELECTED (MessageNew MessageExpunge FlagChange)) (PERSONAL (MessageNew MessageExpunge FlagChange))')
    await imap.say('b SELECT INBOX')
  },
  'NOTIFY and IDLE': async (imap) => {
    await imap.say('a SELECT INBOX')
    await imap.say('b NOTIFY SET (SELECTED (MessageNew MessageExpunge)) (PERSONAL (MessageNew MessageExpunge))')
    await imap.say('c IDLE', started)
  },
  'half of a command': (imap) => imap.say('a NOOP\r\nb SEL', answered('a')),
  'half of a literal': (imap) => imap.say('a APPEND INBOX {100000}', started).then(() => imap.say('Subject: half', () => true)),
  'half of a word that is kept': (imap) => imap.say('a STATUS {100}', started).then(() => imap.say('half', () => true)),
  compressed: async (imap) => {
    await imap.say('a COMPRESS DEFLATE')
    imap.compress()
    await imap.say('b SELECT INBOX')
  },
  'compressed, and IDLE': async (imap) => {
    await imap.say('a COMPRESS DEFLATE')
    imap.compress()
    await imap.say('b SELECT INBOX')
    await imap.say('c IDLE', started)
  },
}

/** More than a connection holds is on its way, and much more is to be read. */
const unread: typeof states = {
  'a large answer': async (imap) => {
    await imap.say('a EXAMINE INBOX')
    await imap.say('b FETCH 1:* BODY.PEEK[]', (heard) => heard.length > 0)
    imap.stopReading()
  },
  'a large answer, compressed': async (imap) => {
    await imap.say('a COMPRESS DEFLATE')
    imap.compress()
    await imap.say('b EXAMINE INBOX')
    await imap.say('c FETCH 1:* BODY.PEEK[]', (heard) => heard.length > 0)
    imap.stopReading()
  },
}

async function goes(t: Test, name: string, how: 'end' | 'close' | 'reset', within: readonly string[]): Promise<void> {
  const imap = await ImapSession.start(t, home, 'kyoma', { within })
  await ({ ...states, ...unread }[name] as (imap: ImapSession) => Promise<unknown>)(imap)
  imap.go(how)
  t.equal(await imap.over, 0, `${name}: ${how}`)
}

for (const [where, within] of [
  ['with events', []],
  ['without events', withoutInotify],
] as const) {
  t.test(`the client goes, ${where}`, { skip: within.length > 0 && skip }, async (t) => {
    for (const name of Object.keys(states)) await Promise.all((['end', 'close', 'reset'] as const).map((how) => goes(t, name, how, within)))
    for (const name of Object.keys(unread)) await Promise.all((['close', 'reset'] as const).map((how) => goes(t, name, how, within)))
  })
}

t.test('without events a session that waits looks from time to time, and hears its client', { skip }, async (t) => {
  const imap = await ImapSession.start(t, home, 'kyoma', { within: withoutInotify })
  await imap.say('a SELECT INBOX')
  await imap.say('b IDLE', started)
  home.userFile('kyoma', 'Maildir/new/late.a', 'Subject: late\n\nx\n')
  t.match(await imap.hear((heard) => heard.includes('EXISTS')), '* 41 EXISTS')
  t.match(await imap.say('DONE', answered('b')), /b OK /)
  t.match(await imap.say('c NOOP'), /^c OK /)
})

t.test('descriptors that are no connection end it at once', async (t) => {
  const command = `"$0" Maildir login`
  const program = join(home.directory, 'bin/imap')
  const options = {
    cwd: home.userHome('kyoma'),
    env: { ...home.environment, USER: 'kyoma', HOME: home.userHome('kyoma') },
    reject: false,
  } as const
  for (const ways of ['</dev/null', '<&-', '>&-', '<&- >&-', '</dev/null >&-']) {
    const { exitCode, signal } = await execa('sh', ['-c', `${command} ${ways}`, program], {
      ...options,
      input: 'a LOGOUT\r\n',
      ...userAccount,
    })
    t.notOk(signal, ways)
    t.type(exitCode, 'number', ways)
  }
})
