import { type Bound, Places } from '@yabumi/places'
import t from 'tap'

/** Places for named takers; those in `resting` give way. */
function made() {
  const resting = new Set<string>()
  const gone: string[] = []
  const places = new Places<string>((taker) => {
    if (!resting.delete(taker)) return false
    gone.push(taker)
    return true
  })
  /** @returns the key of the bound that is reached */
  function admit(taker: string, holder: string, bounds: readonly Bound[]): string | undefined {
    return places.admit(taker, holder, bounds)?.key
  }
  return { places, resting, gone, admit }
}

const bound = (key: string, most: number, yields = false): Bound => ({ key, most, yields })

t.test('a bound is reached by those under its key, and others are not concerned', async (t) => {
  const { places, admit } = made()
  const all = bound('all', 4)
  t.same(
    [1, 2, 3].map((n) => admit(`a${n}`, 'a', [bound('a', 2), all])),
    [undefined, undefined, 'a'],
  )
  t.same(
    [1, 2, 3].map((n) => admit(`b${n}`, 'b', [bound('b', 5), all])),
    [undefined, undefined, 'all'],
  )
  places.leave('a1')
  places.leave('a1')
  t.equal(places.size, 3)
  t.equal(admit('b3', 'b', [bound('b', 5), all]), undefined)
})

t.test('where a bound yields, a taker that rests makes room, the oldest of the holder who has most', async (t) => {
  const { places, resting, gone, admit } = made()
  const all = [bound('all', 6, true)]
  for (const taker of ['a1', 'a2', 'a3', 'b1', 'c1', 'd1']) admit(taker, taker.charAt(0), all)
  for (const taker of ['a2', 'a3', 'b1']) resting.add(taker)
  t.equal(admit('e1', 'e', all), undefined)
  t.same(gone, ['a2'])
  t.equal(admit('f1', 'f', all), undefined)
  t.same(gone, ['a2', 'a3'])
  t.equal(admit('g1', 'g', all), 'all', 'everybody has one: nobody loses it')
  t.equal(places.size, 6)
})

t.test('a holder who has most gives up one of its own for another', async (t) => {
  const { resting, gone, admit } = made()
  const all = [bound('all', 2, true)]
  for (const taker of ['a1', 'a2']) admit(taker, 'a', all)
  resting.add('a2')
  t.equal(admit('a3', 'a', all), undefined)
  t.same(gone, ['a2'])
})

t.test('who is under another key does not make room', async (t) => {
  const { resting, gone, admit } = made()
  for (const taker of ['a1', 'a2', 'a3']) admit(taker, 'a', [bound('system', 5, true), bound('all', 9, true)])
  resting.add('a1')
  admit('b1', 'b', [bound('others', 1, true), bound('all', 9, true)])
  t.equal(admit('c1', 'c', [bound('others', 1, true), bound('all', 9, true)]), 'others')
  t.same(gone, [])
})
