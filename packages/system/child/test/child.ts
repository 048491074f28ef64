import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import t from 'tap'
import { startProgram, startProgramAs } from '../src/index.ts'

const fixture = join(import.meta.dirname, 'fixtures/show.ts')

async function shown(args: string[], env: [string, string][]): Promise<{ words: string[]; variables: string[] }> {
  const child = startProgram({ file: process.execPath, args: [fixture, ...args], env }, { stdio: ['ignore', 'pipe', 'inherit'] })
  if (child.stdout === null) throw new Error('no pipe')
  return JSON.parse(await text(child.stdout))
}

const bytes = fc.uint8Array({ min: 1, maxLength: 12 }).map((array) => Buffer.from(array).toString('latin1'))

t.test('ASCII arguments and variables arrive as they are', async (t) => {
  t.same(await shown(['a b', "it's", '$HOME', '%s', '\\n', ''], [['Y_A', 'x"y']]), {
    words: ['a b', "it's", '$HOME', '%s', '\\n', ''],
    variables: ['Y_A=x"y'],
  })
})

t.test('bytes above 127 arrive as they are, beside quotes, line ends and percent signs', async (t) => {
  const words = ['caf\xe9', "'\xff'\n", '%s%d\\045\xe9', '', '\xe9\n\n', '-n\xe9', '$(id)`id`\xe9']
  t.same(
    await shown(words, [
      ['Y_SENDER', 'j\xf6e%s\n'],
      ['Y_PLAIN', 'x'],
    ]).then((all) => ({ ...all, variables: all.variables.sort() })),
    {
      words,
      variables: ['Y_PLAIN=x', 'Y_SENDER=j\xf6e%s\n'],
    },
  )
})

t.test('UTF-8 arrives as it is, also beside more words than one shell text may hold', async (t) => {
  const words = ['J\xc3\xb6e', ...Array.from({ length: 8000 }, (_, i) => `somebody${i}@somewhere.example`)]
  t.same(await shown(words, [['Y_V', 'J\xc3\xb6e']]), { words, variables: ['Y_V=J\xc3\xb6e'] })
})

t.test('any bytes but NUL arrive as they are', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { maxLength: 4 }), bytes, async (words, value) => {
      const seen = await shown(words, [['Y_V', value]])
      t.same(seen, { words, variables: [`Y_V=${value}`] })
    }),
    { seed: 1, numRuns: 15 },
  )
})

t.test('the environment is the given one and no other', async (t) => {
  process.env['Y_LEAK'] = 'x'
  t.same((await shown(['\xe9'], [])).variables, [])
  t.same((await shown([], [])).variables, [])
})

t.test('a program that cannot be run is an error event, also when a shell would have to decode its arguments', async (t) => {
  for (const [file, code] of [
    ['/no/such/program', 'ENOENT'],
    ['no-such-program', 'ENOENT'],
    ['/', 'EACCES'],
    ['/etc/passwd', 'EACCES'],
  ] as const) {
    for (const args of [[], ['\xe9']]) {
      const [error] = await once(startProgram({ file, args, env: [] }, { stdio: 'ignore' }), 'error')
      t.match(error, { code }, `${file} ${args}`)
    }
  }
})

t.test(
  'a program started as somebody else has that user, group and further groups, and no others',
  { skip: process.getuid?.() !== 0 && 'only root can' },
  async (t) => {
    const ids = async (groups: number[]): Promise<string> => {
      const program = {
        file: 'sh',
        args: ['-c', 'id -u; id -g; id -G; echo "$1"', 'sh', 'caf\xe9'],
        env: [['PATH', '/usr/bin:/bin']] as const,
      }
      const child = startProgramAs(program, { uid: 61_301, gid: 61_302, groups }, { stdio: ['ignore', 'pipe', 'inherit'], cwd: '/' })
      if (child.stdout === null) throw new Error('no pipe')
      return (await text(child.stdout.setEncoding('latin1'))).trim()
    }
    t.equal(await ids([]), '61301\n61302\n61302\ncaf\xe9')
    t.equal(await ids([61_303, 61_304]), '61301\n61302\n61302 61303 61304\ncaf\xe9')
  },
)
