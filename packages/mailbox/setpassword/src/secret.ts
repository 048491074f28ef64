/** The password from descriptor 0, unseen where that is a terminal. */
import { spawnSync } from 'node:child_process'
import { readSync } from 'node:fs'
import { isatty } from 'node:tty'
import { passwordBytes } from '@yabumi/limits'

/** The first line of descriptor 0, without LF or CR LF; one byte too long if it is longer than a password may be. */
export function readSecret(login: string): Buffer {
  if (!isatty(0)) return readLine()
  spawnSync('stty', ['-echo'], { stdio: 'inherit' }) // Node itself undoes it where a signal ends us
  try {
    process.stderr.write(`password for ${login}: `)
    return readLine()
  } finally {
    spawnSync('stty', ['echo'], { stdio: 'inherit' })
    process.stderr.write('\n')
  }
}

function readLine(): Buffer {
  const line = Buffer.alloc(passwordBytes + 3) // CR LF and one byte more, which shows that there is too much
  let length = 0
  while (length < line.length) {
    const read = readSync(0, line, length, line.length - length, null)
    const end = line.indexOf('\n')
    if (end >= 0 && end < length + read) return withoutCarriageReturn(line.subarray(0, end))
    if (read === 0) break
    length += read
  }
  return withoutCarriageReturn(line.subarray(0, length))
}

/** POP3 takes a CR at the end of a line for part of the line end, so no password can end in one. */
function withoutCarriageReturn(line: Buffer): Buffer {
  return line.at(-1) === 13 ? line.subarray(0, -1) : line
}
