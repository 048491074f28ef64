const last = new Map<string, Promise<void>>()

/**
 * Do something when everybody who came earlier for the same key is done.
 *
 * flock(2) would keep the deliveries of one process apart as well, but only by trying again and again.
 */
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
