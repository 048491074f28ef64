import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import * as limits from '../src/index.ts'

t.test('every limit is a positive number', async (t) => {
  for (const [name, value] of Object.entries(limits)) t.ok(Number.isFinite(value) && value > 0, name)
})

t.test('orphans are older than any program that could still be writing them', async (t) => {
  t.ok(limits.ossifiedSeconds > limits.deathSeconds)
})

t.test('the spawn limit fits the one byte of a delivery number and of the greeting', async (t) => {
  t.ok(limits.spawnDeliveries <= 255)
})

t.test('an address that smtpd takes also fits into an envelope', async (t) => {
  t.ok(limits.smtpAddressBytes < limits.addressBytes)
})

const directory = join(import.meta.dirname, '..')
const root = join(directory, '../../..')

t.test('the page names every limit with its value, and tests that are there', async (t) => {
  const page = readFileSync(join(directory, 'README.md'), 'utf8')
  const items = new Map(
    page
      .split(/\n(?=- |#|\n)/)
      .map((item) => /^- `(\w+)` = ([0-9.,]+): .*\sTest:\s(.+)$/s.exec(item))
      .flatMap((found) => (found === null ? [] : [[found[1], { value: found[2], tests: found[3] }] as const])),
  )
  for (const [name, value] of Object.entries(limits)) {
    t.equal(items.get(name)?.value, value.toLocaleString('en-US'), name)
    const tests = [...(items.get(name)?.tests ?? '').matchAll(/\(([^)]+)\)/g)].map(([, path = '']) => path)
    t.ok(tests.length > 0 && tests.every((path) => existsSync(join(directory, path))), `${name}: ${tests.join(', ') || 'no test'}`)
  }
  t.equal(items.size, Object.keys(limits).length, 'and none that is gone')
})

t.test('every limit is kept by a program or a noun, not only written down', async (t) => {
  const files = globSync('packages/*/*/src/**/*.ts', { cwd: root }).filter((file) => !file.startsWith('packages/formats/limits/'))
  const sources = files.map((file) => readFileSync(join(root, file), 'utf8')).join('')
  const forTests = ['residentMegabytes', 'oneShotMegabytes'] // kept by the others, measured by test/hostile
  for (const name of Object.keys(limits)) t.ok(forTests.includes(name) || new RegExp(`\\b${name}\\b`).test(sources), name)
})
