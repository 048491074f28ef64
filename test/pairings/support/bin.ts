/** A home whose bin/ has other programs in the places of ours. */
import { chmodSync, mkdirSync, readdirSync, realpathSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkout, type ScratchHome } from '../../support/home.ts'

/** The program of this checkout, for a script that stands in its place and runs it. */
export const ours = (name: string): string => realpathSync(join(checkout, 'bin', name))

/** Make bin/ a directory of its own, with these scripts in it instead of our programs. @param scripts - each with its `#!` line */
export function replace(home: ScratchHome, scripts: Readonly<Record<string, string>>): void {
  const bin = join(home.directory, 'bin')
  rmSync(bin, { recursive: true })
  mkdirSync(bin)
  const names = readdirSync(join(checkout, 'bin')).filter((name) => !name.startsWith('.'))
  for (const name of names) symlinkSync(join(checkout, 'bin', name), join(bin, name))
  for (const [name, script] of Object.entries(scripts)) {
    unlinkSync(join(bin, name))
    writeFileSync(join(bin, name), script)
    chmodSync(join(bin, name), 0o755)
  }
}
