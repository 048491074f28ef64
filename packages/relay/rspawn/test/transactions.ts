/** Deliveries of one message to one host travel together, and nobody can tell from the reports. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startDnsServer } from '../../../../test/support/dns-server.ts'
import { manners, type Session, startHost } from '../../../../test/support/host.ts'
import { until } from '../../../../test/support/wait.ts'
import { Driver, text } from './support/driver.ts'

async function start(t: Test, session: Session = manners()) {
  const host = await startHost(session)
  t.teardown(() => host.close())
  const driver = new Driver(t, { smtproutes: `:127.0.0.1:${host.port}\n` })
  driver.write(1, text)
  return { host, driver, wires: () => host.connections.map(({ wire }) => wire) }
}

const accepted = 'K127.0.0.1 accepted message.\nRemote host said: 250 ok\n'
const body = 'Subject: test\r\n\r\nhello\r\n.\r\n'
const dialogue = (recipients: readonly string[], sender = 's@test.example'): string =>
  `MAIL FROM:<${sender}>\r\n${recipients.map((to) => `RCPT TO:<${to}>\r\n`).join('')}DATA\r\n${body}`
const whole = (recipients: readonly string[], sender?: string): string => `HELO test.example\r\n${dialogue(recipients, sender)}QUIT\r\n`

t.test('seed 4: one message to god@brl.mil and angel@brl.mil is one SMTP transaction with two RCPTs', async (t) => {
  const dns = await startDnsServer({ 'brl.mil': { MX: [[10, 'mx.brl.mil']] }, 'mx.brl.mil': { A: ['127.0.0.2'] } })
  t.teardown(() => dns.close())
  const host = await startHost(manners(), '127.0.0.2')
  t.teardown(() => host.close())
  const driver = new Driver(t, { resolvers: `${dns.address}\n`, smtproutes: `::${host.port}\n` })
  driver.write(1, text)
  const report = accepted.replace('127.0.0.1', '127.0.0.2')
  t.same(await driver.deliver({ to: 'god@brl.mil' }, { to: 'angel@brl.mil' }), [report, report])
  t.same(
    host.connections.map(({ wire }) => wire),
    [whole(['god@brl.mil', 'angel@brl.mil'])],
  )
  t.equal(dns.queries.filter((query) => query === 'udp MX brl.mil').length, 1)
})

t.test('each delivery is reported on as if it had been alone', async (t) => {
  const { driver, wires } = await start(
    t,
    manners((line) => {
      if (line.includes('<no@')) return '550-no\r\n550 such user'
      return line.includes('<later@') ? '450 busy' : undefined
    }),
  )
  const to = ['a@h.example', 'no@h.example', 'later@H.Example', 'b c@h.example']
  t.same(await driver.deliver(...to.map((recipient) => ({ to: recipient }))), [
    accepted,
    'D127.0.0.1 does not like recipient.\nRemote host said: 550-no\n550 such user\nGiving up on 127.0.0.1.\n',
    'Z127.0.0.1 does not like recipient.\nRemote host said: 450 busy\nGiving up on 127.0.0.1.\n',
    accepted,
  ])
  t.same(wires(), [whole([...to.slice(0, 3), '"b c"@h.example'])])
  t.same(await driver.deliver({ to: 'no@h.example' }), [
    'D127.0.0.1 does not like recipient.\nRemote host said: 550-no\n550 such user\nGiving up on 127.0.0.1.\n',
  ])
})

t.test('what ends the message ends it for all its recipients', async (t) => {
  const { driver } = await start(
    t,
    manners((line) => (line === '.' ? '554 spam' : undefined)),
  )
  const refused = 'D127.0.0.1 failed after I sent the message.\nRemote host said: 554 spam\n'
  t.same(await driver.deliver({ to: 'a@h.example' }, { to: 'b@h.example' }), [refused, refused])
})

for (const full of ['452 too many recipients', '552 too many recipients']) {
  t.test(`A8: recipients beyond those that the host takes at once (${full.slice(0, 3)}) go in further transactions`, async (t) => {
    let taken = 0
    const { driver, wires } = await start(
      t,
      manners((line) => {
        if (line.startsWith('MAIL')) taken = 0
        if (line.startsWith('RCPT')) taken += 1
        if (line.includes('<no@')) return '550 no such user'
        return line.startsWith('RCPT') && taken > 3 ? full : undefined
      }),
    )
    const to = ['a', 'b', 'no', 'c', 'd', 'e', 'f', 'g'].map((name) => `${name}@h.example`)
    const reports = await driver.deliver(...to.map((recipient) => ({ to: recipient })))
    t.same(
      reports.map((report) => report[0]),
      ['K', 'K', 'D', 'K', 'K', 'K', 'K', 'K'],
    )
    t.same(
      wires()
        .flatMap((wire) => wire.split('MAIL FROM').slice(1))
        .map((wire) => [...wire.matchAll(/RCPT TO:<(.*)@/g)].map(([, name]) => name)),
      [
        ['a', 'b', 'no', 'c'],
        ['c', 'd', 'e', 'f'],
        ['f', 'g'],
      ],
    )
  })

  t.test(`A8: ${full.slice(0, 3)} to a recipient whom the host takes no message for is a deferral, for nobody else`, async (t) => {
    const { driver, wires } = await start(
      t,
      manners((line) => (line.includes('<full@') ? full : undefined)),
    )
    const deferred = `Z127.0.0.1 does not like recipient.\nRemote host said: ${full}\nGiving up on 127.0.0.1.\n`
    t.same(await driver.deliver({ to: 'full@h.example' }), [deferred], 'alone')
    t.same(await driver.deliver({ to: 'a@h.example' }, { to: 'full@h.example' }, { to: 'b@h.example' }), [accepted, deferred, accepted])
    t.equal(wires().join('').split('DATA').length - 1, 2)
  })
}

t.test(
  'A8: the others are deferred, not tried one by one, if the host does not take the message now; tried, if it refuses it',
  async (t) => {
    for (const [verdict, transactions] of [
      ['451 later', 1],
      ['554 spam', 3],
    ] as const) {
      let taken = 0
      const { driver, wires } = await start(
        t,
        manners((line) => {
          if (line.startsWith('MAIL')) taken = 0
          if (line.startsWith('RCPT')) taken += 1
          if (line === '.') return verdict
          return line.startsWith('RCPT') && taken > 1 ? '452 one at a time' : undefined
        }),
      )
      const report = `${verdict[0] === '4' ? 'Z' : 'D'}127.0.0.1 failed after I sent the message.\nRemote host said: ${verdict}\n`
      t.same(await driver.deliver(...['a', 'b', 'c'].map((name) => ({ to: `${name}@h.example` }))), [report, report, report])
      t.equal(wires().join('').split('MAIL FROM').length - 1, transactions)
    }
  },
)

t.test('A10: what a host says is printable in a report', async (t) => {
  const { driver } = await start(
    t,
    manners((line, host) => {
      if (!line.startsWith('RCPT')) return undefined
      host.say(Buffer.from('550-\x1b[2J\x1b]0;title\x07 b\xfccher\r\n550 \xc3\xa9\0\x7f\x9b\tend\r\n', 'latin1'))
      return new Promise(() => undefined)
    }),
  )
  t.same(await driver.deliver({ to: 'a@h.example' }), [
    'D127.0.0.1 does not like recipient.\nRemote host said: 550-?[2J?]0;title? b?cher\n550 ?????\tend\nGiving up on 127.0.0.1.\n',
  ])
})

t.test('one refusal in a shared transaction that breaks in the middle is still one, and of nobody else', async (t) => {
  const { driver } = await start(
    t,
    manners((line, host) => {
      if (line.includes('<no@')) return '550 no such user'
      if (!line.includes('<last@')) return undefined
      host.reset()
      return new Promise(() => undefined)
    }),
  )
  const died = 'ZConnected to 127.0.0.1 but connection died. (#4.4.2)\n'
  t.same(await driver.deliver(...['a', 'no', 'last', 'b'].map((name) => ({ to: `${name}@h.example` }))), [
    died,
    'D127.0.0.1 does not like recipient.\nRemote host said: 550 no such user\nGiving up on 127.0.0.1.\n',
    died,
    died,
  ])
})

t.test('in a shared transaction a host that is out of step bounces nobody', async (t) => {
  const { driver, wires } = await start(
    t,
    manners((line) => (line.includes('<b@') ? '550 no such user\r\n250 ok' : undefined)),
  )
  const reports = await driver.deliver(...['a', 'b', 'c'].map((name) => ({ to: `${name}@h.example` })))
  for (const report of reports) t.match(report, /^ZConnected to 127\.0\.0\.1 but it is out of step: /)
  t.notMatch(wires()[0], 'DATA')
})

t.test('other messages, senders and hosts go by themselves', async (t) => {
  const dns = await startDnsServer({ 'h.example': { A: ['127.0.0.2'] }, 'i.example': { A: ['127.0.0.2'] } })
  t.teardown(() => dns.close())
  const host = await startHost(manners(), '127.0.0.2')
  t.teardown(() => host.close())
  const driver = new Driver(t, { resolvers: `${dns.address}\n`, smtproutes: `::${host.port}\n` })
  driver.write(1, text)
  driver.write(2, text)
  const reports = await driver.deliver(
    { to: 'a@h.example' },
    { to: 'a@h.example', message: 2 },
    { to: 'a@h.example', from: 'v-a@test.example' },
    { to: 'a@i.example' },
  )
  t.ok(reports.every((report) => report.startsWith('K')))
  t.same(
    host.connections.map(({ wire }) => wire).sort(),
    [whole(['a@h.example']), whole(['a@h.example']), whole(['a@h.example'], 'v-a@test.example'), whole(['a@i.example'])].sort(),
  )
})

t.test('a delivery that comes later joins until the last recipient has been named', async (t) => {
  const wait = Promise.withResolvers<void>()
  const { driver, host, wires } = await start(
    t,
    manners(async (line) => {
      if (line.startsWith('RCPT TO:<first')) await wait.promise
      return undefined
    }),
  )
  const first = driver.deliver({ to: 'first@h.example' })
  await until('the first recipient is named', () => host.connections[0]?.wire.includes('RCPT'))
  const second = driver.deliver({ to: 'second@h.example' }, { to: 'nohost' })
  const third = await driver.deliver({ to: 'nohost' }) // refused at once, behind the second
  t.match(third, [/must include host/])
  wait.resolve()
  t.same(await first, [accepted])
  t.match(await second, [accepted, /must include host/])
  t.same(wires(), [whole(['first@h.example', 'second@h.example'])])
})

t.test('no transaction has more than 100 recipients', async (t) => {
  const { driver, wires } = await start(t)
  const to = Array.from({ length: 120 }, (_, i) => ({ to: `r${i}@h.example` }))
  t.ok((await driver.deliver(...to)).every((report) => report === accepted))
  const counts = wires().flatMap((wire) =>
    wire
      .split('MAIL FROM')
      .slice(1)
      .map((one) => one.split('RCPT').length - 1),
  )
  t.same(counts.sort(), [100, 20])
})

t.test('a host that cannot be had, or found, is a report for each', async (t) => {
  const dns = await startDnsServer({ 'null.example': { MX: [[0, '.']] }, 'bad.example': 'SERVFAIL' })
  t.teardown(() => dns.close())
  const driver = new Driver(t, { resolvers: `${dns.address}\n`, smtproutes: 'down.example:127.0.0.1:1\n' })
  driver.write(1, text)
  t.same(await driver.deliver(...['down', 'null', 'bad', 'none', 'none'].map((name) => ({ to: `r@${name}.example` }))), [
    "ZSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n",
    'DSorry, null.example does not accept mail: it has a null MX. (#5.1.10)\n',
    "ZSorry, I couldn't find any host by that name. (#4.1.2)\n",
    "DSorry, I couldn't find any host named none.example. (#5.1.2)\n",
    "DSorry, I couldn't find any host named none.example. (#5.1.2)\n",
  ])
})

t.test('rspawn clears the table of timeouts, sees changed control files, and ends with its input', async (t) => {
  const { driver } = await start(t)
  t.match(await driver.deliver({ to: 'a@h.example' }), [/^K/])
  t.same(readFileSync(join(driver.home, 'queue/lock/tcpto')), Buffer.alloc(1024))
  driver.control('smtproutes', ':127.0.0.1:1\n')
  t.match(await driver.deliver({ to: 'a@h.example' }), [/^ZSorry, I wasn't able/])
  t.equal(await driver.end(), 0)
})
