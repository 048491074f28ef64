import t from 'tap'
import { oneLine } from '../../../../test/support/dialogue.ts'
import { ScratchHome } from '../../../../test/support/home.ts'
import { age, Listening } from './fixtures/listening.ts'

const home = await ScratchHome.make(t, 'kyoma')
home.control('popextensions', undefined) // as an old home: replies are qmail's
await home.run('setpassword', ['kyoma'], { input: 'geheim\n' })
home.userFile('kyoma', 'Maildir/new/1.a', 'Subject: one\n\nfirst\n')
age(home, 'kyoma')

t.test('TERM ends popup when nobody is logged in, whoever is connected', async (t) => {
  const listening = await Listening.start(t, home)
  const { pop } = await listening.connect()
  const ended = listening.stop('SIGTERM')
  t.equal(await pop.hear(() => false), '')
  t.equal(await ended, 0)
})

t.test('TERM ends a session without a command under way at once, and it has changed nothing', async (t) => {
  home.control('stoptime', '900000\n')
  const listening = await Listening.start(t, home)
  const { pop } = await listening.logIn('kyoma', 'geheim')
  await pop.say('DELE 1', oneLine)
  t.equal(await listening.stop('SIGTERM'), 0)
  t.equal(await pop.hear(() => false), '')
  t.equal(home.maildir('kyoma').length, 1)
})
