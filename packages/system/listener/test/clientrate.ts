import { messageRateSeconds, rateClients } from '@yabumi/limits'
import t from 'tap'
import { ClientRate } from '../src/clientrate.ts'

t.test('a network may do so much within the period, and as much again after it', async (t) => {
  const rate = new ClientRate(messageRateSeconds, 10)
  for (let n = 0; n < 5; n += 1) t.ok(rate.admits('192.0.2.1', 5, n))
  t.notOk(rate.admits('192.0.2.1', 5, 5))
  t.ok(rate.admits('192.0.2.2', 5, 5), 'another address')
  t.notOk(rate.admits('192.0.2.1', 5, 1000 * messageRateSeconds - 1))
  t.ok(rate.admits('192.0.2.1', 5, 1000 * messageRateSeconds))
})

t.test('an IPv6 customer is one network', async (t) => {
  const rate = new ClientRate(60, 10)
  t.ok(rate.admits('2001:db8:0:100::1', 1, 0))
  t.notOk(rate.admits('2001:db8:0:1ff::2', 1, 0))
  t.ok(rate.admits('2001:db8:0:200::1', 1, 0))
})

t.test('those that are too many to count are let through', async (t) => {
  const rate = new ClientRate(60, rateClients)
  for (let n = 0; n < rateClients; n += 1) rate.admits(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, 1, 0)
  t.notOk(rate.admits('10.0.255.255', 1, 0), 'the last that is counted')
  t.ok(rate.admits('10.1.0.0', 1, 0))
  t.ok(rate.admits('10.1.0.0', 1, 0))
})
