/** Limits of memory that are too low for Node: each program says so, in one line, and its exit code is a temporary one. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { checkout } from '../support/home.ts'
import { missing } from '../support/programs.ts'

const programs = readdirSync(join(checkout, 'bin')).filter((name) => !name.startsWith('.'))

/** Run it below this command, which is given the program and --version. */
async function below(command: readonly string[], program: string) {
  const [file = '', ...args] = [...command, join(checkout, 'bin', program), '--version']
  const { exitCode, stderr } = await execa(file, args, { reject: false, stdin: 'ignore' })
  return { exitCode, lines: stderr.split('\n') }
}

t.test('each program says that ulimit leaves Node no room', async (t) => {
  for (const program of programs) {
    const { exitCode, lines } = await below(['sh', '-c', 'ulimit -v 600000; exec "$@"', 'sh'], program)
    if (exitCode === 0) continue // compiled ahead
    t.equal(exitCode, 111, program)
    t.equal(lines.length, 1, program)
    t.match(
      lines[0],
      new RegExp(`^${program}: unable to start: 614400000 bytes of address space .* are allowed, and Node reserves \\d+ million; `),
    )
  }
})

t.test('what softlimit sets is named', { skip: missing('softlimit') }, async (t) => {
  for (const options of [
    ['-a', '300000000'],
    ['-d', '50000000'],
    ['-m', '40000000'],
  ]) {
    const { exitCode, lines } = await below(['softlimit', ...options], 'qread')
    t.equal(exitCode, 111, options.join(' '))
    t.match(lines.join('\n'), /^qread: unable to start: \d+ bytes of (address space|data) \(.*softlimit .*\) are allowed, [^\n]*$/)
  }
})

t.test('with room enough nothing is said', async (t) => {
  t.match(await below(['sh', '-c', 'ulimit -v 4000000; exec "$@"', 'sh'], 'qread'), { exitCode: 0, lines: [''] })
  t.match(await below(['sh', '-c', 'ulimit -d 2097152; exec "$@"', 'sh'], 'qread'), { exitCode: 0, lines: [''] })
})
