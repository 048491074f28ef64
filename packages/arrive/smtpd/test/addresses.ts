// Addresses that would be lost, or be more than an address for the next host, are refused; those that a person means are taken.
import t from 'tap'
import { bothWays, codes, naming } from './scratch/bothways.ts'
import { ScratchHome } from './scratch/home.ts'

const controls = { rcpthosts: 'own.example\n' }
const message = 'DATA\r\nSubject: x\r\n\r\nx\r\n.\r\nQUIT\r\n'

t.test('C1: a recipient that names nobody is refused, relay clients hear so too, and nothing is thrown away', async (t) => {
  for (const environment of [{}, { RELAYCLIENT: '' }]) {
    const home = new ScratchHome(t, controls)
    const replies = await bothWays(t, home, naming('', '@own.example', '""@own.example', '@a,@b:@own.example', ' ', '@a:'), environment)
    t.same(codes(replies), [553, 553, 553, 553, 553, 553])
    t.match(replies, '553 sorry, that address names nobody (#5.1.3)\r\n')
    const only = `MAIL FROM:<s@x.example>\r\nRCPT TO:<@own.example>\r\n${message}`
    t.match(await bothWays(t, home, only, environment), /\r\n503 RCPT first /)
    t.same(home.queued(), [])
  }
})

t.test('C2: a domain with other bytes than a domain has is refused, of senders and recipients, however it is written', async (t) => {
  const home = new ScratchHome(t)
  const domains = [
    '"a.example> ORCPT=rfc822;evil NOTIFY=SUCCESS"',
    'a.example\\> SIZE=1',
    'a"b"c,d.example',
    'a b.example',
    'a%b.example',
    'a.example\t',
    'b\xc3\xbccher.example',
  ]
  const replies = await bothWays(t, home, naming(...domains.map((domain) => `"x"@${domain}`)), { RELAYCLIENT: '' })
  t.same(
    codes(replies),
    domains.map(() => 553),
  )
  t.match(replies, '553 sorry, a domain has no other bytes than letters, digits and .-_[]: (#5.1.3)\r\n')
  const senders = domains.map((domain) => `MAIL FROM:<"x"@${domain}>\r\n`).join('')
  const refusal = '553 sorry, a domain has no other bytes than letters, digits and .-_[]: (#5.1.7)\r\n'
  t.equal(await bothWays(t, home, `${senders}QUIT\r\n`), `${refusal.repeat(domains.length)}221 test.example\r\n`)
  t.match(await bothWays(t, home, 'MAIL FROM:<s@x.example SIZE=100\r\nRCPT TO:<r>\r\nQUIT\r\n'), /^553 .*\r\n503 MAIL first/)
})

t.test('C2: names, literals and local parts with any byte are taken as before', async (t) => {
  const home = new ScratchHome(t)
  const taken = [
    'r@own.example',
    'r@_x-1.EXAMPLE',
    'r@[192.0.2.1]',
    'r@[IPv6:2001:db8::1]',
    'r',
    '"a b>"@own.example',
    'caf\xe9@own.example',
  ]
  t.same(
    codes(await bothWays(t, home, naming(...taken))),
    taken.map(() => 250),
  )
})

t.test('C2: a NUL ends no address: who stands in front of it was not named', async (t) => {
  const home = new ScratchHome(t, controls)
  const session =
    'MAIL FROM:<s\0@x.example>\r\nMAIL FROM:<s@x.example>\r\nRCPT TO:<joe\0@own.example>\r\nRCPT TO:<joe@own.example\0.far.example>\r\nQUIT\r\n'
  const refused = '555 syntax error (#5.5.4)\r\n'
  t.equal(await bothWays(t, home, session), `${refused}250 ok\r\n${refused}${refused}221 test.example\r\n`)
})

t.test('C3: blanks inside the brackets and the dot of the root are dropped, so that rules and lists match', async (t) => {
  const home = new ScratchHome(t, { ...controls, badmailfrom: '@bad.example\n' })
  const session = `MAIL FROM:< s@x.example >\r\n${['joe@own.example.', ' joe@own.example ', '" a "@own.example. ']
    .map((recipient) => `RCPT TO:<${recipient}>\r\n`)
    .join('')}`
  t.match(await bothWays(t, home, session + message), /^(250 ok\r\n){4}354 go ahead\r\n250 ok TIME qp N\r\n/)
  const [queued] = home.queued()
  t.equal(queued?.envelope, 'Fs@x.example\0Tjoe@own.example\0Tjoe@own.example\0T a @own.example\0\0')
  const bad = 'MAIL FROM:<s@bad.example.>\r\nRCPT TO:<joe@own.example>\r\nQUIT\r\n'
  t.match(await bothWays(t, home, bad), /^250 ok\r\n553 sorry, your envelope sender is in my badmailfrom list/)
})

t.test('C3: the sender of our own bounces of bounces is refused: nobody would hear of a message that cannot be delivered', async (t) => {
  const home = new ScratchHome(t, controls)
  t.match(
    await bothWays(t, home, naming('joe@', 'joe@.'), { RELAYCLIENT: '' }),
    /553 sorry, that address names nobody .*\r\n553 sorry, that address names nobody/,
  )
  for (const environment of [{}, { RELAYCLIENT: '' }]) {
    const replies = await bothWays(t, home, 'MAIL FROM:<#@[]>\r\nRCPT TO:<joe@own.example>\r\nQUIT\r\n', environment)
    t.equal(replies, '553 sorry, that sender is nobody outside (#5.1.7)\r\n503 MAIL first (#5.5.1)\r\n221 test.example\r\n')
  }
  t.match(await bothWays(t, home, 'MAIL FROM:<list-@own.example-@[]>\r\nQUIT\r\n'), /^250 ok\r\n/)
})
