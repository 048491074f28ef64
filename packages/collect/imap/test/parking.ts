// Sessions that rest: no process serves them, and they go on where they were.
import t from 'tap'
import { Dialogue, oneLine } from '../../../../test/support/dialogue.ts'
import { amRoot, ScratchHome } from '../../../../test/support/home.ts'
import { giveAccounts, Logins } from '../../../../test/support/logins.ts'
import { below } from '../../../../test/support/processes.ts'
import { until } from '../../../../test/support/wait.ts'
import { answered } from './fixtures/imap.ts'

const home = await ScratchHome.make(t, 'kyoma')
if (amRoot) giveAccounts(home)
await home.run('setpassword', ['kyoma'], { input: 'geheim\n' })
const logins = await Logins.start(t, home, { front: 'imapd' })

async function logIn(): Promise<Dialogue> {
  const client = await Dialogue.open(logins.port, oneLine)
  t.teardown(() => client.close())
  t.match(await client.say('a LOGIN kyoma geheim', answered('a')), /^a OK /)
  return client
}

const workers = (): number[] => below(process.pid).flatMap(({ pid, program }) => (program === 'imap' ? [pid] : []))
const patienceSeconds = 200

t.test('idle, silent, with a search result, without a mailbox: all rest, and their worker goes', async (t) => {
  for (const n of [1, 2, 3]) home.userFile('kyoma', `Maildir/cur/${n}.a:2,`, `Subject: ${n}\n\n${n}\n`)
  const [idle, silent, found, outside] = [await logIn(), await logIn(), await logIn(), await logIn()]
  for (const each of [idle, silent, found]) t.match(await each.say('b SELECT INBOX', answered('b')), '* 3 EXISTS')
  await silent.say('c ENABLE QRESYNC', answered('c'))
  await found.say('c SEARCH RETURN (SAVE) SUBJECT 2', answered('c'))
  t.match(await idle.say('d IDLE', (heard) => heard.includes('+ ')), '+ idling')
  t.ok(workers().length > 0)
  await until('the worker has gone', () => workers().length === 0, patienceSeconds)

  home.userFile('kyoma', 'Maildir/new/4.a', 'Subject: 4\n\n4\n')
  t.match(await idle.hear((heard) => heard.includes('EXISTS')), /^(?:\* OK Still here\r\n)*\* 4 EXISTS\r\n/)
  t.match(await idle.say('DONE', answered('d')), /d OK /)
  t.match(await found.say('e FETCH $ (UID)', answered('e')), '* 2 FETCH (UID 2)')
  t.match(await outside.say('b NOOP', answered('b')), /^b OK /)
  t.match(await idle.say('e STORE 2 +FLAGS (\\Deleted)', answered('e')), 'e OK')
  t.match(await idle.say('f EXPUNGE', answered('f')), '* 2 EXPUNGE')
  t.match(
    await silent.say('e NOOP', answered('e')),
    /^\* VANISHED 2\r\n\* 3 EXISTS\r\n(?:\* \d RECENT\r\n)?e OK /,
    'what went and came meanwhile',
  )
  t.match(await silent.say('f FETCH 2 (UID)', answered('f')), '* 2 FETCH (UID 3)')
})

t.test('one whose client leaves while it rests is over, and so is one whose password changes', async (t) => {
  const [gone, changed] = [await logIn(), await logIn()]
  await until('the worker has gone', () => workers().length === 0, patienceSeconds)
  const before = [...logins.log.matchAll(/exit/g)].length
  gone.close()
  await until('its end is in the log', () => [...logins.log.matchAll(/exit/g)].length > before || !logins.log.includes('exit'))
  await home.run('setpassword', ['kyoma'], { input: 'neu\n' })
  t.match(await changed.hear(() => false), '* BYE [UNAVAILABLE] ')
})
