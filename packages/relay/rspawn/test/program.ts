/** QMAILREMOTE: a program of the operator's in place of our own SMTP. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkedFacts } from '@yabumi/facts'
import t, { type Test } from 'tap'
import { Driver, text } from './support/driver.ts'

/** rspawn with this shell script as QMAILREMOTE; it runs in the home. */
function start(t: Test, script: string) {
  const driver = new Driver(t, {}, (home) => {
    writeFileSync(join(home, 'remote'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    return { QMAILREMOTE: join(home, 'remote') }
  })
  driver.write(1, text)
  return { driver, file: (name: string) => readFileSync(join(driver.home, name), 'latin1') }
}

t.test('the program gets host, sender and recipient as they are, and the message', async (t) => {
  const { driver, file } = start(t, `printf '%s|' "$@" >args; cat >message; printf 'r\\0Kfine\\n\\0'`)
  t.same(await driver.deliver({ to: 'caf\xe9 "x"@a@h.example', from: `it's $HOME@x` }), ['Kfine\n'])
  t.equal(file('args'), `h.example|it's $HOME@x|caf\xe9 "x"@a@h.example|`)
  t.equal(file('message'), text)
})

t.test('the program finds facts in YABUMIFACTS, and no such variable without any', async (t) => {
  const { driver, file } = start(t, `printf '%s' "\${YABUMIFACTS-none}" >facts; printf 'r\\0K\\0'`)
  const facts = 'v1 BODY=8BITMIME R0.ORCPT=rfc822;joe@old.example'
  await driver.deliver({ to: 'r@h.example', facts: checkedFacts(facts) })
  t.equal(file('facts'), facts)
  await driver.deliver({ to: 'r@h.example' })
  t.equal(file('facts'), 'none')
})

t.test('both outputs are read, until every process that holds them has ended', async (t) => {
  const { driver } = start(t, `printf r; printf '\\0' >&2; (sleep 0.3; printf 'Klater\\n\\0') & exit 0`)
  t.same(await driver.deliver({ to: 'r@h.example' }), ['Klater\n'])
})

t.test('a report of any length is passed on, output without end is not kept', async (t) => {
  const { driver } = start(t, `printf r; printf '\\0K'; yes | head -c 500000; printf '\\0'; yes | head -c 20000000`)
  const [report] = await driver.deliver({ to: 'r@h.example' })
  t.match(report, /^Ky\ny\n/)
  t.ok((report?.length ?? 0) > 9_000, 'as much as a reader of reports keeps')
})

t.test('B2: a program that cannot be run, or fails, is our own fault, and no reason to bounce mail', async (t) => {
  for (const [code, letter] of [
    [1, 'Z'],
    [3, 'Z'],
    [100, 'D'],
    [111, 'Z'],
    [127, 'Z'],
  ] as const)
    t.same(await start(t, `exit ${code}`).driver.deliver({ to: 'r@h.example' }), [`${letter}Unable to run qmail-remote.\n`], `${code}`)
  const missing = new Driver(t, {}, () => ({ QMAILREMOTE: '/no/such/program' }))
  missing.write(1, text)
  t.same(await missing.deliver({ to: 'r@h.example' }, { to: '\xe9@h.example' }), Array(2).fill('ZUnable to run qmail-remote.\n'))
})
