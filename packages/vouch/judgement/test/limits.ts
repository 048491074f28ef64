import { mock } from 'node:test'
import { dmarcSeconds } from '@yabumi/limits'
import type { Ask } from '@yabumi/zonefile'
import t from 'tap'
import { Judge } from '../src/index.ts'

const options = { nowSeconds: 0, receiver: 'mail.example.org', smallestKeyBits: 1024, partialBody: false, weak: false }
const client = { ip: '192.0.2.1', helo: '', sender: '' }

t.test('DMARC that takes too long is no pass', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const begun = Promise.withResolvers<void>()
  const ask: Ask = () => {
    begun.resolve()
    return new Promise(() => {})
  }
  const judge = new Judge(client, { ...options, ask }, 'queue')
  judge.push(Buffer.from('From: joe@example.com\n\nhello\n'))
  let over = false
  const judgement = judge.end().finally(() => {
    over = true
  })
  await begun.promise
  mock.timers.tick(dmarcSeconds * 1000 - 1)
  await null
  t.notOk(over)
  mock.timers.tick(1)
  t.match((await judgement).dmarc, { result: 'temperror', domain: 'example.com', spfAligned: false, dkimAligned: false })
})

t.test('a question is asked once for a message', async (t) => {
  const names: string[] = []
  const ask: Ask = async (name, type) => {
    names.push(`${type} ${name}`)
    return { kind: 'nxdomain' } as Awaited<ReturnType<typeof ask<typeof type>>>
  }
  const judge = new Judge({ ...client, sender: 'joe@Example.com' }, { ...options, ask }, 'queue')
  const signature = 'DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s1; h=from; bh=AAAA; b=AAAA\n'
  judge.push(Buffer.from(`${signature}${signature}From: joe@example.com\n\nhello\n`))
  const { questions } = await judge.end()
  t.equal(new Set(names).size, names.length)
  t.equal(questions, names.length)
})
