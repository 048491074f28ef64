/** An alias database that a dotfile asks: whoever is in it is never refused, and a certain no of it is one. */
import { chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { asAccount } from '@yabumi/home'
import { Users } from '@yabumi/users'
import { execa } from 'execa'
import t from 'tap'
import { hostName, ScratchHome, userAccount } from '../../../../test/support/home.ts'
import { type Answer, lookInHome, Recipients } from '../src/index.ts'

const start = process.cwd()
const account = { ...userAccount, groups: [] }
const ask = '|aliasforward -d ../aliases.cdb\n'

const cases: readonly [what: string, local: string, verdict: Answer['verdict'], dotfile: string][] = [
  ['whom the database has', 'sales', 'known', ask],
  ['in capitals', 'SALES', 'known', ask],
  ['whom it has not', 'nobody', 'unknown', ask],
  ['whom it has not, behind a comment', 'nobody', 'unknown', `# all aliases\n${ask}`],
  ['whom it has at this host', 'info', 'known', ask],
  ['whom it has at another host', 'other', 'unknown', ask],
  ['an alias that leads to nobody but itself', 'circle', 'uncertain', ask],
  ['a database that is not there', 'sales', 'uncertain', '|aliasforward -d ../none.cdb\n'],
  ['whom it leaves to the next line', 'nobody', 'known', '|aliasforward -dp ../aliases.cdb\n&joe\n'],
  ['whom another line takes first', 'nobody', 'known', `&joe\n${ask}`],
  ['a command that a shell understands otherwise', 'nobody', 'known', '|exit 0; aliasforward -d ../aliases.cdb\n'],
  ['a command that is used wrongly', 'nobody', 'known', '|aliasforward -x ../aliases.cdb\n'],
  ['another program', 'nobody', 'known', '|fastforward -d ../aliases.cdb\n'],
]

t.test('recipients that only a database of aliases has are known, and those that it has not are not', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  const aliases = join(home.directory, 'aliases')
  writeFileSync(aliases, `sales: joe\ninfo@${hostName}: joe\nother@else.example: joe\ncircle: circle\n`)
  chownSync(aliases, userAccount.uid, userAccount.gid)
  await home.run('newaliasdb', [aliases])
  for (const [what, local, right, dotfile] of cases) {
    writeFileSync(join(home.directory, 'alias/.qmail-default'), dotfile)
    process.chdir(home.directory)
    const users = new Users('.')
    try {
      const recipients = new Recipients(
        users,
        (_user, request) => asAccount(account, () => lookInHome(request)),
        () => undefined,
      )
      t.equal((await recipients.answer(`${local}@${hostName}`)).verdict, right, what)
    } finally {
      users.close()
      process.chdir(start)
    }
    if (dotfile !== ask) continue
    const environment = { ...home.environment, DEFAULT: local, HOST: hostName, SENDER: 's@x', DTLINE: '' }
    const { exitCode, stderr } = await execa(join(home.directory, 'bin/aliasforward'), ['-nd', `${aliases}.cdb`], {
      env: environment,
      reject: false,
    })
    t.equal(exitCode === 100, right === 'unknown', `${what}: at the delivery`)
    t.equal(stderr.includes('no mailbox here'), right === 'unknown')
  }
})
