/** Records of queue files: letter, text, NUL, again and again (spec §1.2). Read through a buffer, whatever the size. */
import { readSync } from 'node:fs'

const bufferBytes = 65_536
const buffer = Buffer.allocUnsafe(bufferBytes)

/** The letters of a file's records, each once; and whether the last record is whole. */
export interface Letters {
  readonly letters: ReadonlySet<number>
  readonly whole: boolean
}

/** @throws the system's error */
export function readLetters(fd: number): Letters {
  const letters = new Set<number>()
  let atStart = true
  for (;;) {
    const length = readSync(fd, buffer, 0, bufferBytes, null)
    for (let at = 0; at < length; ) {
      if (atStart) letters.add(buffer[at] as number)
      const end = buffer.subarray(0, length).indexOf(0, at)
      atStart = end >= 0
      at = atStart ? end + 1 : length
    }
    if (length < bufferBytes) return { letters, whole: atStart }
  }
}

export const letter = (text: string): number => text.charCodeAt(0)
