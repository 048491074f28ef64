import { unknownRecipientNetworks, unknownRecipientSeconds, unknownRecipientsPutOff, unknownRecipientsSlow } from '@yabumi/limits'
import t from 'tap'
import { networkOf, UnknownRecipients } from '../src/unknowns.ts'

t.test('above the first number replies are slow, above the second an unknown recipient is put off, and nobody else', (t) => {
  const unknowns = new UnknownRecipients()
  for (let n = 1; n <= unknownRecipientsSlow; n += 1) t.equal(unknowns.paceOf('unknown', 'a', 0), 'at once', `${n}`)
  t.equal(unknowns.paceOf('known', 'a', 1), 'at once')
  for (let n = unknownRecipientsSlow + 1; n <= unknownRecipientsPutOff; n += 1)
    t.equal(unknowns.paceOf('unknown', 'a', 1), 'slowly', `${n}`)
  t.equal(unknowns.paceOf('unknown', 'a', 2), 'later')
  t.equal(unknowns.paceOf('known', 'a', 2), 'slowly', 'a recipient who exists is taken')
  t.equal(unknowns.paceOf('uncertain', 'a', 2), 'slowly', 'and one who may')
  t.equal(unknowns.paceOf('unknown', 'b', 2), 'at once', 'another network')
  t.equal(unknowns.paceOf('unknown', 'a', 1000 * unknownRecipientSeconds - 1), 'later')
  t.equal(unknowns.paceOf('known', 'a', 1000 * unknownRecipientSeconds), 'at once')
  t.equal(unknowns.paceOf('unknown', 'a', 1000 * unknownRecipientSeconds), 'at once', 'counted anew')
  t.end()
})

t.test('so many networks are counted, and one more pushes out the oldest', (t) => {
  const unknowns = new UnknownRecipients()
  for (let n = 0; n <= unknownRecipientsSlow; n += 1) unknowns.paceOf('unknown', 'a', 0)
  for (let n = 1; n < unknownRecipientNetworks; n += 1) unknowns.paceOf('unknown', `other ${n}`, 0)
  t.equal(unknowns.paceOf('known', 'a', 1), 'slowly')
  unknowns.paceOf('unknown', 'one more', 0)
  t.equal(unknowns.paceOf('known', 'a', 1), 'at once')
  t.end()
})

t.test('a network is an IPv4 address or a /56, and whatever is no address is one', (t) => {
  t.equal(networkOf('192.0.2.1'), '192.0.2.1')
  t.equal(networkOf('2001:DB8:1:2ff::7'), networkOf('2001:db8:1:200::1'))
  t.not(networkOf('2001:db8:1:200::1'), networkOf('2001:db8:1:300::1'))
  t.equal(networkOf('unknown'), networkOf(''))
  t.end()
})
