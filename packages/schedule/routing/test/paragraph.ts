import { ConstMap } from '@yabumi/control'
import t from 'tap'
import { bounceParagraph } from '../src/index.ts'

const none = ConstMap.ofLines([])

t.test('a paragraph holds the recipient and the report and ends in an empty line', async (t) => {
  t.equal(bounceParagraph('joe@me.test', 'Sorry.\n', none), '<joe@me.test>:\nSorry.\n\n')
  t.equal(bounceParagraph('joe@me.test', 'no line end', none), '<joe@me.test>:\nno line end\n\n')
  t.equal(bounceParagraph('joe@me.test', '', none), '<joe@me.test>:\n\n')
})

t.test('a report cannot put an empty line into a paragraph', async (t) => {
  t.equal(bounceParagraph('joe@me.test', 'first\n\n\nlast\n', none), '<joe@me.test>:\nfirst\n//last\n\n')
  t.equal(bounceParagraph('joe@me.test', '\n\nx', none), '<joe@me.test>:\n//x\n\n')
})

t.test('a recipient is shown in one line and without the prepend of its virtual domain', async (t) => {
  t.equal(bounceParagraph('a\nb@me.test', 'x\n', none), '<a_b@me.test>:\nx\n\n')
  t.equal(bounceParagraph('joe-a@v.test', 'x\n', ConstMap.ofColonLines(['v.test:joe'])), '<a@v.test>:\nx\n\n')
})
