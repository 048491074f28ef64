import { writeFileSync } from 'node:fs'
import { Announced } from '@yabumi/announced'
import t, { type Test } from 'tap'

function home(
  t: Test,
  control: Record<string, string>,
): { announced: Announced; said: string[]; set: (name: string, text: string) => void } {
  const directory = t.testdir({ control: { me: 'Mail.example.org\n', ...control } })
  process.chdir(directory)
  const said: string[] = []
  return { announced: new Announced((line) => said.push(line)), said, set: (name, text) => writeFileSync(`control/${name}`, text) }
}

t.test('what is announced without control files', async (t) => {
  const { announced, said } = home(t, {})
  t.same(announced.services, [
    { name: 'submissions', port: 465 },
    { name: 'pop3s', port: 995 },
  ])
  t.equal(announced.policy, undefined)
  t.ok(announced.includes('mail.example.org'), 'the host itself, as everywhere without locals')
  t.same(said, [])
})

t.test('domains are those of locals and of virtualdomains, and no address or suffix', async (t) => {
  const { announced } = home(t, { locals: 'A.example\n', virtualdomains: 'b.example:b\n.c.example:c\nx@d.example:d\n' })
  t.same(
    ['a.example', 'b.example', 'c.example', 'd.example', 'mail.example.org'].map((domain) => announced.includes(domain)),
    [true, true, false, false, false],
  )
})

t.test('a bad line leaves the last good reading, and is named', async (t) => {
  const { announced, said, set } = home(t, { mailaccess: 'imaps 993\n# more\n', stspolicy: 'testing\n' })
  t.same(announced.services, [{ name: 'imaps', port: 993 }])
  const first = announced.policy
  t.equal(first?.text, 'version: STSv1\r\nmode: testing\r\nmx: mail.example.org\r\nmax_age: 604800\r\n')
  for (const bad of ['imaps', 'imaps 0', 'imaps 65536', 'smtp 25', 'imaps 993 1']) {
    set('mailaccess', `${bad}\n`)
    t.same(announced.services, [{ name: 'imaps', port: 993 }])
    t.match(said.pop(), 'control/mailaccess: ')
  }
  for (const bad of ['', 'maybe', 'enforce a_b', 'enforce,mail']) {
    set('stspolicy', `${bad}\n`)
    t.same(announced.policy, first)
    t.match(said.pop(), 'control/stspolicy: ')
  }
  set('stspolicy', 'enforce MX1.example.org *.example.net\n')
  const second = announced.policy
  t.match(second?.text, '\r\nmx: mx1.example.org\r\nmx: *.example.net\r\n')
  t.not(second?.id, first?.id, 'another text has another identifier')
  t.match(second?.id, /^[0-9a-f]{20}$/)
})
