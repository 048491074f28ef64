import { ConstMap } from '@yabumi/control'
import t from 'tap'
import { planBounce } from '../src/bounce/text.ts'

const none = ConstMap.ofLines([])

const controls = {
  bounceFormat: 'qsbmf',
  bounceLanguages: [],
  delayWarnSeconds: 0,
  bounceHoldPercent: 0,
  tellsSuccess: false,
  bounceFrom: 'post office',
  bounceHost: 'bounce.test',
  concurrency: { local: 1, remote: 1 },
  slow: { local: 1, remote: 1 },
  shared: true,
  doubleBounceTo: 'postmaster@me.test',
  envNoAtHost: 'me.test',
  bounceMaxBytes: 0,
  concurrencyPerHost: 0,
  doubleBounceTrim: false,
  lifetimeSeconds: 1,
  percentHack: none,
} as const

t.test('a single bounce goes to the sender, from nobody', async (t) => {
  t.same(planBounce('a b@c.test', 'failed', controls, 86_400), {
    recipient: 'a b@c.test',
    sender: '',
    fields: 'Date: 2 Jan 1970 00:00:00 -0000\nFrom: "post office"@bounce.test\nTo: "a b"@c.test\nSubject: failure notice\n',
    opening:
      "Hi. This is the qmail-send program at bounce.test.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n" +
      "This is a permanent error; I've given up. Sorry it didn't work out.\n\n",
    middle: '--- Below this line is a copy of the message.\n\nReturn-Path: <"a b"@c.test>\n',
  })
})

t.test('a double bounce goes to the postmaster, from a sender that is never bounced to', async (t) => {
  const plan = planBounce('', 'failed', controls, 0)
  t.equal(plan.recipient, 'postmaster@me.test')
  t.equal(plan.sender, '#@[]')
  t.match(
    plan.fields + plan.opening,
    /\nTo: postmaster@me\.test\n(?:.|\n)*at bounce\.test\.\nI tried to deliver a bounce message to this address, but the bounce bounced!\n\n$/,
  )
  t.equal(plan.middle, '--- Below this line is the original bounce.\n\nReturn-Path: <>\n')
})
