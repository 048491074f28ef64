import { join } from 'node:path'
import t from 'tap'
import { kinds } from '../../../../test/suites/kinds.ts'
import { readSuite, runSuite } from '../../../../test/suites/suite.ts'

const here = join(import.meta.dirname, '../../../../test/suites/data')

for (const name of ['record', 'mailauth', 'mox', 'external-report']) {
  t.test(`what others know of DMARC is right here: ${name}`, async (t) => {
    const suite = readSuite(join(here, `dmarc-${name}.json`))
    const said: string[] = []
    const { passed, disputed, failed, skipped } = await runSuite(suite, kinds[suite.kind], (line) => said.push(line))
    t.same({ passed: passed + disputed, failed, skipped }, { passed: suite.cases.length, failed: 0, skipped: 0 }, said.join('\n'))
  })
}
