/** Find the file of a program, as execvp(3) does. */
import { accessSync, constants, statSync } from 'node:fs'

/**
 * The path of a program that may be run.
 *
 * @param file - a byte string; without a slash it is searched for
 * @param path - the variable PATH, or undefined if it is not set
 */
export function locate(file: string, path: string | undefined): string | undefined {
  if (file.includes('/')) return canRun(file) ? file : undefined
  return (path ?? '/bin:/usr/bin')
    .split(':')
    .map((directory) => (directory === '' ? `./${file}` : `${directory}/${file}`))
    .find(canRun)
}

function canRun(file: string): boolean {
  const path = Buffer.from(file, 'latin1')
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
