/** The faults that the tests of this directory must find: their places are in the sources, and two of them are found here (all: make hostile-mutations). */
import t from 'tap'
import { changedBy } from '../support/plant.ts'
import { runWith } from './support/mutate.ts'
import { mutations } from './support/mutations.ts'

t.test('the place of every fault is still in the sources', async (t) => {
  for (const { what, edits } of mutations) t.doesNotThrow(() => changedBy(edits), what)
})

for (const what of ['popup: one byte too many is read before login', 'queue: an address is one byte too long']) {
  t.test(`${what}: found`, async (t) => {
    const mutation = mutations.find((one) => one.what === what)
    if (mutation === undefined) return t.fail('there is no such fault')
    t.type(await runWith(mutation.edits, mutation), 'object')
  })
}
