// Which command a front may have sessiond run.
import { sessionWordBytes } from '@yabumi/limits'
import t from 'tap'
import { commandFor, commandsIn } from '../src/commands.ts'

const commands = commandsIn(['bin/pop3d', '--delivered', '+', 'bin/imap', '--delivered', '%'])

t.test('one of those of the command line, by its name', async (t) => {
  t.same(commandFor(['pop3d', '--delivered'], commands), ['bin/pop3d', '--delivered'])
  t.equal(commandFor(['pop3d', 'Maildir'], commands), undefined)
  t.equal(commandFor(['pop3d', '--delivered', 'a1'], commands), undefined)
  t.equal(commandFor([], commands), undefined)
})

t.test('with the word that a % stands for, and only if that is one word within its limit', async (t) => {
  t.same(commandFor(['imap', '--delivered', 'a1'], commands), ['bin/imap', '--delivered', 'a1'])
  t.equal(commandFor(['imap', '--delivered'], commands), undefined)
  const long = 'x'.repeat(sessionWordBytes)
  t.same(commandFor(['imap', '--delivered', long], commands)?.at(-1), long)
  for (const word of [`${long}x`, '', 'a b', 'a\n', '\xe9']) t.equal(commandFor(['imap', '--delivered', word], commands), undefined, word)
})
