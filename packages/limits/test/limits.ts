import t from 'tap'
import * as limits from '../src/index.ts'

t.test('every limit is a positive number', async (t) => {
  for (const [name, value] of Object.entries(limits)) t.ok(Number.isFinite(value) && value > 0, name)
})

t.test('orphans are older than any program that could still be writing them', async (t) => {
  t.ok(limits.ossifiedSeconds > limits.deathSeconds)
})

t.test('the spawn limit fits the one byte of a delivery number and of the greeting', async (t) => {
  t.ok(limits.spawnDeliveries <= 255)
})

t.test('an address that smtpd takes also fits into an envelope', async (t) => {
  t.ok(limits.smtpAddressBytes < limits.addressBytes)
})
