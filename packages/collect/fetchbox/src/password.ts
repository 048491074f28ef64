/** A password from a file, a descriptor or the terminal; never from the command line, which everybody can read. */
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { errorText, Trouble } from '@yabumi/trouble'

/**
 * @param place - a file, or `fd:N`; the terminal is asked if it is undefined
 * @throws Trouble 5.5.4 if there is none
 */
export function passwordFrom(place: string | undefined, whose: string): string {
  const text = place === undefined ? asked(whose) : read(place)
  const [line = ''] = text.split(/\r?\n/)
  if (line === '') throw new Trouble('5.5.4', `there is no password for ${whose}`)
  return line
}

function read(place: string): string {
  const [, digits] = /^fd:(\d+)$/.exec(place) ?? []
  try {
    return readFileSync(digits === undefined ? place : Number(digits), 'utf8')
  } catch (cause) {
    throw new Trouble('5.5.4', `unable to read ${place}: ${errorText(cause)}`, { cause })
  }
}

function asked(whose: string): string {
  let terminal: number
  try {
    terminal = openSync('/dev/tty', 'r')
  } catch (cause) {
    throw new Trouble('5.5.4', `there is no terminal to ask for the password of ${whose}: see --from-password`, { cause })
  }
  const stdio: ['inherit' | number, 'ignore', 'ignore'] = [terminal, 'ignore', 'ignore']
  spawnSync('stty', ['-echo'], { stdio })
  try {
    process.stderr.write(`password for ${whose}: `)
    const bytes = Buffer.alloc(4096)
    return bytes.toString('utf8', 0, readSync(terminal, bytes))
  } finally {
    spawnSync('stty', ['echo'], { stdio })
    process.stderr.write('\n')
    closeSync(terminal)
  }
}
