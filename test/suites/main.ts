/**
 * make suites SUITES=DIR [KINDS=a,b]: run every suite file in a directory, each by its kind.
 *
 * Out     a line for each suite, `SUITE: N passed, N disputed, N failed, N skipped`; before it each case that is not right
 * Exit    1 if a case failed, 100 if there is no suite
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { kinds } from './kinds.ts'
import { readSuite, runSuite } from './suite.ts'

const [, , directory = '', wanted = ''] = process.argv
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const files =
  directory === ''
    ? []
    : readdirSync(directory)
        .filter((name) => name.endsWith('.json'))
        .sort()
let ran = 0
for (const file of files) {
  const suite = readSuite(join(directory, file))
  if (wanted !== '' && !wanted.split(',').includes(suite.kind)) continue
  ran += 1
  const { passed, disputed, failed, skipped } = await runSuite(suite, kinds[suite.kind], say)
  say(`${suite.suite}: ${passed} passed, ${disputed} disputed, ${failed} failed, ${skipped} skipped`)
  if (failed > 0) process.exitCode = 1
}
if (ran === 0) {
  process.stderr.write(`suites: there is no suite to run in ${directory || 'SUITES='}\n`)
  process.exitCode = 100
}
