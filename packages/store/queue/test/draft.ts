import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Draft } from '../src/draft.ts'
import { QueueTrouble } from '../src/exitcode.ts'
import { messageFiles, scratchHome } from './support/scratch.ts'

const home = scratchHome(t)
process.chdir(join(home, 'queue'))
t.teardown(() => process.chdir('/'))

t.test('a draft goes through the states S2, S3 and S4', async (t) => {
  const draft = new Draft()
  t.same(messageFiles(home), [draft.messPath])
  draft.createIntd()
  t.same(messageFiles(home), [draft.messPath, draft.intdPath])
  draft.close()
  draft.renameToTodo()
  t.same(messageFiles(home), [draft.messPath, draft.todoPath])
  rmSync(draft.todoPath)
  rmSync(draft.messPath)
})

t.test('a draft is never put in the place of another message', async (t) => {
  const draft = new Draft()
  draft.createIntd()
  writeFileSync(draft.todoPath, 'an accepted one')
  t.throws(() => draft.renameToTodo(), new QueueTrouble(66))
  t.equal(readFileSync(draft.todoPath, 'latin1'), 'an accepted one')
  draft.discard()
  t.same(messageFiles(home), [draft.todoPath])
  rmSync(draft.todoPath)
})

t.test('a draft that finds intd/ taken leaves that file alone', async (t) => {
  const draft = new Draft()
  writeFileSync(draft.intdPath, "somebody else's")
  t.throws(() => draft.createIntd(), new QueueTrouble(65))
  draft.discard()
  t.same(messageFiles(home), [draft.intdPath])
  rmSync(draft.intdPath)
})

t.test('drafts of one second have different names and numbers', async (t) => {
  const drafts = Array.from({ length: 50 }, () => new Draft())
  t.equal(new Set(drafts.map(({ id }) => id)).size, 50)
  for (const draft of drafts) draft.discard()
  t.same(messageFiles(home), [])
})
