/** Locks: a file that somebody may open is one that he can lock, and keep locked. */
import { chmodSync, closeSync, constants, lstatSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tryLock } from '@yabumi/posix'
import { execa } from 'execa'
import t from 'tap'
import { amRoot, ScratchHome } from '../support/home.ts'

const asRoot = { skip: !amRoot && 'only root can be another account' }
const stranger = { uid: 61_190, gid: 61_190 }

/** Every file of a home that somebody has locked (flock), as the kernel says. */
function lockedFiles(directory: string): string[] {
  const inodes = new Set(
    readFileSync('/proc/locks', 'latin1')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .flatMap(([, kind, , , , file]) => (kind === 'FLOCK' ? [file?.split(':')[2]] : [])),
  )
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => inodes.has(String(lstatSync(join(directory, name)).ino)))
}

/** Those of the paths that a stranger can open, for reading or writing. */
async function opened(paths: readonly string[]): Promise<string[]> {
  const program = `
    const { openSync } = require('node:fs')
    const can = (path, flag) => { try { openSync(path, flag); return true } catch { return false } }
    console.log(JSON.stringify(JSON.parse(process.argv[1]).filter((path) => can(path, 'r') || can(path, 'r+'))))`
  const { stdout } = await execa(process.execPath, ['-e', program, JSON.stringify(paths)], {
    ...stranger,
    cwd: '/',
    env: {},
    extendEnv: false,
  })
  return JSON.parse(stdout) as string[]
}

t.test('no lock of a home can be taken by a stranger', asRoot, async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  await home.supervise()
  const locked = lockedFiles(home.directory)
  for (const name of ['supervise/lock', 'queue.sock.lock', 'queue/lock/sendmutex']) t.ok(locked.includes(name), `${name} is one`)
  const paths = [...locked, 'queue/lock/tcpto'].map((name) => join(home.directory, name))
  t.same(await opened(paths), [])
})

t.test('a lock file of supervise that everybody may open is replaced, and who has it open locks nothing', async (t) => {
  const home = await ScratchHome.make(t)
  const first = await home.supervise()
  await first.stop()
  const path = join(home.directory, 'supervise/lock')
  chmodSync(path, 0o644)
  const held = openSync(path, constants.O_RDONLY)
  t.teardown(() => closeSync(held))
  const before = statSync(path).ino
  const running = await home.supervise()
  t.not(statSync(path).ino, before)
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.ok(tryLock(held), 'the old file is free, and nobody asks for it')
  const { exitCode, stderr } = await home.run('supervise', [], { reject: false })
  t.match({ exitCode, stderr }, { exitCode: 111, stderr: /supervise\/lock is locked: another supervise runs this home; [^;]*\n$/ })
  await running.stop()
})

t.test('a lock file of supervise that everybody may open, and somebody has locked, is named with the remedy', async (t) => {
  const home = await ScratchHome.make(t)
  await (await home.supervise()).stop()
  const path = join(home.directory, 'supervise/lock')
  rmSync(path)
  writeFileSync(path, '', { mode: 0o644 })
  chmodSync(path, 0o644)
  const held = openSync(path, constants.O_RDONLY)
  t.teardown(() => closeSync(held))
  t.ok(tryLock(held))
  const { exitCode, stderr } = await home.run('supervise', [], { reject: false })
  t.match({ exitCode, stderr }, { exitCode: 111, stderr: /if none does, somebody who may open it \(mode 644\) holds it: remove it\n$/ })
})
