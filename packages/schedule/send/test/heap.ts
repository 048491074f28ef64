import assert from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import t from 'tap'
import { DueHeap, never } from '../src/keep/heap.ts'

function drain(heap: DueHeap, now = never): string[] {
  const ids: string[] = []
  for (let id = heap.takeDue(now); id !== undefined; id = heap.takeDue(now)) ids.push(id)
  return ids
}

t.test('the heap gives messages by the time they are due, whatever the order of insertion', async () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 })), (times) => {
      const heap = new DueHeap()
      for (const [index, due] of times.entries()) heap.insert(String(index), due)
      const order = drain(heap).map((id) => times[Number(id)])
      assert.deepEqual(
        order,
        [...times].sort((a, b) => a - b),
      )
      assert.equal(heap.size, 0)
    }),
    { seed: 1, numRuns: 300 },
  )
})

t.test('the heap stays in order when messages come and go', async () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 50 }))), (steps) => {
      const heap = new DueHeap()
      const model: number[] = []
      for (const due of steps) {
        if (due !== null) {
          heap.insert(String(due), due)
          model.push(due)
        } else {
          model.sort((a, b) => a - b)
          assert.equal(heap.takeDue(never), model.length === 0 ? undefined : String(model.shift()))
        }
        assert.equal(heap.nextDue, model.length === 0 ? never : Math.min(...model))
      }
    }),
    { seed: 2, numRuns: 300 },
  )
})

t.test('messages that are due at the same time come in the order that qmail-send has', async (t) => {
  const heap = new DueHeap()
  for (const id of ['a', 'b', 'c', 'd']) heap.insert(id, 7)
  t.same(drain(heap), ['a', 'd', 'c', 'b'])
})

t.test('the heap gives nothing before it is due, and everything after setAll', async (t) => {
  const heap = new DueHeap()
  heap.insert('1', 100)
  heap.insert('2', 200)
  t.equal(heap.takeDue(99), undefined)
  t.same(drain(heap, 100), ['1'])
  heap.setAll(5)
  t.same([...heap.entries()], [['2', 5]])
  t.same(drain(heap, 5), ['2'])
})

t.test('a queued message takes less than 200 bytes of the heap', async (t) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const count = 100_000
  collect()
  const before = process.memoryUsage().heapUsed
  const heap = new DueHeap()
  for (let n = 0; n < count; n += 1) heap.insert(`${10_000_000 + n}`, 1_800_000_000 + (n % 1_000))
  collect()
  const bytes = (process.memoryUsage().heapUsed - before) / count
  t.equal(heap.size, count)
  t.ok(bytes < 200, `${Math.round(bytes)} bytes`)
})
