/**
 * A copy of the checkout for tests that run its programs as other accounts, where those cannot reach the checkout
 * itself. That may be a clone below a directory that only root may enter, or one made with umask 077.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Whether an account without rights of its own may read `file`. */
export function isReadableByAll(file: string): boolean {
  const nobody = 65_534
  return spawnSync('test', ['-r', file], { uid: nobody, gid: nobody, cwd: '/', stdio: 'ignore' }).status === 0
}

/** Copy the checkout, without its history, to where everyone may read it; work there; remove it. */
export function inCopy<T>(root: string, work: (copy: string) => T): T {
  const copy = mkdtempSync(join(tmpdir(), 'yabumi-copy-'))
  try {
    run('cp', '-a', `${root}/.`, copy)
    rmSync(join(copy, '.git'), { recursive: true, force: true })
    run('chmod', '-R', 'go+rX', copy)
    return work(copy)
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

function run(file: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(file, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${file}: ${stderr}`)
}
