/** F13: where mail goes to mboxes, POP3 serves them: each user as the default delivery says, or the user's own .qmail. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Dialogue, oneLine, untilDot } from '../support/dialogue.ts'
import { hostName, ScratchHome } from '../support/home.ts'
import { until } from '../support/wait.ts'

const home = await ScratchHome.make(t, 'joe', 'ann', 'new')
home.control('defaultdelivery', './Mailbox\n')
home.control('apop', '0\n')
home.userFile('ann', '.qmail', './Maildir/\n')
for (const user of ['joe', 'ann', 'new']) await home.run('setpassword', [user], { input: `secret of ${user}\n` })
rmSync(join(home.userHome('joe'), 'Maildir'), { recursive: true })
const running = await home.supervise()

async function logIn(user: string): Promise<Dialogue> {
  const pop = await Dialogue.open(running.pop3Port, oneLine)
  await pop.say(`USER ${user}`, oneLine)
  t.equal(await pop.say(`PASS secret of ${user}`, oneLine), '+OK \r\n', user)
  return pop
}

t.test('a message for each is served to each, and removed where it lies', async (t) => {
  for (const user of ['joe', 'ann']) await home.inject([`${user}@${hostName}`], `Subject: for ${user}\n\n.dot\nFrom here\n`)
  const mbox = join(home.userHome('joe'), 'Mailbox')
  await until('both are there', () => home.maildir('ann').length === 1 && running.log.split(' success: did_1+0+0').length > 2)
  for (const user of ['joe', 'ann']) {
    const pop = await until(`a session of ${user} with the message`, async () => {
      const session = await logIn(user)
      if (/^\+OK 1 /.test(await session.say('STAT', oneLine))) return session
      session.close()
      return undefined
    })
    const text = await pop.say('RETR 1', untilDot)
    t.match(text, `\r\nSubject: for ${user}\r\n\r\n..dot\r\n`)
    await pop.say('DELE 1', oneLine)
    t.equal(await pop.say('QUIT', oneLine), '+OK \r\n')
  }
  t.equal(readFileSync(mbox, 'latin1'), '')
  t.same(home.maildir('ann'), [])
})

t.test('who has had no mail yet has an empty mailbox', async (t) => {
  const pop = await logIn('new')
  t.equal(await pop.say('STAT', oneLine), '+OK 0 0\r\n')
  t.equal(await pop.say('QUIT', oneLine), '+OK \r\n')
})
