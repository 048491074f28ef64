import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CdbFile } from '@yabumi/cdbfile'
import t, { type Test } from 'tap'
import { checkout, ScratchHome } from '../../../arrive/smtpd/test/scratch/home.ts'

const uid = process.getuid?.() || 65_534
const alias = 'alias:x:7:8::/alias:/bin/false\n'

function homeWith(t: Test, files: Record<string, string> = {}): ScratchHome {
  const home = new ScratchHome(t)
  mkdirSync(join(home.path, 'users'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home.path, 'users', name), text, 'latin1')
  return home
}

function pw2u(home: ScratchHome, args: readonly string[], passwd: string): { status: number | null; stdout: string; stderr: string } {
  const input = Buffer.from(passwd, 'latin1')
  const { status, stdout, stderr } = spawnSync(join(checkout, 'bin/pw2u'), args, { env: home.environment(), encoding: 'latin1', input })
  return { status, stdout, stderr }
}

t.test('pw2u makes lines for each account, its extensions and everybody else, and a dot', async (t) => {
  const { status, stdout } = pw2u(homeWith(t), ['-H'], `root:x:0:0::/root:/bin/sh\n${alias}joe:x:1000:100:Joe:/home/joe:/bin/sh\nno line\n`)
  t.equal(status, 0)
  t.equal(
    stdout,
    '+:alias:7:8:/alias:-::\n=alias:alias:7:8:/alias:::\n+alias-:alias:7:8:/alias:-::\n' +
      '=joe:joe:1000:100:/home/joe:::\n+joe-:joe:1000:100:/home/joe:-::\n.\n',
  )
})

t.test('pw2u leaves out accounts by home, capitals, include and exclude', async (t) => {
  const home = homeWith(t)
  const passwd = `${alias}own:x:${uid}:1::${home.path}:\nother:x:${uid + 1}:1::${home.path}:\nnone:x:${uid}:1::/none:\nBig:x:5:5::/b:\n`
  const names = (args: readonly string[], home: ScratchHome): string[] =>
    [...pw2u(home, args, passwd).stdout.matchAll(/^=([^:]*):/gm)].map(([, name]) => name as string)
  if (process.getuid?.() !== 0) t.same(names([], home), ['own'])
  t.same(names(['-H'], home), ['alias', 'own', 'other', 'none'])
  t.same(names(['-H', '-u'], home), ['alias', 'own', 'other', 'none', 'Big'])
  t.same(names(['-Hu', '-U'], homeWith(t, { include: '# these\nALIAS\nbig\nown\n' })), ['alias', 'own'])
  t.same(names(['-H'], homeWith(t, { exclude: 'other \n' })), ['alias', 'own', 'none'])
  t.match(pw2u(home, ['-h'], 'none:x:5:5::/none/at/all:\n'), { status: 111, stderr: 'qmail-pw2u: fatal: unable to stat /none/at/all\n' })
})

t.test('pw2u gives an account other names, subusers another break and dash', async (t) => {
  const home = homeWith(t, { mailnames: 'alias:a:b::\n', subusers: 'list:ALIAS:lst:\nbroken:alias:x\n', append: '=x:y:1:2:/y:::\nno end' })
  t.equal(
    pw2u(home, ['-H', '-/', '-c+'], alias).stdout,
    '+:alias:7:8:/alias:-/::\n=a:alias:7:8:/alias:::\n+a+:alias:7:8:/alias:-/::\n=b:alias:7:8:/alias:::\n+b+:alias:7:8:/alias:-/::\n' +
      '=list:alias:7:8:/alias:-/:lst:\n+list+:alias:7:8:/alias:-/:lst-:\n=x:y:1:2:/y:::\nno end.\n',
  )
  t.notMatch(pw2u(home, ['-HC'], alias).stdout, /^\+[^:]/m)
})

t.test('newu takes what pw2u makes', async (t) => {
  const home = homeWith(t)
  writeFileSync(join(home.path, 'users/assign'), pw2u(home, ['-H'], `${alias}j\xe9:x:9:9::/j:\n`).stdout, 'latin1')
  t.equal(spawnSync(join(checkout, 'bin/newu'), { env: home.environment() }).status, 0)
  t.equal(new CdbFile(join(home.path, 'users/cdb')).find(Buffer.from('!j\xe9-', 'latin1'))?.toString('latin1'), 'j\xe9\x009\x009\0/j\0-\0')
})

t.test('pw2u ends in one line and without the dot where something is wrong', async (t) => {
  const fatal = (text: string) => ({ status: 111, stderr: `qmail-pw2u: fatal: ${text}\n` })
  t.match(pw2u(homeWith(t), ['-H'], 'joe:x:9:9::/j:\n'), { ...fatal('unable to find alias user'), stdout: /^=joe.*\n\+joe.*\n$/ })
  t.match(pw2u(homeWith(t, { subusers: 's:joe:\n' }), ['-H'], alias), fatal('unable to find joe user for subuser'))
  const home = homeWith(t)
  mkdirSync(join(home.path, 'users/exclude'))
  t.match(pw2u(home, [], alias), fatal('unable to read controls'))
  t.same(pw2u(home, ['-x'], ''), { status: 100, stdout: '', stderr: 'qmail-pw2u: illegal option -- x\n' })
  const nowhere = spawnSync(join(checkout, 'bin/pw2u'), { env: home.environment({ YABUMI_HOME: '/none' }), encoding: 'latin1' })
  t.match(nowhere, fatal('unable to chdir'))
})
