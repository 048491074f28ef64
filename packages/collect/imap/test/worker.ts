// Sessions of one mailbox, which one process serves: what one does, the others know.
import { sessionsOfWorker } from '@yabumi/limits'
import t from 'tap'
import { Dialogue, oneLine } from '../../../../test/support/dialogue.ts'
import { amRoot, ScratchHome } from '../../../../test/support/home.ts'
import { giveAccounts, Logins } from '../../../../test/support/logins.ts'
import { answered } from './fixtures/imap.ts'

const home = await ScratchHome.make(t, 'kyoma', 'mayuri', 'daru')
if (amRoot) giveAccounts(home)
for (const user of ['kyoma', 'mayuri', 'daru']) await home.run('setpassword', [user], { input: 'geheim\n' })
const logins = await Logins.start(t, home, { front: 'imapd' })

async function logIn(user: string): Promise<Dialogue> {
  const client = await Dialogue.open(logins.port, oneLine)
  t.teardown(() => client.close())
  t.match(await client.say(`a LOGIN ${user} geheim`, answered('a')), /^a OK /)
  return client
}

/** Processes that serve the sessions of the log. */
function pids(user: string): string[] {
  return [...logins.log.matchAll(/imapd: \S+ \d+: pid (\d+): (\w+)$/gm)].filter(([, , login]) => login === user).map(([, pid]) => pid ?? '')
}

t.test('two sessions of a login have one process, and another login has another', async (t) => {
  const [one, two] = [await logIn('kyoma'), await logIn('kyoma')]
  const other = await logIn('mayuri')
  await logins.logs(/imapd: \S+ \d+: pid \d+: (?:kyoma|mayuri)$/m, 3)
  const [first, second, ...more] = pids('kyoma')
  t.equal(first, second)
  t.same(more, [])
  t.not(pids('mayuri')[0], first)
  home.userFile('kyoma', 'Maildir/new/1.a', 'Subject: one\n\nfirst\n')
  t.match(await one.say('b SELECT INBOX', answered('b')), '* 1 RECENT')
  t.match(await two.say('b SELECT INBOX', answered('b')), '* 0 RECENT')
  await one.say('c STORE 1 +FLAGS (\\Flagged)', answered('c'))
  t.match(await two.say('c NOOP', answered('c')), /^\* 1 FETCH \(FLAGS \(\\Flagged\)\)\r\nc OK /)
  t.match(await other.say('b SELECT INBOX', answered('b')), '* 0 EXISTS')
  t.match(await one.say('d LOGOUT', answered('d')), /^\* BYE /)
  t.match(await two.say('d NOOP', answered('d')), /^d OK /, 'the end of one is not the end of the other')
})

t.test('a message that another session has expunged keeps its number and flags until its end can be told', async (t) => {
  const [one, two] = [await logIn('kyoma'), await logIn('kyoma')]
  for (const each of [one, two]) t.match(await each.say('b SELECT INBOX', answered('b')), '* 1 EXISTS')
  await one.say('c ENABLE CONDSTORE', answered('c'))
  await two.say('c STORE 1 +FLAGS.SILENT (\\Deleted)', answered('c'))
  t.match(await two.say('d EXPUNGE', answered('d')), '* 1 EXPUNGE')
  t.match(
    await one.say('d SEARCH DELETED', answered('d')),
    /^\* SEARCH 1\r\n\* 1 FETCH \(FLAGS \(\\Flagged \\Deleted\) MODSEQ \(\d+\)\)\r\nd OK /,
  )
  t.match(await one.say('e STORE 1 +FLAGS.SILENT (\\Seen)', answered('e')), /^\* 1 FETCH \(MODSEQ \(\d+\)\)\r\ne OK /)
  t.match(await one.say('f FETCH 1 FLAGS', answered('f')), 'FLAGS (\\Flagged \\Deleted \\Seen)')
  t.match(await one.say('g NOOP', answered('g')), /^\* 1 EXPUNGE\r\ng OK /)
})

t.test('a worker that dies takes its sessions along, and the next login has another one', async (t) => {
  const client = await logIn('mayuri')
  const pid = Number(pids('mayuri').at(-1))
  process.kill(pid, 'SIGKILL')
  t.equal(await client.hear(() => false), '')
  const next = await logIn('mayuri')
  t.match(await next.say('b NOOP', answered('b')), /^b OK /)
})

t.test('a login has so many sessions at once', async (t) => {
  for (let at = 0; at < sessionsOfWorker; at += 1) await logIn('daru')
  const more = await Dialogue.open(logins.port, oneLine)
  t.match(await more.say('a LOGIN daru geheim', answered('a')), /^a NO \[UNAVAILABLE\] /)
  more.close()
  await logins.logs(new RegExp(`sessiond: daru: has ${sessionsOfWorker} sessions`))
})

t.test('sessiond that ends tells every session', async (t) => {
  const client = await logIn('kyoma')
  const stopped = logins.stop('sessiond')
  t.match(await client.hear(() => false), /^\* BYE \[UNAVAILABLE\] /)
  t.equal(await stopped, 0)
})
