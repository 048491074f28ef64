import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCdb } from '@yabumi/cdb'
import { ClientRules, type Rule } from '@yabumi/listener'
import t, { type Test } from 'tap'

/** The path of a file with these rules: key, and what tcprules makes of the instructions. */
function rulesFile(t: Test, records: [key: string, data: string][]): string {
  const directory = mkdtempSync(join(tmpdir(), 'rules-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'rules.cdb')
  writeRules(path, records)
  return path
}

function writeRules(path: string, records: [key: string, data: string][]): void {
  writeFileSync(
    `${path}.new`,
    makeCdb(records.map(([key, data]): [Buffer, Buffer] => [Buffer.from(key, 'latin1'), Buffer.from(data, 'latin1')])),
  )
  renameSync(`${path}.new`, path)
}

/** The value of X that the rule sets: which key has decided. */
const decided = (rule: Rule): string | undefined => new Map(rule.variables).get('X')
const marked = (keys: string[]): [string, string][] => keys.map((key) => [key, `+X=${key}\0`])

t.test('the first key that has a rule decides, in the order of tcpserver', async (t) => {
  const keys = [
    '192.0.2.1',
    '=a.b.example',
    '192.0.2.',
    '192.0.',
    '192.',
    '192.0.2.0/24',
    '192.0.0.0/16',
    '=.b.example',
    '=.example',
    '=',
    '',
  ]
  for (let from = 0; from < keys.length; from += 1) {
    const rules = new ClientRules(rulesFile(t, marked(keys.slice(from).reverse())))
    t.equal(decided(rules.ruleFor('192.0.2.1', 'a.b.example')), keys[from])
  }
})

t.test('a client without a name passes the rules for names', async (t) => {
  const rules = new ClientRules(rulesFile(t, marked(['=a.example', '=.example', '=', ''])))
  t.equal(decided(rules.ruleFor('192.0.2.1')), '')
  t.equal(decided(rules.ruleFor('192.0.2.1', 'other')), '=')
})

t.test('no rule lets everybody in, D lets nobody in, + sets variables in order and with every byte', async (t) => {
  const rules = new ClientRules(
    rulesFile(t, [
      ['192.0.2.1', 'D\0'],
      ['192.0.2.2', '+A=\0+B=x=y \xe9\0+A=2\0'],
      ['192.0.2.3', ''],
    ]),
  )
  t.same(rules.ruleFor('192.0.2.9'), { denies: false, variables: [] })
  t.same(rules.ruleFor('192.0.2.1'), { denies: true, variables: [] })
  t.same(rules.ruleFor('192.0.2.2'), {
    denies: false,
    variables: [
      ['A', ''],
      ['B', 'x=y \xe9'],
      ['A', '2'],
    ],
  })
  t.same(rules.ruleFor('192.0.2.3'), { denies: false, variables: [] })
})

t.test('IPv6 clients have rules by address, by prefix that ends in a colon, and by network', async (t) => {
  const rules = new ClientRules(rulesFile(t, marked(['2001:db8::1', '2001:db8:1:', '2001:db8::/32', '2001:db8:ff00::/40'])))
  t.equal(decided(rules.ruleFor('2001:db8::1')), '2001:db8::1')
  t.equal(decided(rules.ruleFor('2001:db8:1::7')), '2001:db8:1:')
  t.equal(decided(rules.ruleFor('2001:db8:ff12::7')), '2001:db8:ff00::/40', 'the longest network first')
  t.equal(decided(rules.ruleFor('2001:db8:2::7')), '2001:db8::/32')
  t.equal(decided(rules.ruleFor('192.0.2.1')), undefined)
})

t.test('names are worth asking for only if a rule is for names', async (t) => {
  t.equal(new ClientRules(rulesFile(t, marked(['127.', '']))).namesMatter, false)
  t.equal(new ClientRules(rulesFile(t, marked(['127.', '=.example']))).namesMatter, true)
})

t.test('a changed file counts from the next client on, and a file that has gone is trouble', async (t) => {
  const path = rulesFile(t, marked(['127.']))
  const rules = new ClientRules(path)
  t.equal(decided(rules.ruleFor('127.0.0.1')), '127.')
  writeRules(path, [['127.', 'D\0']])
  t.equal(rules.ruleFor('127.0.0.1').denies, true)
  rmSync(path)
  t.throws(() => rules.ruleFor('127.0.0.1'), { status: '4.3.0', message: `unable to read ${path}: file does not exist` })
  writeFileSync(path, 'no cdb')
  t.throws(() => rules.ruleFor('127.0.0.1'), { message: `unable to read ${path}: cdb file is damaged` })
  writeRules(path, marked(['']))
  t.equal(decided(rules.ruleFor('127.0.0.1')), '')
  t.throws(() => new ClientRules('/nonexistent/rules.cdb'), { message: 'unable to read /nonexistent/rules.cdb: file does not exist' })
})

const text = `# who may connect
127.:allow,RELAYCLIENT=""
10.0.0-7.:allow,RELAYCLIENT="@far",DATABYTES=!5000!
10.0.3.4:deny
10.0.3.5:allow,A="1",B="2"
=mail.example:allow,X="name"
=.example:deny
=.b.example:allow,X="sub"
=:allow,X="named"
192.0.2.1-9:deny
:allow,X="all"
`

t.test(
  'rules made by tcprules decide as tcprulescheck says',
  { skip: spawnSync('tcprules', []).error !== undefined && 'tcprules is not installed; apt-get install ucspi-tcp' },
  async (t) => {
    const path = rulesFile(t, [])
    execFileSync('tcprules', [`${path}.made`, `${path}.tmp`], { input: text })
    copyFileSync(`${path}.made`, path)
    const rules = new ClientRules(path)
    const addresses = ['127.0.0.1', '10.0.0.1', '10.0.3.4', '10.0.3.5', '10.0.3.6', '10.0.8.1', '192.0.2.5', '192.0.2.10', '1.2.3.4']
    for (const address of addresses) {
      for (const name of [undefined, 'mail.example', 'x.example', 'x.b.example', 'elsewhere']) {
        const env = { PATH: process.env['PATH'] ?? '', TCPREMOTEIP: address, ...(name === undefined ? {} : { TCPREMOTEHOST: name }) }
        const said = execFileSync('tcprulescheck', [path], { env, encoding: 'latin1' })
        const { denies, variables } = rules.ruleFor(address, name)
        const ours = [
          ...variables.map(([key, value]) => `set environment variable ${key}=${value}`),
          `${denies ? 'deny' : 'allow'} connection`,
        ]
        t.same(ours, said.split('\n').slice(1, -1), `${address} ${name}: ${said}`)
      }
    }
  },
)
