/**
 * A home in a scratch directory, with a queue program that keeps what it is given and answers as the test says.
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

export const checkout: string = join(import.meta.dirname, '../../../../..')
export const smtpd: string = join(checkout, 'bin/smtpd')

/** A message as the queue program got it. */
export interface Queued {
  readonly message: string
  readonly envelope: string
}

export class ScratchHome {
  readonly path: string

  /** @param controls - files of control/; me is test.example unless given */
  constructor(t: Test, controls: Record<string, string> = {}) {
    this.path = mkdtempSync(join(tmpdir(), 'smtpd-'))
    t.teardown(() => rmSync(this.path, { recursive: true, force: true }))
    chmodSync(this.path, 0o755)
    for (const directory of ['control', 'queued']) mkdirSync(join(this.path, directory))
    symlinkSync(join(checkout, 'bin'), join(this.path, 'bin'))
    for (const [name, text] of Object.entries({ me: 'test.example\n', ...controls })) this.control(name, text)
    writeFileSync(join(this.path, 'keep'), this.#program(), { mode: 0o755 })
  }

  /** The environment of a program of this home, with what a test adds. */
  environment(more: Record<string, string> = {}): Record<string, string> {
    return { PATH: process.env['PATH'] ?? '', YABUMI_HOME: this.path, QMAILQUEUE: join(this.path, 'keep'), ...more }
  }

  control(name: string, text: string): void {
    writeFileSync(join(this.path, 'control', name), text)
  }

  /** What queue does from now on: shell commands, run when it has taken everything. */
  queueEnds(commands: string): void {
    writeFileSync(join(this.path, 'ending'), commands)
  }

  /** The facts of what was queued last. */
  facts(): string {
    const last = readdirSync(join(this.path, 'queued')).sort().at(-1) ?? ''
    return readFileSync(join(this.path, 'queued', last, 'facts'), 'latin1')
  }

  /** Everything queued whole so far, in order. */
  queued(): Queued[] {
    const names = readdirSync(join(this.path, 'queued')).filter((name) => existsSync(join(this.path, 'queued', name, 'whole')))
    const read = (name: string, part: string): string => readFileSync(join(this.path, 'queued', name, part), 'latin1')
    return names.sort().map((name) => ({ message: read(name, 'message'), envelope: read(name, 'envelope') }))
  }

  /** Keeps descriptors 0 and 1; an envelope without its last NUL is a message taken back, as for the real one. */
  #program(): string {
    return `#!/bin/sh
d='${this.path}'
q="$d/queued/$(date +%s%N)-$$"
mkdir "$q"
printf %s "$YABUMIFACTS" >"$q/facts"
cat >"$q/message"
cat <&1 >"$q/envelope"
if test "$(tail -c 2 "$q/envelope" | od -An -tx1 | tr -d ' ')" != 0000; then exit 54; fi
if test -e "$d/ending"; then . "$d/ending"; fi
: >"$q/whole"
exit 0
`
  }
}
