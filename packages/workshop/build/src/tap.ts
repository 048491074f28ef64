/**
 * Count the results in a TAP stream (https://testanything.org, version 14), also one that was cut short or is nested.
 *
 * What counts is a leaf: an assertion, or a subtest without any. A subtest or file that failed though nothing in it did
 * (it crashed, or its plan was not met) counts as one more failure.
 */
export interface Counts {
  passed: number
  failed: number
  skipped: number
}

interface Point {
  readonly indent: number
  /** Failures in it, itself included. */
  readonly failed: number
}

const pointLine = /^( *)(not )?ok\b(?: \d+)?(?: - (.*?))?(?: +# ?(SKIP|TODO)\b ?(.*))?$/i

/** Takes the lines of one TAP stream as they come. */
export class TapReader {
  readonly counts: Counts = { passed: 0, failed: 0, skipped: 0 }
  /** Reason of each skipped test, with its name. */
  readonly skips: string[] = []
  /** Lines that say what failed, diagnostics included. */
  readonly failures: string[] = []
  /** Points that no summary line has taken together yet. */
  #open: Point[] = []
  /** Indent of the diagnostic block that is being passed over. */
  #diagnostics: number | undefined
  #lastFailed = false

  line(line: string): void {
    if (this.#inDiagnostics(line)) return
    const match = pointLine.exec(line)
    if (match === null) {
      this.#comment(line)
      return
    }
    const [, blanks = '', not, name = '', directive, reason = ''] = match
    this.#point(blanks.length, not !== undefined, name, directive, reason, line)
  }

  #point(indent: number, notOk: boolean, name: string, directive: string | undefined, reason: string, line: string): void {
    let failedInside = 0
    let points = 0
    while ((this.#open.at(-1)?.indent ?? -1) > indent) {
      failedInside += (this.#open.pop() as Point).failed
      points += 1
    }
    const bad = notOk && directive === undefined
    const failed = bad ? Math.max(1, failedInside) : failedInside
    this.#open.push({ indent, failed })
    this.#lastFailed = bad && failedInside === 0 // a sum has nothing to add to what failed in it
    if (bad) this.failures.push(line)
    if (points > 0) this.counts.failed += failed - failedInside
    else if (bad) this.counts.failed += 1
    else if (directive === undefined) this.counts.passed += 1
    else {
      this.counts.skipped += 1
      this.skips.push(reason === '' ? name : `${name}: ${reason}`)
    }
  }

  #inDiagnostics(line: string): boolean {
    if (this.#diagnostics !== undefined) {
      if (this.#lastFailed) this.failures.push(line)
      if (/^ *\.\.\.$/.test(line) && line.length - 3 === this.#diagnostics) this.#diagnostics = undefined
      return true
    }
    if (!/^ *---$/.test(line)) return false
    this.#diagnostics = line.length - 3
    return true
  }

  /** Comment lines behind a failure belong to it: the golden runner shows its differences there. */
  #comment(line: string): void {
    if (this.#lastFailed && /^ *# {3}/.test(line)) this.failures.push(line)
    else this.#lastFailed = false
  }
}
