/** Run a test in name spaces of its own, in which /etc is a copy: the accounts that it makes are never those of the machine. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const enter = ['unshare', '--mount', '--propagation', 'private']
/** Locks of whoever makes an account just now are gone before they are copied, or mean nothing in the copy. */
const script = 'cp -a /etc "$0/" 2>/dev/null; rm -f "$0"/etc/*.lock; mount --bind "$0/etc" /etc && exec "$@"'

/** In the environment of a test whose /etc is a copy. */
const mark = 'YABUMI_TEST_OWN_ETC'

/** Whether what is written below /etc here is gone when the test ends. */
export function hasOwnEtc(): boolean {
  return process.env[mark] === '1'
}

/**
 * Run a test file, on our descriptors. Where there are no name spaces to be had it runs as it is.
 *
 * @param how - words before it: more name spaces, and what is set up in them
 * @returns its exit code
 */
export function runInOwnEtc(file: string, how: readonly string[] = []): number {
  const command = [...how, process.execPath, ...process.execArgv, file]
  const copy = mkdtempSync(join(tmpdir(), 'yabumi-etc-'))
  try {
    const [program = '', ...args] = canEnter() ? [...enter, 'sh', '-c', script, copy, ...command] : command
    const env = { ...process.env, ...(program === enter[0] ? { [mark]: '1' } : {}) }
    return spawnSync(program, args, { stdio: 'inherit', env }).status ?? 111
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

function canEnter(): boolean {
  const [program = '', ...args] = enter
  return process.getuid?.() === 0 && spawnSync(program, [...args, 'mount', '--bind', '/etc', '/etc'], { stdio: 'ignore' }).status === 0
}
