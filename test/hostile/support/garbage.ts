/** What a protocol does not expect. Seeded: the same seed gives the same bytes. */

/** A generator of pseudo-random numbers below 2^32 (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}

export function randomBytes(random: () => number, length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, () => random() & 255))
}

/** Kinds of garbage, each with its name. */
export function* garbage(seed: number): Generator<[kind: string, bytes: Buffer], void> {
  const random = randomNumbers(seed)
  yield ['nothing', Buffer.alloc(0)]
  yield ['one NUL', Buffer.alloc(1)]
  yield ['one line end', Buffer.from('\n')]
  yield ['random bytes', randomBytes(random, 3_000)]
  yield ['NULs', Buffer.alloc(100_000)]
  yield ['a long line', Buffer.alloc(1_000_000, 'x')]
  yield ['line ends', Buffer.alloc(100_000, '\n')]
  yield ['carriage returns', Buffer.from('\r\n\r\r\n\n\r'.repeat(5_000))]
  yield ['8-bit text', Buffer.from('\xe9\xff\x80\xc3\n'.repeat(2_000), 'latin1')]
  yield ['digits', Buffer.from('9'.repeat(10_000))]
  yield ['netstrings that promise more than they hold', Buffer.from('99999999:x,'.repeat(1_000))]
  yield ['colons and commas', Buffer.from(':,'.repeat(10_000))]
  yield ['a TLS greeting', Buffer.from('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'latin1')]
  yield ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')]
}
