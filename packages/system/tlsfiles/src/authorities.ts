/** The authorities that vouch for other hosts: those of control/cafile in place of the ones that came with Node. */
import { readFileSync } from 'node:fs'
import { readLine } from '@yabumi/control'
import { errorText, Trouble } from '@yabumi/trouble'

/** In PEM; undefined where there is no control/cafile. @throws Trouble 4.3.0 if it, or what it names, cannot be read */
export function authorities(): string | undefined {
  const file = readLine('cafile') ?? ''
  return file === '' ? undefined : authoritiesIn(file)
}

/** @param file - in PEM, relative to the home. @throws Trouble 4.3.0 if it cannot be read */
export function authoritiesIn(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to read ${file}: ${errorText(cause)}`, { cause })
  }
}
