import t from 'tap'
import { receivedLine, submitter } from '../src/received.ts'

const system = { queue: 101, send: 102, alias: 103, smtp: 104, submit: 105 }
const single = { queue: 1000, send: 1000, alias: 1000, smtp: 1000, submit: 1000 }

t.test('the Received line says who queued the message', async (t) => {
  t.equal(submitter(103, system), 'by alias')
  t.equal(submitter(102, system), 'for bounce')
  t.equal(submitter(104, system), 'from network')
  t.equal(submitter(105, system), 'from network')
  t.equal(submitter(101, system), 'by uid 101')
  t.equal(submitter(0, system), 'by uid 0')
  t.equal(submitter(0, { ...system, smtp: 0 }), 'by uid 0', 'a home of which only parts have accounts of their own')
  t.equal(submitter(7, system), 'by uid 7')
  t.equal(submitter(1000, single), 'by uid 1000', 'a single user has every role at once')
})

t.test('a role is believed only from an account that may have it', async (t) => {
  t.equal(submitter(0, system, 'network'), 'from network')
  t.equal(submitter(101, system, 'network'), 'from network')
  t.equal(submitter(102, system, 'bounce'), 'for bounce')
  t.equal(submitter(101, system, 'bounce'), 'for bounce')
  t.equal(submitter(1000, single, 'network'), 'from network')
  t.equal(submitter(102, system, 'network'), 'for bounce')
  t.equal(submitter(104, system, 'network'), 'from network')
  t.equal(submitter(105, system, 'network'), 'from network')
  t.equal(submitter(104, system, 'bounce'), 'from network')
  t.equal(submitter(7, system, 'network'), 'by uid 7')
  t.equal(submitter(7, system, 'bounce'), 'by uid 7')
  t.equal(submitter(103, system, 'bounce'), 'by alias')
})

t.test('the Received line is one line with a date in UTC', async (t) => {
  t.match(receivedLine('457', 'by uid 7'), /^Received: \(qmail 457 invoked by uid 7\); \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d -0000\n$/)
})
