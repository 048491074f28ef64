/**
 * The version before accounts/ came, built in a scratch directory from the history of this checkout, to install it and upgrade from it.
 */
import { globSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { execa } from 'execa'
import { type Cleaner, checkout } from '../../support/home.ts'

const commit = 'f191f8b'

/** A built checkout of it; undefined where the history is not here (a copy without .git). */
export async function versionBefore(cleaner: Cleaner): Promise<string | undefined> {
  const at = mkdtempSync(join(realpathSync(tmpdir()), 'yabumi-before-'))
  cleaner.teardown(() => rmSync(at, { recursive: true, force: true }))
  const { exitCode } = await execa('sh', ['-c', 'git archive "$0" -o "$1/all.tar" && tar xf "$1/all.tar" -C "$1"', commit, at], {
    cwd: checkout,
    reject: false,
  })
  if (exitCode !== 0) return undefined
  symlinkSync(join(checkout, '.runtime'), join(at, '.runtime'))
  linkModules(at)
  await execa(process.execPath, [join(at, 'packages/build/src/bundle.ts')], { cwd: at })
  return at
}

/** The modules of this checkout, but for the packages, which are its own, in wings or, in an older version, in one row. */
export function linkModules(at: string): void {
  mkdirSync(join(at, 'node_modules/@yabumi'), { recursive: true })
  const modules = join(checkout, 'node_modules')
  for (const name of readdirSync(modules)) if (name !== '@yabumi') symlinkSync(join(modules, name), join(at, 'node_modules', name))
  for (const manifest of globSync('packages/{*,*/*}/package.json', { cwd: at })) {
    const directory = dirname(manifest)
    symlinkSync(join('../..', directory), join(at, 'node_modules/@yabumi', basename(directory)))
  }
}
