/** The suite starttls (test/suites): our servers of SMTP and POP3, and remote as the client. */
import { join } from 'node:path'
import t from 'tap'
import { dialogue } from '../../../../test/suites/dialogue.ts'
import { readSuite } from '../../../../test/suites/suite.ts'

const { cases } = readSuite(join(import.meta.dirname, '../../../../test/suites/inet/starttls.json'))

for (const one of cases)
  t.test(`${one.id}: ${one['title']}`, async (t) => {
    t.equal(await dialogue(one), undefined)
  })
