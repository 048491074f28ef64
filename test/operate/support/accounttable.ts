/**
 * The accounts in packages/workshop/installation/README.md, one by one: what each owns, reads, writes and may call.
 *
 * The account itself tries it, in an installed system that runs. The page says what it can do beside what everybody can.
 */
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Role, roles } from '@yabumi/home'
import { execa } from 'execa'
import t from 'tap'
import { amRoot, checkout, hostName } from '../../support/home.ts'
import { missing } from '../../support/programs.ts'
import { until } from '../../support/wait.ts'
import { mailOf, System, type User, userFile } from './system.ts'

const asRoot = { skip: !amRoot ? 'only root can make accounts' : missing('useradd', 'userdel', 'setpriv') }

const particulars = ['runs', 'owner of', 'reads', 'writes', 'may call', 'its fall gives away'] as const
type Row = Partial<Record<(typeof particulars)[number], string>>

/** What the page says of each account, by its name. */
function table(): Map<string, Row> {
  const text = readFileSync(join(checkout, 'packages/workshop/installation/README.md'), 'utf8')
  const accounts = text.slice(text.indexOf('## Accounts')).matchAll(/^- `?([a-z]+)`?\n((?: {2,}.*\n)+)/gm)
  return new Map(
    [...accounts].map(([, name = '', items = '']): [string, Row] => {
      const said = [...items.matchAll(/^ {2}- ([a-z ]+): (.*(?:\n {4}.*)*)/gm)].map(([, what = '', text = '']) => [what, text])
      const unknown = said.map(([what]) => what).find((what) => !particulars.some((particular) => particular === what))
      if (unknown !== undefined) throw new Error(`${name}: ${unknown} is not tried`)
      return [name, Object.fromEntries(said)]
    }),
  )
}

/** What is named in an item. */
function named(item: string | undefined): string[] {
  return [...(item ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name).sort()
}

/** Which part of a home a path belongs to, by the names of the page; of queue/ what is below it. Sockets are no part. */
function partOf(path: string): string {
  const [first = '', second, third] = path.split('/')
  if (path === '.') return 'home'
  if (first === 'queue') return second === undefined ? 'queue' : second === 'lock' && third !== undefined ? `lock/${third}` : second
  if (first === 'state' && second !== undefined) return `state/${second}`
  if (first === 'users' && second?.startsWith('passwords')) return 'users/passwords'
  return first
}

function partsOf(paths: readonly string[]): string[] {
  return [...new Set(paths.map(partOf))].sort()
}

interface Reach {
  readonly reads: string[]
  readonly writes: string[]
  readonly calls: string[]
}

/** Everything in a home; links are left to their places. */
function everything(home: string): string[] {
  const names = readdirSync(home, { recursive: true, encoding: 'utf8' })
  return ['.', ...names.filter((name) => !lstatSync(join(home, name)).isSymbolicLink())]
}

/** What an account, with the groups that the system gives it, can do in a home. */
async function reachOf({ home }: System, { name, uid, gid }: User): Promise<Reach> {
  const all = everything(home)
  const sockets = all.filter((path) => lstatSync(join(home, path)).isSocket())
  const input = JSON.stringify({
    paths: all.filter((path) => !sockets.includes(path)).map((path) => join(home, path)),
    sockets: sockets.map((path) => join(home, path)),
  })
  const program = join(import.meta.dirname, 'reach.ts')
  const ids = [`--reuid=${uid}`, `--regid=${gid}`, '--init-groups']
  const { stdout } = await execa('setpriv', [...ids, process.execPath, program], { input, cwd: '/', env: { USER: name }, extendEnv: false })
  const reached = JSON.parse(stdout) as Record<'read' | 'write' | 'list' | 'create' | 'call', string[]>
  const relative = (paths: string[]) => paths.map((path) => path.slice(home.length + 1) || '.')
  return {
    reads: partsOf(relative([...reached.read, ...reached.list])),
    writes: partsOf(relative([...reached.write, ...reached.create])),
    calls: relative(reached.call).sort(),
  }
}

/** What an account can do that not everybody can. */
function beside(reach: Reach, common: Reach): Reach {
  const less = (some: string[], others: string[]) => some.filter((each) => !others.includes(each))
  return { reads: less(reach.reads, common.reads), writes: less(reach.writes, common.writes), calls: less(reach.calls, common.calls) }
}

t.test('each account of an installed home can do what the page says, and no more', asRoot, async (t) => {
  const system = await System.make(t, 'joe', 'ann')
  const [joe, ann] = [await system.user('joe'), await system.user('ann')]
  await system.run('setpassword', [joe.name], { input: 'secret\n' })
  const running = await system.supervise()
  const inject = (to: string) =>
    system.run('inject', ['-a', '-f', `nobody-such@${hostName}`, to], { as: joe, input: 'Subject: stays\n\nx\n' })
  userFile(joe, '.qmail-later', '|exit 111\n')
  await inject(`${joe.name}-later@${hostName}`)
  await running.logs(/delivery \d+: deferral/)
  await inject(`${ann.name}@${hostName}`)
  await inject(`postmaster@${hostName}`)
  await until(
    'mail for users and for alias',
    () => mailOf(ann).length === 1 && readdirSync(join(system.home, 'alias/Maildir/new')).length === 1,
  )

  const rows = table()
  t.same([...rows.keys()].sort(), ['everybody', ...roles].sort(), 'an item for each account, and one for everybody')
  const common = await reachOf(system, ann)
  const sockets = readdirSync(system.home).filter((name) => lstatSync(join(system.home, name)).isSocket())
  const there = (names: string[]) => names.filter((name) => !name.endsWith('.sock') || sockets.includes(name))
  t.same(common.reads, named(rows.get('everybody')?.reads), 'everybody reads')
  t.same(common.writes, named(rows.get('everybody')?.writes), 'everybody writes')
  t.same(common.calls, there(named(rows.get('everybody')?.['may call'])), 'everybody may call')
  for (const role of roles) {
    const row = rows.get(role)
    const account = await system.account(role)
    const reach = beside(await reachOf(system, account), common)
    t.same(reach.reads, named(row?.reads), `${role} reads`)
    t.same(reach.writes, named(row?.writes), `${role} writes`)
    t.same(reach.calls, there(named(row?.['may call'])), `${role} may call`)
    t.same(ownedBy(system.home, account), named(row?.['owner of']), `${role} is owner of`)
    t.ok(row?.['its fall gives away'], `${role}: what its fall gives away is said`)
  }
})

/** The parts that an account owns itself, its entry in accounts/ and sockets aside. */
function ownedBy(home: string, { uid }: User): string[] {
  const parts = everything(home).filter((path) => lstatSync(join(home, path)).uid === uid && !path.includes('.sock'))
  return partsOf(parts).filter((part) => part !== 'accounts')
}

t.test('no account reads a mailbox, a password or a key of the system', asRoot, async (t) => {
  const system = await System.make(t, 'ann')
  const ann = await system.user('ann')
  await system.run('setpassword', [ann.name], { input: 'secret\n' })
  const secrets = [join(ann.home, 'Maildir'), join(ann.home, 'Maildir/new'), '/etc/shadow', join(system.home, 'users/passwords')]
  for (const role of roles) {
    const account: User = await system.account(role as Role)
    const input = JSON.stringify({ paths: secrets.filter(existsSync), sockets: [] })
    const program = join(import.meta.dirname, 'reach.ts')
    const ids = [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--init-groups']
    const { stdout } = await execa('setpriv', [...ids, process.execPath, program], { input, cwd: '/', env: {}, extendEnv: false })
    t.same(JSON.parse(stdout), { read: [], write: [], list: [], create: [], call: [] }, role)
  }
})
