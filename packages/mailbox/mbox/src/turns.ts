/**
 * The deliveries of one process to one mbox take turns.
 *
 * flock(2) would keep them apart as well, but only by trying again and again.
 */

const last = new Map<string, Promise<void>>()

/** Do something when everybody who came earlier for the same key is done, whatever came of that. */
export async function inTurn(key: string, work: () => Promise<void>): Promise<void> {
  const before = last.get(key)
  const mine = before === undefined ? work() : before.then(work)
  const over = mine.catch(() => {})
  last.set(key, over)
  try {
    await mine
  } finally {
    if (last.get(key) === over) last.delete(key)
  }
}
