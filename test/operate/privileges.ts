/** What each account of an installed system can do, and what it cannot, tried by the account itself. */
import { spawn } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { amRoot, hostName } from '../support/home.ts'
import { below } from '../support/processes.ts'
import { missing } from '../support/programs.ts'
import { until } from '../support/wait.ts'
import { mailOf, type RunningSystem, System, type User, userFile } from './support/system.ts'

const asRoot = { skip: !amRoot ? 'only root can make accounts' : missing('useradd', 'userdel') }

interface Reached {
  readonly read: string[]
  readonly write: string[]
  readonly list: string[]
  readonly create: string[]
}

/** What an account can do with each of the paths, relative to `top`. */
async function reach(top: string, paths: readonly string[], { uid, gid }: User): Promise<Reached> {
  const input = JSON.stringify({ paths: paths.map((path) => join(top, path)), sockets: [] })
  const program = join(import.meta.dirname, 'support/reach.ts')
  const { stdout } = await execa(process.execPath, [program], { input, uid, gid, cwd: '/', env: {}, extendEnv: false })
  const reached = JSON.parse(stdout) as Reached
  const relative = (each: string[]) => each.map((path) => path.slice(top.length + 1)).sort()
  return { read: relative(reached.read), write: relative(reached.write), list: relative(reached.list), create: relative(reached.create) }
}

/** A directory and everything below it. */
function everything(top: string, directory: string): string[] {
  const names = readdirSync(join(top, directory), { recursive: true, encoding: 'utf8' })
  return [directory, ...names.map((name) => join(directory, name))]
}

const nothing: Reached = { read: [], write: [], list: [], create: [] }

t.test('the accounts of an installed system', asRoot, async (t) => {
  const system = await System.make(t, 'joe', 'ann')
  const joe = await system.user('joe')
  const ann = await system.user('ann')
  const running: RunningSystem = await system.supervise()
  const inject = (to: string, subject: string) =>
    system.run('inject', ['-a', '-f', `x@${hostName}`, to], { as: joe, input: `Subject: ${subject}\n\nx\n` })
  const addressOf = (user: User, extension = '') => `${user.name}${extension}@${hostName}`
  const arrives = (user: User, subject: string) =>
    until(`${subject} for ${user.name}`, () => mailOf(user).find((one) => one.includes(`Subject: ${subject}\n`)))
  userFile(joe, '.qmail-later', '|exit 111\n')
  await inject(addressOf(joe, '-later'), 'stays in the queue')
  await running.logs(/delivery \d+: deferral/)
  await inject(addressOf(ann), 'for ann')
  await arrives(ann, 'for ann')

  await t.test(
    'each process has the account of its part, its group, and no capability; send has one more, for todo/, and rspawn for keys',
    async (t) => {
      const expected = { queue: 'queue', send: 'send', clean: 'queue', rspawn: 'remote', smtpd: 'smtp' } as const
      const processes = below(running.pid)
      const todo = lstatSync(join(system.home, 'queue/todo'))
      const { stdout: group } = await execa('getent', ['group', `${system.accountPrefix}remotekeys`])
      const further: Record<string, number> = { send: todo.gid, rspawn: Number(group.split(':')[2]) }
      for (const [program, role] of Object.entries(expected)) {
        const account = await system.account(role)
        const pid = processes.find((one) => one.program === program)?.pid
        const status = readFileSync(`/proc/${pid}/status`, 'latin1')
        const ids = (number: number) => Array(4).fill(String(number)).join('\t')
        t.match(status, `Uid:\t${ids(account.uid)}\n`, program)
        const keys = lstatSync(join(system.home, 'accounts/keys')).gid // effective alone, so that what it starts has it not
        const gids = program === 'smtpd' ? [account.gid, keys, account.gid, keys].join('\t') : ids(account.gid)
        t.match(status, `Gid:\t${gids}\n`, program)
        const more = further[program]
        const groups = more === undefined ? `(?:${account.gid})?` : `${account.gid} ${more}|${more} ${account.gid}`
        t.match(status, new RegExp(`^Groups:\\s*(?:${groups}) *$`, 'm'), `${program} has no other group`)
        t.match(status, /^CapEff:\t0+$/m, program)
      }
      const worker = processes.find((one) => one.program === 'local')?.pid
      t.match(readFileSync(`/proc/${worker}/status`, 'latin1'), /^CapEff:\t0+$/m, 'local')
    },
  )

  await t.test("smtpd's account can neither read nor write queue/ nor a Maildir, nor change anything but its own state", async (t) => {
    const smtp = await system.account('smtp')
    t.same(await reach(system.home, everything(system.home, 'queue'), smtp), nothing)
    t.same(await reach(joe.home, everything(joe.home, 'Maildir'), smtp), nothing)
    t.same(await reach(ann.home, everything(ann.home, 'Maildir'), smtp), nothing)
    const rest = await reach(
      system.home,
      ['.', ...['control', 'users', 'alias', 'accounts', 'state'].flatMap((part) => everything(system.home, part))],
      smtp,
    )
    t.same(rest.write, [])
    t.same(rest.create, ['state/smtp'])
  })

  await t.test("remote's account writes nothing below queue/ but lock/tcpto, and reads no mailbox", async (t) => {
    const remote = await system.account('remote')
    const reached = await reach(system.home, everything(system.home, 'queue'), remote)
    t.same(reached.create, [])
    t.same(reached.write, ['queue/lock/tcpto'])
    t.same(
      reached.list.filter((path) => !path.startsWith('queue/mess')),
      ['queue', 'queue/lock'],
      'it reads messages, and no envelopes',
    )
    t.notOk(reached.read.includes('queue/lock/trigger'))
    const pull = execa('sh', ['-c', ': >>"$0"', join(system.home, 'queue/lock/trigger')], {
      uid: remote.uid,
      gid: remote.gid,
      reject: false,
    })
    t.match((await pull).stderr, /Permission denied/, 'nor does it wake send')
    t.same(await reach(ann.home, everything(ann.home, 'Maildir'), remote), nothing)
  })

  await t.test('no user can look into the queue, the socket aside', async (t) => {
    t.same(await reach(system.home, everything(system.home, 'queue'), joe), nothing)
  })

  await t.test("a delivery has exactly the recipient's uid, gid and groups", async (t) => {
    const group = `${system.accountPrefix}more`
    await execa('groupadd', [group])
    t.teardown(() => execa('groupdel', [group], { reject: false }))
    await execa('usermod', ['-aG', group, joe.name])
    userFile(joe, '.qmail-who', '|cat /proc/self/status >status; id -G >groups\n')
    await inject(addressOf(joe, '-who'), 'who')
    await until('the program has run', () => readdirSync(joe.home).includes('groups'))
    const status = readFileSync(join(joe.home, 'status'), 'latin1')
    t.match(status, `Uid:\t${Array(4).fill(joe.uid).join('\t')}\n`)
    t.match(status, `Gid:\t${Array(4).fill(joe.gid).join('\t')}\n`)
    await until('the groups', () => readFileSync(join(joe.home, 'groups'), 'latin1').endsWith('\n'))
    t.equal(readFileSync(join(joe.home, 'groups'), 'latin1'), `${joe.gid}\n`, 'as qmail-lspawn: setgroups to the gid alone')
  })

  await t.test("a delivery cannot read or write another user's mail", async (t) => {
    const theirs = join(ann.home, 'Maildir')
    userFile(joe, '.qmail-thief', `|cat ${theirs}/new/* >stolen 2>refused; test -s stolen && exit 0; exit 100\n`)
    await inject(addressOf(joe, '-thief'), 'thief')
    await running.logs(/delivery \d+: failure/)
    t.equal(readFileSync(join(joe.home, 'stolen'), 'latin1'), '')
    userFile(joe, '.qmail-forger', `${theirs}/\n`)
    await inject(addressOf(joe, '-forger'), 'forged')
    await running.logs(/deferral: .*maildir/i)
    t.notOk(mailOf(ann).some((one) => one.includes('Subject: forged')))
  })

  await t.test('a home or a dotfile that others may write is not obeyed', async (t) => {
    const cases: [name: string, mode: number, group: number][] = [
      ['everybody', 0o646, joe.gid],
      ['strangers', 0o664, ann.gid],
    ]
    for (const [name, mode, group] of cases) {
      const path = userFile(joe, `.qmail-${name}`, `|touch obeyed-${name}\n`, mode)
      await execa('chgrp', [String(group), path])
      await inject(addressOf(joe, `-${name}`), name)
      await running.logs(new RegExp(`to local ${joe.name}-${name}@[^]*deferral: Uh-oh:_\\.qmail_file_is_writable`))
    }
    t.notOk(readdirSync(joe.home).some((name) => name.startsWith('obeyed')))
    for (const [mode, owner] of [
      ['0757', `${ann.uid}:${ann.gid}`],
      ['0775', `${ann.uid}:${joe.gid}`],
    ] as const) {
      await execa('chown', [owner, ann.home])
      await execa('chmod', [mode, ann.home])
      const before = running.log.length
      await inject(addressOf(ann), `home ${mode}`)
      await until(`a deferral for a home of mode ${mode}`, () =>
        /deferral: Uh-oh:_home_directory_is_writable/.test(running.log.slice(before)),
      )
    }
    await execa('chmod', ['0755', ann.home])
    await execa('chown', [`${ann.uid}:${ann.gid}`, ann.home])
  })

  await t.test('what somebody has planted as .qmail, Maildir or mbox is not used', async (t) => {
    const prize = userFile(ann, 'prize', '|touch caught\n', 0o644)
    const target = userFile(ann, 'open', '', 0o666)
    const trap = join(ann.home, 'trap')
    await execa('sh', ['-c', 'mkdir -p "$0/tmp" "$0/new" "$0/cur"; chmod -R 0777 "$0"', trap])
    const at = (name: string): string => join(joe.home, name)
    const asAnn = ['-h', `${ann.uid}:${ann.gid}`]
    const plant = async (kind: string, name: string, to: string): Promise<void> => {
      if (kind === 'symlink') await execa('ln', ['-s', to, at(name)])
      else if (kind === 'hardlink') await execa('ln', [to, at(name)])
      else if (kind === 'fifo') await execa('mkfifo', ['-m', '0666', at(name)])
      else await execa('mknod', ['-m', '0666', at(name), 'c', '1', '5'])
      if (kind !== 'hardlink') await execa('chown', [...asAnn, at(name)])
    }
    for (const kind of ['symlink', 'hardlink', 'fifo', 'device']) {
      await plant(kind, `.qmail-${kind}`, prize)
      await inject(addressOf(joe, `-${kind}`), `${kind} as .qmail`)
      const refused =
        kind === 'symlink' || kind === 'hardlink' ? 'deferral: Uh-oh:_\\.qmail_file_is_a_link' : 'failure: Sorry,_no_mailbox_here'
      await running.logs(new RegExp(`to local ${joe.name}-${kind}@[^]*${refused}`))
    }
    for (const kind of ['symlink', 'fifo', 'device']) {
      await plant(kind, `Trap-${kind}`, trap)
      userFile(joe, `.qmail-maildir-${kind}`, `./Trap-${kind}/\n`)
      await inject(addressOf(joe, `-maildir-${kind}`), `${kind} as Maildir`)
      await running.logs(new RegExp(`to local ${joe.name}-maildir-${kind}@[^]*deferral: Unable_to_chdir_to_maildir`))
    }
    for (const kind of ['symlink', 'hardlink', 'fifo', 'device']) {
      await plant(kind, `mbox-${kind}`, target)
      userFile(joe, `.qmail-mbox-${kind}`, `./mbox-${kind}\n`)
      await inject(addressOf(joe, `-mbox-${kind}`), `${kind} as mbox`)
      await running.logs(new RegExp(`deferral: Unable_to_open_\\./mbox-${kind}`))
    }
    t.equal(readFileSync(target, 'latin1'), '')
    t.same(readdirSync(join(trap, 'new')), [])
    t.notOk(readdirSync(joe.home).includes('caught'))
    await inject(addressOf(joe), 'after all that')
    t.ok(await arrives(joe, 'after all that'), 'and mail goes on')
  })

  await t.test('what somebody has planted in queue/ is not delivered, and stops nothing', async (t) => {
    const queue = await system.account('queue')
    const secret = join(system.root, 'secret')
    writeFileSync(secret, 'Subject: secret\n\ntop\n', { mode: 0o600 })
    const number = 46_000_001
    const paths: string[] = []
    const kinds: [kind: string, make: (path: string) => [string, string[]]][] = [
      ['symlink', (path) => ['ln', ['-s', secret, path]]],
      ['hardlink', (path) => ['ln', [secret, path]]],
      ['fifo', (path) => ['mkfifo', [path]]],
      ['device', (path) => ['mknod', [path, 'c', '1', '5']]],
      ['directory', (path) => ['mkdir', [path]]],
    ]
    for (const [index, [, make]] of kinds.entries()) {
      const todo = join(system.home, 'queue/todo', String(number + index))
      const id = number + 100 + index
      const mess = join(system.home, 'queue/mess', String(id % 23), String(id))
      for (const path of [todo, mess]) {
        await execa(...make(path))
        paths.push(path)
      }
      const envelope = join(system.home, 'queue/todo', String(id))
      writeFileSync(envelope, `u0\0p1\0Fx@${hostName}\0T${addressOf(ann)}\0`)
      await execa('chown', [`${queue.uid}:${queue.gid}`, envelope])
    }
    await inject(addressOf(joe), 'beside the planted')
    t.ok(await arrives(joe, 'beside the planted'))
    await inject(addressOf(joe), 'and once more')
    t.ok(await arrives(joe, 'and once more'))
    await until('every planted message has been turned away', () =>
      kinds.every((_, index) => new RegExp(`msg ${number + 100 + index}\\b|mess/\\d+/${number + 100 + index}\\b`).test(running.log)),
    )
    t.notOk(mailOf(ann).some((one) => one.includes('secret') || one.includes('top')))
    t.equal(readFileSync(secret, 'latin1'), 'Subject: secret\n\ntop\n')
    t.ok(paths.length === 2 * kinds.length)
  })

  const socket = join(system.home, 'queue.sock')
  const start = async (what: string) => {
    const { uid, gid } = await system.account('smtp')
    const program = join(import.meta.dirname, 'support/badclient.ts')
    return spawn(process.execPath, [program, what, socket, addressOf(joe)], {
      uid,
      gid,
      cwd: '/',
      env: {},
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  }
  const lineOf = async (child: Awaited<ReturnType<typeof start>>): Promise<string> => {
    let text = ''
    for await (const data of child.stdout) {
      text += String(data)
      if (text.includes('\n')) break
    }
    return text.trim()
  }

  await t.test("a stranger in smtpd's account cannot forge who queued a message, nor write outside queue/", async (t) => {
    const smtp = await system.account('smtp')
    /** Mail is delivered meanwhile, to users and to alias; nothing else may change. */
    const outside = (): string[] =>
      everything(system.root, '.')
        .filter((path) => !/(^|\/)(queue|homes|alias\/Maildir)(\/|$)/.test(path))
        .map((path) => {
          const stats = lstatSync(join(system.root, path))
          return [path, stats.ino, stats.mode, stats.uid, stats.isDirectory() ? '' : `${stats.size} ${stats.mtimeMs}`].join(' ')
        })
    const before = outside()
    const codes = JSON.parse(await lineOf(await start('claim'))) as (number | 'closed')[]
    t.ok(codes.filter((code) => code === 0).length >= 3, `some are taken: ${codes.join(' ')}`)
    const claims = await until('the messages that were taken', () => {
      const found = mailOf(joe).filter((one) => one.includes('Subject: claim'))
      return found.length >= codes.filter((code) => code === 0).length && found
    })
    for (const message of claims) {
      const first = /^Received: \(qmail \d+ invoked (.*)\); /m.exec(message)?.[1]
      t.ok(first === 'from network' || first === `by uid ${smtp.uid}`, `${first}`)
    }
    t.same(outside(), before)
  })

  await t.test("a stranger in smtpd's account can hold up no mail but smtpd's", async (t) => {
    const holder = await start('hold')
    t.teardown(() => holder.kill('SIGKILL'))
    const count = Number(await lineOf(holder))
    t.ok(count > 1000, `${count} connections are held`)
    await inject(addressOf(ann), 'while all are held')
    t.ok(await arrives(ann, 'while all are held'))
  })

  await t.test('the queue socket survives garbage and half frames', async (t) => {
    const queuePid = below(running.pid).find((one) => one.program === 'queue')?.pid
    t.equal(await lineOf(await start('garbage')), 'done')
    await inject(addressOf(ann), 'after the garbage')
    t.ok(await arrives(ann, 'after the garbage'))
    t.equal(below(running.pid).find((one) => one.program === 'queue')?.pid, queuePid, 'it is the same process')
    t.notOk(
      mailOf(joe).some((one) => one.includes('Subject: half')),
      'nothing that was cut short is mail',
    )
  })
})
