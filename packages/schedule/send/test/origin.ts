/** What counts as a bounce or a stranger's message on the remote channel: by the commands that rspawn gets with four slots, of which these have two. */
import t from 'tap'
import { Home } from './rig/home.ts'
import { Send } from './rig/send.ts'

const received = (who: string): string => `Received: (qmail 1 invoked ${who}); 30 Nov 2026 12:00:00 -0000\nSubject: test\n\nhello\n`

for (const [what, sender, who, doubtful] of [
  ['a bounce', '', 'from network', true],
  ['a bounce that bounced', '#@[]', 'for bounce', true],
  ['mail of elsewhere that a user sends on', 'x@else.test', 'by uid 1000', true],
  ['mail of elsewhere that alias sends on', 'x@else.test', 'by alias', true],
  ['mail of elsewhere under a sender of ours', 'SRS0=ab=cd=else.test=x@me.test', 'by uid 1000', true],
  ['mail of elsewhere that smtpd took', 'x@else.test', 'from network', false],
  ['mail of elsewhere that root sends on', 'x@else.test', 'by uid 0', false],
  ['mail of a user', 'joe@me.test', 'by uid 1000', false],
  ['mail of a user of a virtual domain', 'joe@virtual.test', 'by uid 1000', false],
] as const) {
  t.test(`${what} is ${doubtful ? '' : 'not '}held to half of the slots`, async (t) => {
    const home = new Home({ concurrencyremote: '4\n', slowremote: '0\n', virtualdomains: 'virtual.test:v\n' })
    for (let n = 0; n < 4; n += 1) home.todo({ sender, recipients: [`r@d${n}.test`], text: received(who) })
    home.todo({ sender, recipients: ['r@d4.test', 's@d5.test'], text: received(who) })
    const send = new Send(home)
    await send.until(() => send.commands.remote.length === (doubtful ? 2 : 4))
    await send.logged(doubtful ? /^share: remote 2\/4, \d+ wait/ : /remote 4\/4/)
    t.equal(send.commands.remote.length, doubtful ? 2 : 4)
    await send.stop('SIGKILL')
    home.remove()
  })
}
