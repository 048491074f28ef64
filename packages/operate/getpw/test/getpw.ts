import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { checkout, ScratchHome } from '../../../arrive/smtpd/test/scratch/home.ts'

function getpw(home: ScratchHome, ...args: readonly string[]): { status: number | null; fields: string[] } {
  const { status, stdout } = spawnSync(join(checkout, 'bin/getpw'), args, { env: home.environment(), encoding: 'latin1' })
  return { status, fields: stdout.split('\0') }
}

/** An account of this system that can receive mail, if it has one. */
function someAccount(): string[] | undefined {
  const lines = readFileSync('/etc/passwd', 'latin1').split('\n')
  return lines
    .map((line) => line.split(':'))
    .find(([name = '', , uid, , , directory = '']) => {
      const owner = statSync(directory || '/none', { throwIfNoEntry: false })?.uid
      return /^[a-z]+$/.test(name) && uid !== '0' && String(owner) === uid
    })
}

const account = someAccount()

t.test(
  'getpw finds an account and keeps the case of the extension',
  { skip: account === undefined && 'no account owns its home' },
  async (t) => {
    const [name = '', , uid, gid, , directory] = account ?? []
    const home = new ScratchHome(t)
    t.same(getpw(home, name), { status: 0, fields: [name, uid, gid, directory, '', '', ''] })
    t.same(getpw(home, `${name.toUpperCase()}-a-B`).fields, [name, uid, gid, directory, '-', 'a-B', ''])
  },
)

t.test('getpw gives everything else to the alias user, root too', async (t) => {
  const home = new ScratchHome(t)
  mkdirSync(join(home.path, 'alias'))
  const { uid, gid } = statSync(join(home.path, 'alias'))
  for (const local of ['root', 'no-such-Account', '', `${'x'.repeat(40)}-y`]) {
    t.same(getpw(home, local), { status: 0, fields: ['alias', String(uid), String(gid), join(home.path, 'alias'), '-', local, ''] })
  }
})

t.test('getpw exits 100 without an argument and 116 without an alias user', async (t) => {
  const home = new ScratchHome(t)
  t.same(getpw(home), { status: 100, fields: [''] })
  t.same(getpw(home, 'no-such-account'), { status: 116, fields: [''] })
})
