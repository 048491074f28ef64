import t from 'tap'
import { type Counts, TapReader } from '../src/tap.ts'

function read(text: string): { counts: Counts; skips: string[]; failures: string[] } {
  const reader = new TapReader()
  for (const line of text.split('\n')) reader.line(line)
  return { counts: reader.counts, skips: reader.skips, failures: reader.failures }
}

t.test('assertions count, the sums of subtests and files do not', async (t) => {
  const { counts } = read(`TAP version 14
1..2
# Subtest: a.ts
    # Subtest: first
        ok 1 - x
        ok 2 - y
        1..2
    ok 1 - first # time=1ms
    # Subtest: without assertions
        1..0
    ok 2 - without assertions
    1..2
ok 1 - a.ts
# Subtest: b.ts
    ok 1 - z
    1..1
ok 2 - b.ts
# { total: 4, pass: 4 }`)
  t.same(counts, { passed: 4, failed: 0, skipped: 0 })
})

t.test('a failure counts once, however many sums it is in, and is shown with its diagnostics', async (t) => {
  const { counts, failures } = read(`# Subtest: a.ts
    # Subtest: first
        not ok 1 - x
          ---
          diff: |
            ok 7 - no result at all
          ...
        ok 2 - y
    not ok 1 - first
      ---
      at: here
      ...
not ok 1 - a.ts`)
  t.same(counts, { passed: 1, failed: 1, skipped: 0 })
  t.match(failures[0], '        not ok 1 - x')
  t.match(failures.join('\n'), 'ok 7 - no result at all')
  t.notMatch(failures.join('\n'), 'at: here')
})

t.test('a file that crashed without a failing test, or ran none, counts as a failure', async (t) => {
  t.same(read('# Subtest: a.ts\n    ok 1 - x\n    1..1\nnot ok 1 - a.ts').counts, { passed: 1, failed: 1, skipped: 0 })
  t.same(read('# Subtest: a.ts\n    1..0\nnot ok 1 - a.ts').counts, { passed: 0, failed: 1, skipped: 0 })
})

t.test('skipped tests count as neither, and their reasons are kept', async (t) => {
  const { counts, skips } = read('ok 1 - mail through mutt # SKIP no program mutt\nnot ok 2 - later # TODO\nok 3 - flow/001 # SKIP')
  t.same(counts, { passed: 0, failed: 0, skipped: 3 })
  t.same(skips, ['mail through mutt: no program mutt', 'later', 'flow/001'])
})

t.test('the lines of the golden runner are read, its differences belong to the failure', async (t) => {
  const { counts, failures } = read(`ok 1 - smtpd/001
not ok 2 - smtpd/002 # a bare line feed
#   stdout: differs at byte 3
#     expected "250"
ok 3 - smtpd/003
#   not a difference
1 passed, 1 failed`)
  t.same(counts, { passed: 2, failed: 1, skipped: 0 })
  t.same(failures, ['not ok 2 - smtpd/002 # a bare line feed', '#   stdout: differs at byte 3', '#     expected "250"'])
})

t.test('a stream that was cut short loses nothing that was said', async (t) => {
  t.same(read('# Subtest: a.ts\n    # Subtest: first\n        not ok 1 - x\n          ---\n          stack: |').counts, {
    passed: 0,
    failed: 1,
    skipped: 0,
  })
})
