/** What a fallen account plants in the way of root's tools: nothing of root's changes, nothing of it is shown, nothing hangs. */
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { amRoot, checkout } from '../support/home.ts'
import { id, kinds, PlantedHome, part, secret } from './support/plantedhome.ts'

const asRoot = { skip: !amRoot && 'only root has tools that work for several accounts' }

const [mess, info, local, remote] = ['mess', 'info', 'local', 'remote'].map((name) => `${name}/${part}/${id}`) as [
  string,
  string,
  string,
  string,
]
const bounce = `bounce/${id}`
const mutex = 'lock/sendmutex'
const tcpto = 'lock/tcpto'

/** A tool as root calls it, and the files of queue/ that it has to do with. */
const tools: readonly { readonly words: readonly string[]; readonly state: 'S4' | 'S5'; readonly files: readonly string[] }[] = [
  { words: ['qread'], state: 'S5', files: [mess, info, local, remote] },
  { words: ['qstat'], state: 'S5', files: [mess] },
  { words: ['explain', id], state: 'S5', files: [mess, info, local, remote, bounce, mutex] },
  { words: ['explain', id], state: 'S4', files: [`todo/${id}`] },
  { words: ['explain', '<planted@test.example>'], state: 'S5', files: [mess] },
  { words: ['explain', 'x@remote.example'], state: 'S5', files: [tcpto, info] },
  { words: ['qhold', '--yes', id], state: 'S5', files: [info, local, remote, mutex] },
  { words: ['qretry', '--yes', '--all'], state: 'S5', files: [info, local, mutex] },
  { words: ['qrelease', '--yes', id], state: 'S5', files: [info, local, mutex] },
  { words: ['qrm', '--yes', id], state: 'S5', files: [mess, info, local, bounce, mutex] },
  { words: ['qrm', '--yes', id], state: 'S4', files: [`todo/${id}`, `intd/${id}`, mess] },
  { words: ['qrm', '--yes', '--bounce', id], state: 'S5', files: [bounce, local, info] },
  { words: ['tcpto'], state: 'S5', files: [tcpto] },
  { words: ['tcpok'], state: 'S5', files: [tcpto] },
  { words: ['qcheck', '--fix'], state: 'S5', files: [mess, info, local, bounce, mutex, tcpto, 'lock/trigger'] },
  { words: ['qcheck', '--fix'], state: 'S4', files: [`todo/${id}`, `intd/${id}`] },
]

for (const { words, state, files } of tools) {
  const [program = '', ...args] = words
  t.test(
    `${words.join(' ')} (${state}), called by root, touches and shows nothing that another account leads it to`,
    { ...asRoot },
    async (t) => {
      const home = await PlantedHome.make(t)
      for (const file of files) {
        for (const kind of kinds) {
          home.fresh(state)
          await home.plant(kind, file)
          const before = home.state()
          const { exitCode, all } = await home.run(program, args)
          const what = `a ${kind} at ${file}`
          t.type(exitCode, 'number', `${what}: it ends`)
          t.same(home.state(), before, `${what}: the victim is as it was`)
          t.notMatch(all, secret, `${what}: nothing is shown`)
          t.not(all, '', `${what}: and something is said`)
        }
      }
    },
  )
}

t.test('qcheck --fix, called by root, repairs what the accounts of the queue cannot even look at', { ...asRoot }, async (t) => {
  const home = await PlantedHome.make(t)
  home.fresh('S5')
  const before = home.owners()
  home.spoil()
  t.not((await home.run('qcheck', [])).exitCode, 0)
  t.match(home.owners(), { '': '0:0 700' }, 'without --fix nothing changes')
  t.match(await home.run('qcheck', ['--fix']), { exitCode: 0, all: /; nothing inconsistent$/ })
  t.same(home.owners(), before)
  t.match(await home.run('qcheck', []), {
    exitCode: 0,
    all: '1 messages, 0 of them not yet preprocessed; 0 being received or removed; nothing inconsistent',
  })
})

t.test('what root makes in a directory of another account is made by that account', { ...asRoot }, async (t) => {
  const owner = 61_150
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'yabumi-owner-')))
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  chmodSync(root, 0o755)
  const victim = join(root, 'victim')
  writeFileSync(victim, 'the victim\n', { mode: 0o600 })
  const theirs = (path: string, text?: string): string => {
    const full = join(root, path)
    if (text === undefined) mkdirSync(full, { recursive: true })
    else writeFileSync(full, text)
    chownSync(full, owner, owner)
    return full
  }
  const link = (path: string): void => symlinkSync(victim, join(root, path))
  const home = theirs('home')
  for (const directory of [
    'home/users',
    'home/control',
    'mail',
    'mail/Maildir',
    'mail/Maildir/tmp',
    'mail/Maildir/new',
    'mail/Maildir/cur',
  ])
    theirs(directory)
  const message = theirs('mail/Maildir/new/1.x', 'Subject: x\n\nx\n')
  utimesSync(message, 1_000_000_000, 1_000_000_000)
  theirs('home/users/assign', '.\n')
  theirs('home/control/morercpthosts', 'x.example\n')
  link('home/users/cdb.tmp')
  link('home/control/morercpthosts.tmp')
  link('mail/mbox')
  link('mail/mbox.tmp')
  const run = (program: string, args: string[], env: Record<string, string> = {}) =>
    execa(join(checkout, 'bin', program), args, {
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', YABUMI_HOME: home, ...env },
      extendEnv: false,
      reject: false,
    })
  const failing: [program: string, env?: Record<string, string>][] = [
    ['newu'],
    ['newmrh'],
    ['maildir2mbox', { MAILDIR: join(root, 'mail/Maildir'), MAIL: join(root, 'mail/mbox'), MAILTMP: join(root, 'mail/new') }],
    ['maildir2mbox', { MAILDIR: join(root, 'mail/Maildir'), MAIL: join(root, 'mail/other'), MAILTMP: join(root, 'mail/mbox.tmp') }],
  ]
  for (const [program, env] of failing) {
    t.match(await run(program, [], env), { exitCode: 111, stderr: /unable to/ }, program)
    t.equal(readFileSync(victim, 'latin1'), 'the victim\n', `${program}: the victim is as it was`)
  }
  await run('maildirmake', [join(root, 'mail/made')])
  for (const part of ['', '/tmp', '/new', '/cur']) t.equal(statSync(join(root, `mail/made${part}`)).uid, owner, `maildirmake${part}`)
})
