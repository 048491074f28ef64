/** control/maildirsizes decides whether names of messages in Maildirs tell their sizes. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { TestUser } from './support/user.ts'

const message = 'From: s@x.example\n\nhello\n'

function deliveredName(line: string | undefined): { name: string; complaint: string } {
  const user = new TestUser({ '.qmail': './Maildir/\n', 'Maildir/new/': '', 'Maildir/cur/': '', 'Maildir/tmp/': '' })
  mkdirSync(join(user.directory, 'control'))
  if (line !== undefined) writeFileSync(join(user.directory, 'control/maildirsizes'), line)
  const { stderr } = user.deliver(message)
  return { name: readdirSync(join(user.home, 'Maildir/new')).join(), complaint: stderr }
}

t.test('names tell sizes with 1, and are as qmail has them with 0 or without the file', async (t) => {
  t.match(deliveredName('1\n').name, /^[^,]+,S=[0-9]+,W=[0-9]+$/)
  for (const line of ['0\n', undefined]) t.match(deliveredName(line).name, /^[0-9]+\.[0-9]+_[a-z0-9]+_1\.[^,]+$/)
})

t.test('a bad line is named, and the mail is delivered', async (t) => {
  const { name, complaint } = deliveredName('yes\n')
  t.match(name, /^[^,]+$/)
  t.match(complaint, /control\/maildirsizes line 1: neither 0 nor 1; 0 counts/)
})
