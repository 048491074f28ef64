import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { execa } from 'execa'
import type { Test } from 'tap'

const bin = join(import.meta.dirname, '../../../../../bin/inject')
const queue = join(import.meta.dirname, '../fixtures/queue')

interface Case {
  args?: string[]
  env?: Record<string, string>
  input?: string | Readable
  stdin?: 0
  cwd?: string
}

/** A scratch home, and a function that runs inject in it. */
export function scratch(t: Test) {
  const home = t.testdir({ control: { me: 'test.example\n' }, capture: {} })
  const capture = join(home, 'capture')
  return {
    home,
    capture,
    async inject({ args = [], env = {}, input = '', stdin, cwd = home }: Case) {
      const source = stdin !== undefined ? { stdin } : { input }
      const result = await execa(bin, args, {
        ...source,
        env: { PATH: '/usr/bin:/bin', USER: 'joe', YABUMI_HOME: home, QMAILQUEUE: queue, CAPTURE: capture, ...env },
        extendEnv: false,
        cwd,
        reject: false,
        stripFinalNewline: false,
      })
      return { exit: result.exitCode, stderr: result.stderr, stdout: result.stdout }
    },
    message: () => readFileSync(join(capture, 'mess'), 'latin1'),
    /** The fields that came in and the body, without what inject adds. */
    given: () =>
      readFileSync(join(capture, 'mess'), 'latin1')
        .replace(/^(Resent-)?(Date|Message-ID): .*\n/gm, '')
        .replace(/^(Resent-)?From: joe@test.example\n/m, ''),
    envelope: () => readFileSync(join(capture, 'env'), 'latin1').split('\0'),
  }
}
