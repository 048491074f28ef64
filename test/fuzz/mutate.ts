/** Inputs made from others: what is nearly right goes deeper into a parser than what is random. */
import { randomBytes } from '../hostile/support/garbage.ts'

type Random = () => number

const interesting = [
  '\0',
  '\n',
  '\r\n',
  '\r',
  '.',
  '..',
  '"',
  '\\',
  '(',
  ')',
  '<',
  '>',
  '@',
  ',',
  ':',
  ';',
  '[',
  ']',
  '\xff',
  '\x80',
  ' ',
  '\t',
  '%s',
  '0',
  '-1',
  '4294967296',
  '99999999999999999999',
  '\xff\xff\xff\xff',
].map((text) => Buffer.from(text, 'latin1'))
const longest = 4_096

const pick = <T>(random: Random, list: readonly T[]): T => list[random() % list.length] as T

function splice(bytes: Buffer, at: number, removed: number, added: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)])
}

/** One change of a seed. @param others - what parts may be borrowed from */
function change(bytes: Buffer, random: Random, others: readonly Buffer[]): Buffer {
  const at = random() % (bytes.length + 1)
  const length = random() % 16
  switch (random() % 8) {
    case 0:
      return splice(bytes, at, 1, randomBytes(random, 1))
    case 1:
      return splice(bytes, at, length, Buffer.alloc(0))
    case 2:
      return splice(bytes, at, 0, pick(random, interesting))
    case 3:
      return splice(bytes, at, length, bytes.subarray(random() % (bytes.length + 1)).subarray(0, 64))
    case 4:
      return splice(bytes, at, 0, Buffer.concat(Array<Buffer>(1 + (random() % 40)).fill(bytes.subarray(at, at + length))))
    case 5:
      return Buffer.concat([bytes.subarray(0, at), pick(random, others).subarray(random() % 64)])
    case 6:
      return bytes.subarray(0, at)
    default:
      return splice(bytes, at, 0, randomBytes(random, length))
  }
}

/** The next input. */
export function mutant(seeds: readonly Buffer[], random: Random): Buffer {
  let bytes = pick(random, seeds)
  for (let changes = 1 + (random() % 6); changes > 0; changes -= 1) bytes = change(bytes, random, seeds)
  return bytes.subarray(0, longest)
}

/** The same bytes in pieces, as a stream may bring them. */
export function pieces(bytes: Buffer, random: Random): Buffer[] {
  const cut: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + (random() % (random() % 4 === 0 ? 3 : 400))
    cut.push(Buffer.from(bytes.subarray(at, at + length))) // a copy: some parsers write into what they are given
    at += length
  }
  return cut
}
