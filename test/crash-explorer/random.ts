/** Numbers that look random and are the same for the same seed (mulberry32). */
export type Random = () => number

/** @returns a source of numbers from 0 to 1, 1 left out */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** `count` of them, in their order; all if there are fewer. */
export function sample<T>(items: readonly T[], count: number, random: Random): T[] {
  const order = items.map((item, index) => ({ item, index, key: random() }))
  order.sort((a, b) => a.key - b.key)
  return order
    .slice(0, count)
    .sort((a, b) => a.index - b.index)
    .map(({ item }) => item)
}
