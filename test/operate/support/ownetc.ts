/** Run a test in name spaces of its own, in which /etc is a copy: the accounts that it makes are never those of the machine. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const enter = ['unshare', '--mount', '--propagation', 'private']
const script = 'cp -a /etc "$0/" && mount --bind "$0/etc" /etc && exec "$@"'

/** Run a test file, on our descriptors. Where there are no name spaces to be had it runs as it is. @returns its exit code */
export function runInOwnEtc(file: string): number {
  const command = [process.execPath, ...process.execArgv, file]
  const copy = mkdtempSync(join(tmpdir(), 'yabumi-etc-'))
  try {
    const [program = '', ...args] = canEnter() ? [...enter, 'sh', '-c', script, copy, ...command] : command
    return spawnSync(program, args, { stdio: 'inherit' }).status ?? 111
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

function canEnter(): boolean {
  const [program = '', ...args] = enter
  return process.getuid?.() === 0 && spawnSync(program, [...args, 'mount', '--bind', '/etc', '/etc'], { stdio: 'ignore' }).status === 0
}
