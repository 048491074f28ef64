import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CdbFile } from '@yabumi/cdbfile'
import { ClientRules } from '@yabumi/listener'
import fc from 'fast-check'
import t from 'tap'
import { parseRules } from '../src/ruletext.ts'

const scratch = mkdtempSync(join(tmpdir(), 'ruletext-'))
t.teardown(() => rmSync(scratch, { recursive: true }))

t.test('a rule has an address, a verdict, and variables in any quotes', async (t) => {
  const rules = parseRules('# comment\n\n10.:allow \n1.2.3.4:deny,A="x",B=!"!,C=""\n:deny')
  t.same(
    [...rules],
    [
      ['10.', { denies: false, variables: [] }],
      [
        '1.2.3.4',
        {
          denies: true,
          variables: [
            ['A', 'x'],
            ['B', '"'],
            ['C', ''],
          ],
        },
      ],
      ['', { denies: true, variables: [] }],
    ],
  )
})

t.test('IPv6 addresses, prefixes and networks stand in the text', async (t) => {
  const path = join(scratch, 'smtp')
  writeFileSync(path, '::1:allow,X="host"\n2001:db8:::allow,X="prefix"\n2001:db8::/33:allow,X="network"\n:deny\n')
  const rules = new ClientRules(path)
  t.same(rules.ruleFor('::1'), { denies: false, variables: [['X', 'host']] })
  t.same(rules.ruleFor('2001:db8::7'), { denies: false, variables: [['X', 'prefix']] })
  t.same(rules.ruleFor('2001:db8:1::7'), { denies: false, variables: [['X', 'network']] })
  t.equal(rules.ruleFor('2001:db8:8000::7').denies, true)
  t.equal(rules.namesMatter, false)
})

t.test('one line that is no rule makes the whole file unreadable, and is shown', async (t) => {
  for (const line of [
    'deny',
    '1.2.3.4:denied',
    '1.2:allow,',
    '1.2:allow,A',
    '1.2:allow,A="',
    '1.2:allow,A="x"y',
    'host.example:allow',
    '10.0.0.0/8/8:deny',
  ]) {
    t.throws(() => parseRules(`:deny\n${line}\n`), { message: `this line is no rule: ${line}` })
  }
  const path = join(scratch, 'bad')
  writeFileSync(path, 'deny\n')
  t.throws(() => new ClientRules(path), { message: `unable to read ${path}: this line is no rule: deny` })
})

/** What the real tcprules makes of a text, or undefined if it refuses it. */
function byTcprules(text: string): [key: string, denies: boolean, variables: string[]][] | undefined {
  const path = join(scratch, 'made.cdb')
  rmSync(path, { force: true })
  if (spawnSync('tcprules', [path, `${path}.tmp`], { input: Buffer.from(text, 'latin1') }).status !== 0) return undefined
  const reader = new CdbFile(path)
  const keys = [...new Set([...reader.keys()].map((key) => key.toString('latin1')))]
  const rules = keys.map((key): [string, boolean, string[]] => {
    const records = (reader.find(Buffer.from(key, 'latin1'))?.toString('latin1') ?? '').split('\0').slice(0, -1)
    return [key, records.includes('D'), records.filter((record) => record[0] === '+').map((record) => record.slice(1))]
  })
  reader.close()
  return rules
}

function byUs(text: string): [key: string, denies: boolean, variables: string[]][] {
  return [...parseRules(text)].map(([key, { denies, variables }]) => [key, denies, variables.map(([name, value]) => `${name}=${value}`)])
}

t.test(
  'a text means what tcprules makes of it',
  { skip: spawnSync('tcprules', []).error !== undefined && 'tcprules is not installed; apt-get install ucspi-tcp' },
  async (t) => {
    const addresses = [
      '',
      '10.',
      '10.1-3.',
      '9-11.0.0.1',
      '1-2.3-4',
      '7-3.',
      '254-300.',
      '=a-b.example',
      '=.example',
      'joe@1.2.3.4',
      'joe@=1-2.example',
      '=',
    ]
    const variables = ['', ',A="x"', ',A=\':\',B=""', ',RELAYCLIENT="",X=!a=b,c!', ',A="\xe9"']
    const line = fc.tuple(
      fc.constantFrom(...addresses),
      fc.constantFrom('allow', 'deny'),
      fc.constantFrom(...variables),
      fc.constantFrom('', ' ', '\t '),
    )
    const text = fc.array(
      line.map((parts) => `${parts[0]}:${parts.slice(1).join('')}\n`),
      { maxLength: 6 },
    )
    fc.assert(
      fc.property(text, (lines) => {
        t.same(byUs(lines.join('')), byTcprules(lines.join('')), lines.join(''))
      }),
      { seed: 7, numRuns: 60 },
    )
  },
)
