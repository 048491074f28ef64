/**
 * Which file a program of the system is (spec §2.6: qmail finds all of them by PATH).
 *
 * Ours lie in bin/ of the home under plain names, `send`, `clean`, that PATH must not decide: other packages have a
 * `send` too. So a name is looked for as `bin/send`, then as `bin/qmail-send`, then as `qmail-send` in PATH. An
 * administrator who wants another program puts it into bin/. Called as `qmail-start`, it looks as qmail-start does
 * first: `qmail-send` in PATH.
 */
import { accessSync, constants, statSync } from 'node:fs'
import { Trouble } from '@yabumi/trouble'

/** What start starts. */
export type ProgramName = 'send' | 'lspawn' | 'rspawn' | 'clean' | 'queue'

/**
 * Find a program. The working directory is the home.
 *
 * @param calledAs - the name that start was called by
 * @param path - PATH, a byte string
 * @returns its file, with a slash in it; byte string
 * @throws Trouble 4.3.0 if there is none
 */
export function findProgram(name: ProgramName, calledAs: string, path: string): string {
  const inHome = [`bin/${name}`, `bin/qmail-${name}`]
  const inPath = path.split(':').map((directory) => `${directory || '.'}/qmail-${name}`)
  const candidates = calledAs.startsWith('qmail-') ? [...inPath, ...inHome] : [...inHome, ...inPath]
  const file = candidates.find(isProgram)
  if (file === undefined)
    throw new Trouble('4.3.0', `unable to find ${name}: neither bin/${name} in ${process.cwd()} nor qmail-${name} in PATH`)
  return file
}

function isProgram(file: string): boolean {
  const bytes = Buffer.from(file, 'latin1')
  try {
    accessSync(bytes, constants.X_OK)
    return statSync(bytes).isFile()
  } catch {
    return false
  }
}
