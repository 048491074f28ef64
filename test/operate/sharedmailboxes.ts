/** Many mailboxes of one account: no dotfile of one reaches another, and none runs a program. As root, who alone gives homes to accounts. */
import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, linkSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Dialogue, oneLine } from '../support/dialogue.ts'
import { amRoot, ScratchHome } from '../support/home.ts'
import { until } from '../support/wait.ts'

const skip = amRoot ? false : 'only root can give homes to an account'
/** An account of every Debian that runs nothing. */
const account = 'games'

interface Scene {
  readonly home: ScratchHome
  readonly uid: number
  readonly gid: number
  own(name: string, ...parts: string[]): string
  /** Put a file into a mailbox's home, its own. */
  put(name: string, file: string, text: string): void
}

async function scene(cleaner: { teardown(work: () => unknown): unknown }): Promise<Scene> {
  const home = await ScratchHome.make(cleaner)
  const [uid, gid] = ['-u', '-g'].map((option) => Number(execFileSync('id', [option, account]))) as [number, number]
  const add = (address: string, ...more: string[]) =>
    home.run('mailbox', ['add', address, '--account', account, ...more], { input: 'geheim\n' })
  await add('anna@example.org', '--domain')
  await add('bob@example.org')
  const own = (name: string, ...parts: string[]): string => join(home.directory, 'mailboxes/example.org', name, ...parts)
  const put = (name: string, file: string, text: string): void => {
    writeFileSync(own(name, file), text, { mode: 0o600 })
    chownSync(own(name, file), uid, gid)
  }
  return { home, uid, gid, own, put }
}

t.test('both are the account’s, and control/sharedaccounts says so', { skip }, async (t) => {
  const { home, uid, gid, own } = await scene(t)
  t.equal(readFileSync(join(home.directory, 'control/sharedaccounts'), 'utf8'), `${uid}\n`)
  t.equal((await home.run('mailbox', ['list'])).stdout.match(new RegExp(` ${uid} `, 'g'))?.length, 2)
  for (const name of ['anna', 'bob']) {
    const stats = statSync(own(name))
    t.same({ uid: stats.uid, gid: stats.gid, mode: stats.mode & 0o777 }, { uid, gid, mode: 0o700 })
  }
  for (const [name, words] of [
    ['root', /no mailbox is root's/],
    ['no-such-account', /there is no account no-such-account/],
  ] as const) {
    const answer = await home.run('mailbox', ['add', 'cara@example.org', '--account', name], { input: 'x\n', reject: false })
    t.equal(answer.exitCode, 100)
    t.match(answer.stderr, words)
  }
})

t.test('a program, a path and a link of one do not reach another', { skip }, async (t) => {
  const { home, uid, own, put } = await scene(t)
  const running = await home.supervise()
  put('bob', 'secret', '&thief@example.net\n')
  symlinkSync(own('bob', 'Maildir'), own('anna', 'link'))
  symlinkSync(own('bob', 'mbox'), own('anna', 'mbox'))
  symlinkSync(own('bob', 'secret'), own('anna', '.qmail-5'))
  linkSync(own('bob', 'secret'), own('anna', '.qmail-6'))
  const lines = ['|echo >ran', `${own('bob')}/Maildir/`, './../bob/Maildir/', './link/', './mbox']
  for (const [index, line] of lines.entries()) put('anna', `.qmail-${index}`, `./Maildir/\n${line}\n`)
  const leaves = /leads_out_of_the_home,_or_by_a_link/
  const isLinked = /\.qmail_file_has_another_name_or_is_a_link/
  const whys = [/\.qmail-0_runs_a_program,_but_its_mailbox_shares_its_account/, leaves, leaves, leaves, leaves, isLinked, isLinked]
  for (const [index, why] of whys.entries()) {
    await home.inject(['-fx@example.net', `anna-${index}@example.org`], `Subject: try ${index}\n\nx\n`)
    const [began] = await running.logs(new RegExp(`delivery (\\d+): msg \\d+ to local example\\.org-anna-${index}@example\\.org`))
    const [ended] = await running.logs(new RegExp(`delivery ${began?.[1]}: (deferral|success|failure): .*`))
    t.equal(ended?.[1], 'deferral')
    t.match(ended?.[0], why)
  }
  t.same(readdirSync(own('bob', 'Maildir/new')), [])
  t.notOk(existsSync(own('bob', 'mbox')))
  t.notOk(existsSync(own('anna', 'ran')))

  const told = await home.run('explain', ['anna-0@example.org'], { reject: false })
  t.match(told.stdout, /no program is run here, and nothing outside the home is opened/)
  const plain = await home
    .inject(['-fx@example.net', 'bob@example.org'], 'Subject: plain\n\nx\n')
    .then(() => until('ordinary mail arrives', () => readdirSync(own('bob', 'Maildir/new')).length === 1))
  t.ok(plain)
  t.equal(statSync(own('bob', 'Maildir/new', readdirSync(own('bob', 'Maildir/new'))[0] ?? '')).uid, uid)

  rmSync(own('anna', 'Maildir'), { recursive: true })
  symlinkSync(own('bob', 'Maildir'), own('anna', 'Maildir'))
  const pop = await Dialogue.open(running.pop3Port, oneLine)
  t.teardown(() => pop.close())
  await pop.say('USER anna@example.org', oneLine)
  t.notMatch(await pop.say('PASS geheim', oneLine).catch(String), /^\+OK/, 'and no session opens it')
})

t.test('a list that cannot be understood counts for everybody, and is named', { skip }, async (t) => {
  const { home, put } = await scene(t)
  home.control('sharedaccounts', 'games\n')
  put('anna', '.qmail', '|echo >ran\n')
  const running = await home.supervise()
  await home.inject(['-fx@example.net', 'anna@example.org'], 'Subject: x\n\nx\n')
  const [ended] = await running.logs(/delivery \d+: (?:deferral|success|failure): .*/)
  t.match(ended?.[0], /deferral: Uh-oh:.*control\/sharedaccounts_line_1_is_no_uid/)
})
