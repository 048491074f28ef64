// FUTURERELEASE, DELIVERBY, MT-PRIORITY and REQUIRETLS: to whom they are offered, and what is refused (RFC 4865, 2852, 6710, 8689).
import { factsText, noFacts, withLogin } from '@yabumi/facts'
import { leastDeadlineSeconds } from '@yabumi/limits'
import type { TlsFacts } from '@yabumi/tlsfiles'
import t, { type Test } from 'tap'
import { ehloReply, type Standing } from '../src/keywords.ts'
import { readParameters } from '../src/parameters.ts'
import { allMailParameters } from '../src/sendingtimes.ts'
import type { Settings } from '../src/settings.ts'
import { noTls } from '../src/wire.ts'
import { Resident } from './scratch/client.ts'
import { ScratchHome } from './scratch/home.ts'

const all = { esmtp: '1\n', deliverby: '1\n', mtpriority: '1\n', futurereleasemax: '1000\n', mtasts: '1\n', strictparameters: '1\n' }

async function door(t: Test, controls: Record<string, string>, variables: Record<string, string> = {}) {
  const home = new ScratchHome(t, controls)
  const server = new Resident(t, { environment: (more) => home.environment({ ...variables, ...more }) })
  const client = server.client(await server.ready())
  await client.replies()
  return { home, client, hello: await client.ask('EHLO x\r\n') }
}

t.test('to a stranger in clear nothing of it is offered, and none of it is taken', async (t) => {
  const { client, hello } = await door(t, all)
  t.notMatch(hello, /REQUIRETLS|DELIVERBY|MT-PRIORITY|FUTURERELEASE/)
  for (const parameter of ['REQUIRETLS', 'BY=600;R', 'MT-PRIORITY=1', 'HOLDFOR=10'])
    t.equal(await client.ask(`MAIL FROM:<s@x.example> ${parameter}\r\n`), '555 parameter not supported (#5.5.4)\r\n', parameter)
})

t.test('who may send through here may give a deadline, which is a time of the clock in the queue', async (t) => {
  const { home, client, hello } = await door(t, all, { RELAYCLIENT: '' })
  t.match(hello, /250-DELIVERBY 60\r\n/)
  t.notMatch(hello, /MT-PRIORITY|FUTURERELEASE/, 'people only have these')
  const mail = (value: string): Promise<string> => client.ask(`MAIL FROM:<s@x.example> BY=${value}\r\n`)
  for (const bad of ['0;R', '-5;R', '10', '10;X', '1e3;R', '9999999999;R', ';R'])
    t.equal(await mail(bad), '501 BY has seconds, a semicolon, and R or N (#5.5.4)\r\n', bad)
  t.equal(await mail(`${leastDeadlineSeconds - 1};R`), '555 BY leaves less than 60 seconds (#5.5.4)\r\n')
  for (const good of [`${leastDeadlineSeconds};R`, '-10;N', '1;nt', '600;rt']) t.equal(await mail(good), '250 ok\r\n', good)
  const before = Math.floor(Date.now() / 1000)
  await mail('600;rT')
  await client.ask('RCPT TO:<r@far.example>\r\n')
  await client.ask('DATA\r\n')
  t.match(await client.ask('\r\n.\r\n'), /^250 ok/)
  const [, seconds] = /BY=([0-9]+);RT/.exec(home.facts()) ?? []
  t.ok(Number(seconds) >= before + 600 && Number(seconds) <= Date.now() / 1000 + 600, home.facts())
})

t.test('without the control files nothing is offered to anybody', async (t) => {
  const { hello } = await door(t, { esmtp: '1\n' }, { RELAYCLIENT: '' })
  t.notMatch(hello, /REQUIRETLS|DELIVERBY|MT-PRIORITY|FUTURERELEASE/)
})

/** Of a client that has logged in at submission, under TLS. */
const person = (more: Partial<Settings> = {}): Standing => ({
  settings: {
    esmtp: true,
    isSubmission: true,
    relayClient: '',
    facts: withLogin(noFacts, 'joe'),
    holdSeconds: 1000,
    takesPriorities: true,
    verifiesHosts: true,
    strictParameters: true,
    maxRecipients: 1,
    greeting: 'test.example',
    ...more,
  } as Settings,
  extended: true,
  tls: noTls({ protocol: 'TLSv1.3', cipher: 'x' } as TlsFacts),
  logins: [],
})

/** What MAIL with these parameters says, and what goes into the queue. */
function mail(parameters: string, standing: Standing = person()): { refusal: string | undefined; facts: string } {
  const terms = { sizeBytes: 0, facts: noFacts }
  return { refusal: readParameters(parameters, allMailParameters, terms, standing), facts: factsText(terms.facts) }
}

t.test('a person who has logged in hears what may be asked for, and how long a message may be held', async (t) => {
  const hello = ehloReply(person())
  t.match(hello, /250-REQUIRETLS\r\n250-MT-PRIORITY\r\n250-FUTURERELEASE 1000 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ\r\n250 LIMITS/)
  t.notMatch(
    ehloReply({ ...person(), settings: { ...person().settings, facts: noFacts } }),
    /FUTURERELEASE|PRIORITY/,
    'not before the login',
  )
  t.notMatch(ehloReply(person({ isSubmission: false })), /FUTURERELEASE|PRIORITY/, 'on no other port')
  t.notMatch(ehloReply({ ...person(), tls: noTls() }), /REQUIRETLS/)
  t.notMatch(ehloReply(person({ verifiesHosts: false })), /REQUIRETLS/)
})

t.test('a message is held for at most so many seconds, or until as long, and is told so once', async (t) => {
  const now = Math.floor(Date.now() / 1000)
  const utc = (seconds: number): string => `${new Date(1000 * (now + seconds)).toISOString().slice(0, 19)}Z`
  t.match(mail('HOLDFOR=1000'), { refusal: undefined, facts: /^v1 HOLD=[0-9]+$/ })
  t.match(mail(`HOLDUNTIL=${utc(900)}`), { refusal: undefined, facts: `v1 HOLD=${now + 900}` })
  const refusal = '501 HOLDFOR out of range (#5.5.4)\r\n'
  const wrong = ['HOLDFOR=1001', 'HOLDFOR=0', 'HOLDFOR', 'HOLDFOR=x', 'HOLDFOR=9999999999', 'HOLDUNTIL=tomorrow', `HOLDUNTIL=${utc(-5)}`]
  for (const bad of [
    ...wrong,
    `HOLDUNTIL=${utc(2000)}`,
    `HOLDFOR=10 HOLDUNTIL=${utc(900)}`,
    `HOLDUNTIL=${utc(900).replace('Z', '+01:00')}`,
  ])
    t.equal(mail(bad).refusal, refusal, bad)
})

t.test('a priority is a number from -9 to 9, and REQUIRETLS has no value', async (t) => {
  for (const good of ['-9', '0', '9']) t.equal(mail(`MT-PRIORITY=${good}`).facts, `v1 PRIORITY=${good}`)
  for (const bad of ['10', '-10', '+1', '', 'x']) t.match(mail(`MT-PRIORITY=${bad}`).refusal, /^501 MT-PRIORITY/, bad)
  t.equal(mail('REQUIRETLS').facts, 'v1 REQUIRETLS=1')
  t.match(mail('REQUIRETLS=1').refusal, /^501 REQUIRETLS/)
})
