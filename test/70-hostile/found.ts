/** What make fuzz has found, each by its name. */

import { OrderDecoder } from '@yabumi/spawnprotocol'
import t from 'tap'
import { StepCounter } from '../fuzz/steps.ts'

t.test('an order for a local worker that comes byte by byte is not gone through again for each byte', async (t) => {
  const counter = new StepCounter()
  const stepsOf = (length: number): Promise<number> => {
    const order = Buffer.from(`1\0${'a'.repeat(length)}`)
    return counter.of(() => {
      const decoder = new OrderDecoder()
      for (const byte of order) decoder.push(Buffer.from([byte]))
    })
  }
  const small = await stepsOf(1_000)
  const large = await stepsOf(10_000)
  counter.stop()
  t.ok(large <= 12 * small, `${small} steps for 1,000 bytes, ${large} for 10,000`)
})
