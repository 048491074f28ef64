/** Who looks at homes: for oneself, and for a program that others wait for. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { inOwnNameSpace, noSilentFs } from '../../../../test/support/silentfs.ts'
import { ownHomes } from '../src/homes.ts'
import { SilentHome, WatchedHomes } from '../src/index.ts'

const uid = process.getuid?.() ?? 0
const scratch = mkdtempSync(join(tmpdir(), 'homes-'))
t.teardown(() => rmSync(scratch, { recursive: true }))

t.test('both ways say whose a home is, or that there is none', async (t) => {
  const name = join(scratch, 'h\xf6me -c %n')
  mkdirSync(Buffer.from(name, 'latin1'))
  symlinkSync('.', join(scratch, 'link'))
  symlinkSync('loop', join(scratch, 'loop'))
  writeFileSync(join(scratch, 'file'), '')
  for (const homes of [ownHomes, new WatchedHomes(() => {})]) {
    t.equal(await homes.ownerOf(name, uid), uid)
    t.equal(await homes.ownerOf(join(scratch, 'link'), uid), uid)
    for (const none of ['none', 'loop', 'file/x', 'x'.repeat(300)]) t.equal(await homes.ownerOf(join(scratch, none), uid), undefined, none)
  }
})

t.test('a home that is made is seen at once, and one that is known is not looked at again for a while', async (t) => {
  const homes = new WatchedHomes(() => {})
  const home = join(scratch, 'new')
  t.equal(await homes.ownerOf(home), undefined)
  mkdirSync(home)
  t.equal(await homes.ownerOf(home), uid)
  rmSync(home, { recursive: true })
  t.equal(await homes.ownerOf(home), uid)
  const forgetful = new WatchedHomes(() => {}, { lookSeconds: 60, looks: 9, knownSeconds: 0 })
  t.equal(await forgetful.ownerOf(home), undefined)
})

t.test('beyond so many looks at once a home counts as silent, and no longer when they are done', async (t) => {
  const homes = new WatchedHomes(() => {}, { lookSeconds: 60, looks: 2, knownSeconds: 0 })
  const paths = ['1', '2', '3'].map((name) => join(scratch, name))
  for (const path of paths) mkdirSync(path)
  const [first, second, third] = await Promise.allSettled(paths.map((path) => homes.ownerOf(path)))
  t.match([first, second], [{ value: uid }, { value: uid }])
  t.ok((third as PromiseRejectedResult).reason instanceof SilentHome)
  t.equal(await homes.ownerOf(paths[2] as string), uid)
})

t.test('a home that may not be looked at is none', { skip: uid === 0 && 'root may look everywhere' }, async (t) => {
  mkdirSync(join(scratch, 'closed/home'), { recursive: true })
  chmodSync(join(scratch, 'closed'), 0)
  t.teardown(() => chmodSync(join(scratch, 'closed'), 0o700))
  t.equal(await new WatchedHomes(() => {}).ownerOf(join(scratch, 'closed/home')), undefined)
})

t.test('F1: a home that does not answer holds up nobody else, and is asked on until it does', { skip: noSilentFs }, async (t) => {
  const scenario = join(import.meta.dirname, 'support/scenario.ts')
  const [file = '', ...words] = [...inOwnNameSpace, process.execPath, '--disable-warning=ExperimentalWarning', scenario, scratch]
  const { stdout } = await execa(file, words)
  const steps = stdout.split('\n').map((line) => JSON.parse(line) as [string, unknown])
  t.same(steps[0], ['another home meanwhile', uid])
  t.same(
    steps.slice(1).filter(([what]) => what !== 'another home meanwhile'),
    [
      ['log', 'home /dead has not answered for 8 s; what needs it waits'],
      ['asked', 'SilentHome'],
      ['asked at the same time', 'SilentHome'],
      ['asked again', 'SilentHome'],
      ['log', 'home /dead answers again'],
      ['once it answers', uid],
    ],
  )
})
