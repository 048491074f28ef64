import t from 'tap'
import { wrapAnsi } from '../src/platform.ts'

t.test('wrapAnsi breaks lines at blanks, keeps those at the beginning, and leaves a long word whole', async (t) => {
  t.equal(wrapAnsi("send's log: a file, or a directory", 20), "send's log: a file,\nor a directory")
  t.equal(wrapAnsi('exactly ten', 11), 'exactly ten')
  t.equal(wrapAnsi('  indented words', 12), '  indented\nwords')
  t.equal(wrapAnsi('an unbreakableword here', 6), 'an\nunbreakableword\nhere')
  t.equal(wrapAnsi('one\n\ntwo three ', 5), 'one\n\ntwo\nthree')
})
