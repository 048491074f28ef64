/** What programs say, in bytes: answers, and messages that tell their names. */
import { bytesOf } from './strace.ts'

/** What a call of the family of write has given to the kernel. */
export function writtenBytes(name: string, args: readonly string[]): Buffer {
  if (!name.includes('writev')) return bytesOf(args[1] ?? '""')
  const pieces = [...(args[1] ?? '').matchAll(/iov_base=("(?:\\x[0-9a-f]{2})*")/g)]
  return Buffer.concat(pieces.map(([, piece = '""']) => bytesOf(piece)))
}

/** Numbers of messages in answers of the resident queue: frames `Q`, a code that is 0, a decimal number. */
export function acceptedIn(bytes: Buffer): string[] {
  const numbers: string[] = []
  for (let at = 0; bytes.length >= at + 6 && bytes[at] === 0x51 && bytes[at + 4] === 0; ) {
    const end = at + 4 + bytes.readUIntBE(at + 1, 3)
    const number = bytes.toString('latin1', at + 5, end)
    if (end > bytes.length || !/^\d+$/.test(number)) break
    numbers.push(number)
    at = end
  }
  return numbers
}

/** The path of a message in the model's tree. */
export function messPath(number: string): string {
  return `queue/mess/${Number(number) % 23}/${number}`
}

/** The key of a message, from the header that each message of a scenario has; a bounce has it only in the copy that it brings. */
export function keyIn(text: Buffer): string | undefined {
  return /^X-Crash: (\S+)$/m.exec(text.toString('latin1').split('\n\n', 1)[0] ?? '')?.[1]
}
