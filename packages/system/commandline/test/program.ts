import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { startProgram } from '@yabumi/child'
import t from 'tap'

const fixture = join(import.meta.dirname, 'fixtures/report.ts')

async function report(
  args: string[],
  env: [string, string][] = [],
  called = '/somewhere/bin/report',
): Promise<{ out: string; err: string; code: number }> {
  const program = { file: process.execPath, args: [fixture, called, ...args], env }
  const child = startProgram(program, { stdio: ['ignore', 'pipe', 'pipe'] })
  if (child.stdout === null || child.stderr === null) throw new Error('no pipes')
  child.stderr.setEncoding('latin1')
  const ended = once(child, 'close')
  const [out, err] = await Promise.all([text(child.stdout), (async () => (await child.stderr?.toArray())?.join('') ?? '')()])
  return { out, err, code: (await ended)[0] }
}

t.test('arguments and environment are byte strings, whether they are UTF-8 or not', async (t) => {
  for (const bytes of ['plain', 'caf\xc3\xa9', 'caf\xe9', '\xff\xfe']) {
    const { out } = await report(['bytes', bytes, 'x', ''], [['Y_V', bytes]])
    t.same(JSON.parse(out), { name: 'report', rest: [bytes, 'x', ''], value: bytes })
  }
})

t.test('an error is one line on descriptor 2 and the exit code', async (t) => {
  t.same(await report(['trouble']), { out: '', err: 'report: no such mailbox\n', code: 100 })
  t.same(await report(['bug']), { out: '', err: 'report: caf\xe9\n', code: 111 })
  t.same(await report(['nothing']), { out: '', err: '', code: 0 })
})

t.test('complain writes text that is no byte string as UTF-8', async (t) => {
  t.equal((await report(['complain'])).err, Buffer.from('矢文\n').toString('latin1'))
})

t.test('long options: lists grow, words stay as they are, nothing is negated or dotted', async (t) => {
  const { out, err } = await report(['options', '--listen', '127.0.0.1:25', '--listen=[::1]:25', '--level', '3', '007', '1e3', '--', '--x'])
  t.equal(err, '')
  t.same(JSON.parse(out), { listen: ['127.0.0.1:25', '[::1]:25'], level: 3, rest: ['007', '1e3', '--x'] })
})

t.test('without an option a tool reads words and defaults as yargs would', async (t) => {
  for (const words of [[], ['007', '1e3', '', "'x'", 'a=b', 'no-json'], ['-', 'x'], ['--json', 'x']]) {
    const [tool, yargs] = JSON.parse((await report(['tool', ...words])).out)
    t.same(tool, yargs)
    t.same(
      tool._,
      words.filter((word) => word !== '--json'),
    )
    t.same([tool['log-file'], tool.json], [['a', 'b'], words[0] === '--json'])
  }
})

t.test('an unknown option, and an option without its argument, are one line and exit 100', async (t) => {
  t.match(await report(['options', '--lisen', 'x']), { out: '', err: /^report: Unknown argument: lisen; see report --help\n$/, code: 100 })
  t.match((await report(['options', '--no-such-option'])).err, /^report: Unknown argument: no-such-option; see report --help\n$/)
  t.match(await report(['options', '--listen']), { out: '', err: /^report: [^\n]+; see report --help\n$/, code: 100 })
})

t.test('--help says how to call it and exits 0', async (t) => {
  t.match(await report(['options', '--help']), { out: /report \[--listen ADDR:PORT]/, err: '', code: 0 })
})

t.test('a program that is called by another name speaks under that', async (t) => {
  const other = '/elsewhere/qmail-report'
  t.equal((await report(['trouble'], [], other)).err, 'qmail-report: no such mailbox\n')
  t.match((await report(['options', '--lisen', 'x'], [], other)).err, /^qmail-report: .*; see qmail-report --help\n$/)
  t.match((await report(['options', '--help'], [], other)).out, /^qmail-report \[--listen ADDR:PORT]/)
})
