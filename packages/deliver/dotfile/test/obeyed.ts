import { rmSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { type Instruction, mayMake, obeyed, type Request } from '../src/index.ts'

const request: Request = {
  user: 'joe',
  home: '.',
  local: 'joe',
  dash: '',
  extension: '',
  domain: 'here.example',
  sender: '',
  defaultDelivery: './Maildir/',
}

/** Be in a home with these files. */
function enter(t: Test, files: Record<string, string>): void {
  const before = process.cwd()
  const home = t.testdir({})
  process.chdir(home)
  for (const [name, text] of Object.entries(files)) writeFileSync(name, text, { mode: 0o600 })
  t.teardown(() => process.chdir(before))
}

function told(request: Request): { name: string; texts: string[] } {
  const { name, instructions } = obeyed(request)
  return { name, texts: [...instructions].map(({ text }) => text) }
}

t.test('a delivery obeys the .qmail file, else .forward, else the default delivery', async (t) => {
  enter(t, { '.qmail': './own\n', '.forward': 'next@y.example\n' })
  t.same(told(request), { name: '.qmail', texts: ['./own'] })
  writeFileSync('.qmail', '')
  t.same(told(request), { name: '.qmail', texts: ['./Maildir/'] }, 'an empty one means the default delivery')
  rmSync('.qmail')
  t.same(told(request), { name: '.forward', texts: ['next@y.example'] })
  t.same(told({ ...request, extension: 'x' }), { name: 'default delivery', texts: ['./Maildir/'] }, '.forward is for plain mail only')
  rmSync('.forward')
  t.same(told(request), { name: 'default delivery', texts: ['./Maildir/'] })
})

t.test('an extension has mail by its own file only', async (t) => {
  enter(t, { '.qmail-list-default': '&a@y.example\n', '.forward': 'next@y.example\n' })
  const extended = { ...request, dash: '-', extension: 'list-x' }
  t.same(told(extended), { name: '.qmail-list-default', texts: ['a@y.example'] })
  t.equal(obeyed(extended).file?.matched, 'x')
  t.throws(() => obeyed({ ...extended, extension: 'other' }), { exit: 100, message: 'Sorry, no mailbox here by that name. (#5.1.1)' })
})

t.test("only the default delivery's Maildir is made, and only in a home of the user's own", async (t) => {
  enter(t, {})
  const home = { isSticky: false, isOwn: true, manner: 'names' as const }
  const [first] = [...obeyed(request).instructions] as [Instruction]
  t.equal(mayMake(first, home), true)
  t.equal(mayMake(first, { ...home, isOwn: false }), false)
  t.equal(mayMake(first, { ...home, manner: 'descriptors' }), false)
  t.equal(mayMake({ kind: 'maildir', text: './Maildir/', line: 1 }, home), false, 'the user has written it')
  t.equal(mayMake({ ...first, text: './elsewhere/Maildir/' }, home), false)
  t.equal(mayMake({ kind: 'mbox', text: './Mailbox', isDefault: true }, home), false)
})
