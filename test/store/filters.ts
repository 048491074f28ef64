/** Mail filters of others behind preline in a .qmail file. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { hostName, ScratchHome } from '../support/home.ts'
import { missing } from '../support/programs.ts'
import { until } from '../support/wait.ts'

const home = await ScratchHome.make(t, 'joe', 'ann')
await home.supervise()

t.test('procmail sorts behind preline', { skip: missing('procmail') }, async (t) => {
  const rules = `MAILDIR=${home.userHome('joe')}\nDEFAULT=${home.userHome('joe')}/Maildir/\n:0:\n* ^Subject: sorted\nsorted\n`
  home.userFile('joe', 'procmailrc', rules)
  home.userFile('joe', '.qmail-procmail', '|preline procmail -m ./procmailrc\n')
  await home.inject([`joe-procmail@${hostName}`], 'Subject: sorted\n\nby procmail\n')
  const text = await until('the message in its mbox', () => contents(join(home.userHome('joe'), 'sorted'), 'by procmail'))
  t.match(text, /^From .*\n.*Return-Path: .*\nDelivered-To: joe-procmail@mail\.test\.example\n/s)
})

t.test('maildrop delivers behind preline, and its refusal is a bounce', { skip: missing('maildrop') }, async (t) => {
  home.userFile('joe', 'mailfilter', 'if (/^Subject: refused/)\n{\n  EXITCODE=77\n  exit\n}\nto "./dropped"\n')
  home.userFile('joe', '.qmail-maildrop', '|preline maildrop ./mailfilter\n')
  await home.inject([`-fann@${hostName}`, `joe-maildrop@${hostName}`], 'Subject: kept\n\nby maildrop\n')
  t.ok(await until('the message in its mbox', () => contents(join(home.userHome('joe'), 'dropped'), 'by maildrop')))
  await home.inject([`-fann@${hostName}`, `joe-maildrop@${hostName}`], 'Subject: refused\n\nby maildrop\n')
  const bounce = await until('a bounce for ann', () => home.maildir('ann').find((one) => one.includes('Subject: failure notice')))
  t.match(bounce, /<joe-maildrop@mail\.test\.example>:/)
})

function contents(path: string, text: string): string | false {
  try {
    const found = readFileSync(path, 'latin1')
    return found.includes(text) && found
  } catch {
    return false // not there yet
  }
}
