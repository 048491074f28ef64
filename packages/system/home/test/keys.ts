/** The group that reads keys: effective in those who hold them, and in nothing that they start. */
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { keysGroup } from '../src/index.ts'

const amRoot = process.getuid?.() === 0
const [uid, keys] = [60_011, 60_012]

function home(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'home-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  chmodSync(directory, 0o755)
  mkdirSync(join(directory, 'accounts'))
  for (const name of ['smtp', 'queue', 'keys', 'groups']) writeFileSync(join(directory, 'accounts', name), '')
  writeFileSync(join(directory, 'accounts/groups'), `smtp:${uid}\nqueue:${uid + 5}\n`)
  chownSync(join(directory, 'accounts/smtp'), uid, 0)
  chownSync(join(directory, 'accounts/queue'), uid + 5, 0)
  chownSync(join(directory, 'accounts/keys'), 0, keys)
  writeFileSync(join(directory, 'key'), 'secret')
  chownSync(join(directory, 'key'), 0, keys)
  chmodSync(join(directory, 'key'), 0o640)
  return directory
}

/** What a role's process, and a program that it starts, have for groups, and whether each reads the key. */
function groupsOf(directory: string, role: string): string {
  const program = `
    import { readFileSync } from 'node:fs'
    import { accountToBecome, becomeAccount } from '${import.meta.dirname}/../src/index.ts'
    import { startProgram } from '${import.meta.dirname}/../../child/src/index.ts'
    process.chdir('${directory}')
    becomeAccount(accountToBecome('${role}'))
    const say = () => readFileSync('/proc/self/status', 'latin1').match(/^Gid:.*$/m)[0].replace(/\\s+/g, ' ')
    let key = 'none'
    try { key = readFileSync('key', 'latin1') } catch {}
    console.log(say(), key)
    const args = ['-c', 'echo $(grep ^Gid: /proc/self/status) $(cat key 2>/dev/null || echo none)']
    startProgram({ file: '/bin/sh', args, env: [['PATH', '/usr/bin:/bin']] }, { stdio: 'inherit' })`
  return execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program], {
    encoding: 'latin1',
  })
}

t.test(
  'who holds keys has their group as the effective one; what it starts has its own in all places',
  { skip: !amRoot && 'only root becomes others' },
  async (t) => {
    const directory = home(t)
    t.equal(keysGroup(directory), keys)
    t.equal(groupsOf(directory, 'smtp'), `Gid: ${uid} ${keys} ${uid} ${keys} secret\nGid: ${uid} ${uid} ${uid} ${uid} none\n`)
    t.equal(groupsOf(directory, 'queue'), `Gid: ${uid + 5} ${uid + 5} ${uid + 5} ${uid + 5} none\n`.repeat(2))
  },
)

t.test("an entry that is not root's, or is a link, names no group", { skip: !amRoot && 'only root gives files away' }, async (t) => {
  const directory = home(t)
  chownSync(join(directory, 'accounts/keys'), uid, keys)
  t.equal(keysGroup(directory), undefined)
  rmSync(join(directory, 'accounts/keys'))
  t.equal(keysGroup(directory), undefined)
  t.equal(keysGroup(tmpdir()), undefined, 'no accounts at all')
})
