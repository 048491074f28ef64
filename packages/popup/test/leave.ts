import t from 'tap'
import { oneLine } from '../../../test/dialogue.ts'
import { ScratchHome } from '../../../test/home.ts'
import { until } from '../../../test/wait.ts'
import { age, Listening } from './fixtures/listening.ts'

const home = await ScratchHome.make(t, 'kyoma')
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

t.test('TERM lets sessions end in good order', async (t) => {
  const listening = await Listening.start(t, home)
  const { pop } = await listening.logIn('kyoma', 'geheim')
  const ended = listening.stop('SIGTERM')
  await until('popup accepts no more', () =>
    listening.connect().then(
      ({ pop: other }) => {
        other.close()
        return false
      },
      () => true,
    ),
  )
  t.equal(await pop.say('STAT', oneLine), '+OK 1 20\r\n')
  t.equal(await pop.say('QUIT', oneLine), '+OK \r\n')
  t.equal(await ended, 0)
})

t.test('a session that stays is ended after a while, and has changed nothing', async (t) => {
  const listening = await Listening.start(t, home)
  const { pop } = await listening.logIn('kyoma', 'geheim')
  await pop.say('DELE 1', oneLine)
  t.equal(await listening.stop('SIGTERM'), 0)
  t.match(await pop.hear(() => false), /^(-ERR aack, child crashed\r\n)?$/)
  t.equal(home.maildir('kyoma').length, 1)
})
