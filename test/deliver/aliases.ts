/** F13: /etc/aliases. Mail for names that nobody has goes where a database of aliases says, through the whole system. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { hostName, ScratchHome } from '../support/home.ts'

const home = await ScratchHome.make(t, 'joe', 'ann')
const aliases = join(home.root, 'aliases')
const friends = join(home.root, 'friends')
writeFileSync(friends, `joe\nann@${hostName}\n`)
writeFileSync(
  aliases,
  `# of this host
office: joe, Ann <ann@${hostName}>, office
friends: :include:${friends}
owner-friends: joe
keep: "|cat >>${home.root}/kept"
`,
)
await home.run('newaliasdb', [aliases])
await home.run('newaliasdb', ['--include', friends])
writeFileSync(join(home.directory, 'alias/.qmail-default'), `|aliasforward -d ${aliases}.cdb\n`)
writeFileSync(join(home.root, 'kept'), '')
chmodSync(join(home.root, 'kept'), 0o666)
const running = await home.supervise()

async function send(name: string): Promise<void> {
  await home.inject(['-f', `ann@${hostName}`, `${name}@${hostName}`], `Subject: for ${name}\n\nx\n`)
  await running.emptied()
}

const received = (user: string, name: string): string[] => home.maildir(user).filter((text) => text.includes(`\nSubject: for ${name}\n`))

t.test('each recipient of an alias gets one message', async (t) => {
  await send('office')
  for (const user of ['joe', 'ann']) t.equal(received(user, 'office').length, 1, user)
})

t.test('a list is sent to in the name of its owner', async (t) => {
  await send('Friends')
  for (const user of ['joe', 'ann']) t.match(received(user, 'Friends'), [new RegExp(`^Return-Path: <owner-friends@${hostName}>\n`)], user)
})

t.test('a program gets the message with the lines that a person sees', async (t) => {
  await send('keep')
  t.match(
    readFileSync(join(home.root, 'kept'), 'latin1'),
    /^From ann@.*\nReturn-Path: <ann@.*>\nDelivered-To: keep@.*\n[\s\S]*\nSubject: for keep\n/,
  )
})

t.test('for a name that is no alias the message bounces', async (t) => {
  await send('nobody')
  t.match(
    home.maildir('ann').find((text) => text.includes('failure notice')),
    /<nobody@[^\n]+\nSorry, no mailbox here by that name\. \(#5\.1\.1\)\n/,
  )
})
