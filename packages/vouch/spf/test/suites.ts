import { join } from 'node:path'
import t from 'tap'
import { kinds } from '../../../../test/suites/kinds.ts'
import { readSuite, runSuite } from '../../../../test/suites/suite.ts'

const here = join(import.meta.dirname, '../../../../test/suites/data')

for (const name of ['rfc7208', 'blitiri', 'pyspf', 'record']) {
  t.test(`what others know of SPF is right here: ${name}`, async (t) => {
    const suite = readSuite(join(here, `spf-${name}.json`))
    const said: string[] = []
    const counts = await runSuite(suite, kinds[suite.kind], (line) => said.push(line))
    t.same(counts, { passed: suite.cases.length, disputed: 0, failed: 0, skipped: 0 }, said.join('\n'))
  })
}
