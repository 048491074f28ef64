import t from 'tap'
import { manners } from '../../../../test/support/host.ts'
import { wireAddress } from '../src/wire.ts'
import { attempt, body, head, makeHome } from './support/attempt.ts'

makeHome(t)

t.test('an address stands on the wire as it is, its local part quoted if need be', async (t) => {
  for (const [address, text] of [
    ['', ''],
    ['joe', 'joe'],
    ['joe@h.example', 'joe@h.example'],
    ['a@b@c.example', '"a@b"@c.example'],
    ['a b@[192.0.2.1]', '"a b"@[192.0.2.1]'],
    ['x@[IPv6:2001:db8::1]', 'x@[IPv6:2001:db8::1]'],
    ['x@_dmarc-1.h.example', 'x@_dmarc-1.h.example'],
    ['> ORCPT=x', '"> ORCPT=x"'],
    ['caf\xe9@h.example', '"caf\xe9"@h.example'],
    ['#@[]', '#@[]'],
  ] as const) {
    t.same(wireAddress(address), { text }, address)
  }
})

t.test('C2: a domain with anything that no domain has in it is never written', async (t) => {
  for (const domain of [
    '"a.example> ORCPT=rfc822;evil NOTIFY=SUCCESS"',
    'a.example> SIZE=1',
    'a.example>',
    'a b.example',
    'a.example\t',
    'a,b.example',
    'a.example;x',
    'a\\.example',
    '<a.example',
    'a.example\x1b',
    'a%b.example',
    '(a).example',
  ]) {
    t.same(wireAddress(`x@${domain}`), { fault: 'domain' }, domain)
  }
  t.same(wireAddress('x@b\xc3\xbccher.example'), { fault: 'characters' })
  t.same(wireAddress('x\r\nDATA@a.example'), { fault: 'line break' })
  t.same(wireAddress('x@a.example\0'), { fault: 'line break' })
})

t.test('C3: the sender of a bounce of a bounce is empty for other hosts, which may refuse ours', async (t) => {
  const { wires } = await attempt(t, manners(), { sender: '#@[]' })
  t.match(wires[0], 'MAIL FROM:<>\r\n')
})

t.test('C2: such a recipient fails, and the others of the message do not; such a sender fails the message', async (t) => {
  const evil = 'x@a.example> ORCPT=rfc822;evil NOTIFY=SUCCESS'
  const { reports, wires } = await attempt(t, manners(), { recipients: [evil, 'r@h.example', 'x@b\xc3\xbccher.example'] })
  t.same(reports.slice(0, 3), [
    'hSorry, an address whose domain has other characters than a domain may have cannot be sent by SMTP. (#5.1.2)\n',
    'r',
    'hSorry, an address whose domain is not ASCII cannot be sent by SMTP; its xn-- form can. (#5.1.2)\n',
  ])
  t.same(wires, [`${head}DATA\r\n${body}QUIT\r\n`])
  const sender = await attempt(t, manners(), { sender: evil })
  t.match(sender.reports, [/^DSorry, a sender address whose domain has other characters .* \(#5\.1\.7\)\n$/])
  t.same(sender.wires, ['HELO test.example\r\nQUIT\r\n'])
})
