// Every recorded dialogue of this tree, played against the real programs. What is known not to pass is named, with why.
import { join } from 'node:path'
import t from 'tap'
import { DialoguePlayer, ownDialogues, ownPlayer } from '../../../../test/support/imapplay.ts'

/** Fixtures that do not pass, and the reason. One that passes may not stay here. */
const known: Readonly<Record<string, string>> = {
  'fetch/items': 'EMAILID is answered; Dovecot 2.3 does not know it',
  'list/create-delete-rename': 'a folder that is gone and has others below it is \\Noselect at once; Dovecot shows it by another cache',
  'maildir/maildirsize': 'APPEND looks at the mailbox first, so a message that was there has the lower UID',
  'status/items': 'MAILBOXID of STATUS is answered; Dovecot 2.3 does not know it',
}

const names = ['golden', 'eml-golden', 'imaptest', 'torture']
const files = names.map((name) => join(ownDialogues, `${name}.json`))
const player = await DialoguePlayer.start(t, ownPlayer, files)
const met = new Set<string>()
for (const [at, file] of files.entries()) {
  t.test(names[at] as string, async (t) => {
    const { outcomes } = await player.play(file)
    t.not(outcomes.size, 0, 'something was played')
    for (const [name, outcome] of outcomes) {
      met.add(name)
      const trouble = typeof outcome === 'string' ? '' : outcome.join('\n')
      if (known[name] === undefined) t.equal(trouble, '', name)
      else t.not(trouble, '', `${name} does not pass: ${known[name]}`)
    }
  })
}
t.test('every name of the list is a fixture', async (t) =>
  t.same(
    Object.keys(known).filter((name) => !met.has(name)),
    [],
  ),
)
