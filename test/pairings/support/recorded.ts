/** Recorded vectors (test/golden): what qmail's own programs have said, byte for byte. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkout } from '../../support/home.ts'

type Bytes = string | { readonly b64: string }

interface Vector {
  readonly id: string
  readonly expect?: { readonly stdout?: Bytes }
}

/** The vectors of a file in test/golden. */
export function vectors(file: string): Vector[] {
  const lines = readFileSync(join(checkout, 'test/golden', file), 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line): Vector => JSON.parse(line))
}

/** What qmail-lspawn or qmail-rspawn wrote in a vector: greeting, number, report, NUL. */
function output({ expect }: Vector): string {
  const bytes = expect?.stdout ?? ''
  return typeof bytes === 'string' ? bytes : Buffer.from(bytes.b64, 'base64').toString('latin1')
}

/** The recorded vectors with one report each, by their number: `005` and the report from its letter to its NUL. */
export function recordedReports(program: 'lspawn' | 'rspawn'): Map<string, string> {
  const one = vectors(`${program}.jsonl`).filter((vector) => isSingle(output(vector)))
  return new Map(one.map((vector) => [vector.id.slice(-3), output(vector).slice(2)]))
}

/** Greeting, any number (NUL too), and nothing behind the report's NUL. */
function isSingle(bytes: string): boolean {
  return bytes.length > 3 && bytes.indexOf('\0', 2) === bytes.length - 1
}
