/**
 * make build, make native: dist/native, thin programs compiled ahead (package native).
 *
 * `--if-possible`: where Bun cannot be had the programs run on Node, which a line says; NATIVE=0 does without it from
 * the start.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { compile } from '@yabumi/native'
import { introductions } from './introduction.ts'
import { lighterYargs, postpone } from './lighter.ts'

const root = join(import.meta.dirname, '../../../..')
const ifPossible = process.argv.includes('--if-possible')

rmSync(join(root, 'dist/native'), { force: true }) // of older sources
if (!ifPossible || process.env['NATIVE'] !== '0') {
  try {
    await compile(root, { plugins: [introductions(root), lighterYargs(root)], postpone })
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n')
    process.stderr.write(
      `the quick form of inject and others, dist/native, is not made: ${reason}. They run on Node, and start in twice the time.\n`,
    )
    if (!ifPossible) process.exitCode = 111
  }
}
