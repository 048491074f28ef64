import { readFileSync, truncateSync } from 'node:fs'
import { tlsReportBytes } from '@yabumi/limits'
import t from 'tap'
import { recordLine } from '../src/index.ts'

const line = { domain: 'example.org', policy: 'sts', host: 'mx.example.org', address: '192.0.2.1' }
const day = Date.UTC(2026, 10, 30, 23, 59)
const file = 'state/remote/tlsrpt/2026-11-30'

t.test('a connection is a line in the file of its day, until that is full', async (t) => {
  process.chdir(t.testdir({}))
  recordLine(line, day)
  recordLine({ ...line, host: 'a b\n', failure: 'certificate-expired' }, day)
  recordLine(line, day + 120_000)
  t.equal(readFileSync(file, 'latin1'), 'example.org sts mx.example.org 192.0.2.1 ok\nexample.org sts a?b? 192.0.2.1 certificate-expired\n')
  t.ok(readFileSync('state/remote/tlsrpt/2026-12-01', 'latin1'))
  truncateSync(file, tlsReportBytes)
  recordLine(line, day)
  t.equal(readFileSync(file).length, tlsReportBytes)
})

t.test('where nothing can be kept, nothing is', async (t) => {
  process.chdir(t.testdir({ state: 'a file' }))
  t.doesNotThrow(() => recordLine(line, day))
})
