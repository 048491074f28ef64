// What a client may say of the reports that its sender wants (RFC 3461), and who may say it.

import { noFacts } from '@yabumi/facts'
import { transactionFactsBytes } from '@yabumi/limits'
import t, { type Test } from 'tap'
import { Transaction } from '../src/transaction.ts'
import { type Client, Resident } from './scratch/client.ts'
import { ScratchHome } from './scratch/home.ts'

async function session(
  t: Test,
  controls: Record<string, string>,
  environment: Record<string, string> = {},
): Promise<{ client: Client; ehlo: string }> {
  const home = new ScratchHome(t, { esmtp: '1\n', ...controls })
  const server = new Resident(t, home, undefined, environment)
  const client = server.client(await server.ready())
  await client.replies()
  return { client, ehlo: await client.ask('EHLO x\r\n') }
}

t.test('DSN is offered to strangers with control/dsn 1, to relay clients without, and to nobody without control/esmtp', async (t) => {
  t.match((await session(t, { dsn: '1\n' })).ehlo, /^250-DSN\r\n/m)
  t.notMatch((await session(t, { dsn: '0\n' })).ehlo, 'DSN')
  t.match((await session(t, {}, { RELAYCLIENT: '' })).ehlo, /^250-DSN\r\n/m)
  t.notMatch((await session(t, { esmtp: '0\n', dsn: '1\n' }, { RELAYCLIENT: '' })).ehlo, 'DSN')
})

t.test('each parameter is taken as RFC 3461 has it, in any case, and refused otherwise', async (t) => {
  const { client } = await session(t, { dsn: '1\n' })
  const mail = (text: string): Promise<string> => client.ask(`MAIL FROM:<s@far.example> ${text}\r\n`)
  const rcpt = (text: string): Promise<string> => client.ask(`RCPT TO:<r@test.example> ${text}\r\n`)
  for (const good of ['RET=FULL', 'ret=hdrs', `ENVID=${'a'.repeat(100)}`, 'ENVID=a+3Db RET=HDRS'])
    t.equal(await mail(good), '250 ok\r\n', good)
  for (const bad of ['RET=', 'RET', 'RET=ALL', 'ENVID=', `ENVID=${'a'.repeat(101)}`, 'ENVID=a+3d', 'ENVID=a=b', 'RET=FULL RET=FULL'])
    t.match(await mail(bad), /^501 [^\n]*\(#5\.5\.4\)\r\n$/, bad)
  await mail('')
  const long = `ORCPT=rfc822;${'a'.repeat(493)}`
  for (const good of ['NOTIFY=NEVER', 'NOTIFY=success,Failure,DELAY', long, 'ORCPT=rfc822;Joe+20@x NOTIFY=DELAY'])
    t.equal(await rcpt(good), '250 ok\r\n', good)
  for (const bad of [
    'NOTIFY=',
    'NOTIFY=NEVER,FAILURE',
    'NOTIFY=FAILURE,FAILURE',
    'NOTIFY=ALWAYS',
    'ORCPT=joe@x',
    'ORCPT=rfc822;',
    `${long}a`,
    'ORCPT=rfc822;+',
    'NOTIFY=NEVER NOTIFY=NEVER',
  ])
    t.match(await rcpt(bad), /^501 [^\n]*\(#5\.5\.4\)\r\n$/, bad)
})

t.test('what was said goes into the envelope, of the recipients that were taken', async (t) => {
  const home = new ScratchHome(t, { esmtp: '1\n', dsn: '1\n', badrcptto: 'no@test.example\n' })
  const server = new Resident(t, home)
  const client = server.client(await server.ready())
  await client.replies()
  await client.ask('EHLO x\r\n')
  await client.ask('MAIL FROM:<s@far.example> RET=hdrs ENVID=7\r\n')
  await client.ask('RCPT TO:<a@test.example>\r\n')
  t.match(await client.ask('RCPT TO:<no@test.example> NOTIFY=NEVER\r\n'), /^553/)
  await client.ask('RCPT TO:<b@test.example> ORCPT=rfc822;B@old NOTIFY=success\r\n')
  await client.ask('DATA\r\n')
  t.match(await client.ask('\r\nx\r\n.\r\n'), /^250/)
  t.equal(home.facts(), 'v1 RET=HDRS ENVID=7 ORIGIN=network R1.ORCPT=rfc822;B@old R1.NOTIFY=SUCCESS')
})

t.test('facts of recipients count up to the limit, and then the client is to send the rest later', async (t) => {
  const transaction = new Transaction({ sender: '', facts: noFacts }, false, { take: () => true, give: () => undefined })
  const facts = new Map([['ORCPT', 'a'.repeat(500)]] as const)
  const cost = 'ORCPT'.length + 500 + 9
  for (let number = 0; number < Math.floor(transactionFactsBytes / cost); number += 1) t.ok(transaction.add({ address: 'r', facts }, 1_000))
  t.notOk(transaction.add({ address: 'r', facts }, 1_000))
  t.ok(transaction.add({ address: 'r', facts: noFacts.message }, 1_000))
})
