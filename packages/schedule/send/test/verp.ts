import t from 'tap'
import { plainSender, senderFor } from '../src/try/verp.ts'

t.test('a VERP sender names the recipient', async (t) => {
  t.equal(senderFor('l-@me.example.test-@[]', 'hard@remote.test'), 'l-hard=remote.test@me.example.test')
  t.equal(senderFor('a@b@host-@[]', 'x@y@z'), 'a@bx@y=z@host')
  t.equal(senderFor('@-@[]', 'x@y'), 'x=y@')
})

t.test('other senders, and recipients without a host, leave the sender as it is', async (t) => {
  t.equal(senderFor('', 'x@y'), '')
  t.equal(senderFor('#@[]', 'x@y'), '#@[]')
  t.equal(senderFor('joe@host', 'x@y'), 'joe@host')
  t.equal(senderFor('list-@[]', 'x@y'), 'list-@[]')
  t.equal(senderFor('l-@host-@[]', 'x'), 'l-@host-@[]')
})

t.test('a bounce goes to the VERP sender without its mark', async (t) => {
  t.equal(plainSender('l-@me.test-@[]'), 'l-@me.test')
  t.equal(plainSender('#@[]'), '#@[]')
  t.equal(plainSender('joe@me.test'), 'joe@me.test')
})
