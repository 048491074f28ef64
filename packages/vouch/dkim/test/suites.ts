import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { kinds } from '../../../../test/suites/kinds.ts'
import { readSuite, runSuite } from '../../../../test/suites/suite.ts'

const here = join(import.meta.dirname, '../../../../test/suites/data')
const elsewhere = process.env['SUITES'] ?? ''

async function isRight(t: Test, file: string): Promise<void> {
  const suite = readSuite(file)
  const said: string[] = []
  const counts = await runSuite(suite, kinds[suite.kind], (line) => said.push(line))
  t.same(counts, { passed: suite.cases.length - counts.disputed, disputed: counts.disputed, failed: 0, skipped: 0 }, said.join('\n'))
}

for (const name of ['canonical', 'chasquid', 'crossmade', 'key-record', 'signature-syntax']) {
  t.test(`what others know of DKIM is right here: ${name}`, (t) => isRight(t, join(here, `dkim-${name}.json`)))
}

const maildkim = join(elsewhere, 'dkim-maildkim.json')
const skip =
  elsewhere === '' || !existsSync(maildkim) ? 'its licences are not ours: SUITES names no directory that has dkim-maildkim.json' : false
t.test('what others know of DKIM is right here: the corpus of Mail::DKIM', { skip }, (t) => isRight(t, maildkim))
