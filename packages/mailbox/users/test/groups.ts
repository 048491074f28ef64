import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { type GroupFiles, Groups } from '../src/index.ts'

const passwd = 'root:x:0:50:::\njoe:x:1000:1000::/home/joe:\njoe2:x:1000:7:::\nann:x:1001:100::/home/ann:\nbob:x:1002:100:::\n'
const group = 'joe:x:1000:\nusers:x:100:\nweb:x:50:ann\nteam:x:51:joe,joe2,root\nann:x:1001:ann\n'

function files(texts: { passwd?: string; group?: string; nsswitch?: string } = {}): GroupFiles {
  const directory = mkdtempSync(join(tmpdir(), 'yabumi-groups-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const at = (name: keyof GroupFiles, text: string): string => {
    writeFileSync(join(directory, name), text)
    return join(directory, name)
  }
  return {
    passwd: at('passwd', texts.passwd ?? passwd),
    group: at('group', texts.group ?? group),
    nsswitch: at('nsswitch', texts.nsswitch ?? 'passwd: files systemd\ngroup: files # none\n'),
  }
}

t.test('a group is private if no other account has it as its own, and nobody else is a member', async (t) => {
  const groups = new Groups(files())
  t.ok(groups.isPrivate(1000, 'joe', 1000))
  t.notOk(groups.isPrivate(100, 'ann', 1001), 'bob has it as well')
  t.notOk(groups.isPrivate(50, 'joe', 1000), 'ann is a member')
  t.ok(groups.isPrivate(50, 'ann', 1001), 'root does not count')
  t.ok(groups.isPrivate(51, 'joe', 1000), 'nor a second name of the same account')
  t.ok(groups.isPrivate(4711, 'box', 4711), 'nor does a group without a name harm')
})

t.test('where accounts come from elsewhere too the group has the name of its user', async (t) => {
  for (const nsswitch of ['passwd: files ldap\ngroup: files\n', 'passwd: files\ngroup: files [NOTFOUND=continue] sss\n']) {
    const groups = new Groups(files({ nsswitch }))
    t.ok(groups.isPrivate(1000, 'joe', 1000))
    t.notOk(groups.isPrivate(51, 'joe', 1000))
    t.notOk(groups.isPrivate(1000, 'jim', 1000))
  }
})

t.test('a change of either file counts at once, and a file that cannot be read makes no group private', async (t) => {
  const changing = files()
  const groups = new Groups(changing)
  t.ok(groups.isPrivate(1000, 'joe', 1000))
  writeFileSync(changing.group, `${group}more:x:1000:ann\n`)
  t.notOk(groups.isPrivate(1000, 'joe', 1000))
  writeFileSync(changing.group, group)
  t.ok(groups.isPrivate(1000, 'joe', 1000))
  writeFileSync(changing.passwd, `${passwd}new:x:1003:1000:::\n`)
  t.notOk(groups.isPrivate(1000, 'joe', 1000))
  writeFileSync(changing.passwd, passwd)
  rmSync(changing.group)
  t.notOk(groups.isPrivate(1000, 'joe', 1000))
  t.equal(groups.nameOf(1000), '1000')
})
