/** Source directories for s6-rc, which Debian 12 has not: read here as its documentation says that s6-rc-compile does. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'

const service = join(import.meta.dirname, '../../../../bin/service')
const root = t.testdir({ 'the home': { control: { me: 'me.example\n', daily: '03:17 true\n' } } })
const directory = join(root, 'services')
const args = ['s6-rc', directory, '--submission', '127.0.0.1:587', '--imaps', '127.0.0.1:993', '--http', '127.0.0.1:8080']

function write() {
  return execa(service, args, { env: { YABUMI_HOME: join(root, 'the home') }, reject: false })
}

const first = await write()

interface Definition {
  readonly type: string
  readonly files: ReadonlySet<string>
  /** The names that stand in a file or a directory of names. */
  names(part: string): string[]
}

function definition(name: string): Definition {
  const own = join(directory, name)
  const names = (part: string): string[] => {
    const path = join(own, part)
    if (!existsSync(path)) return []
    return statSync(path).isDirectory() ? readdirSync(path) : readFileSync(path, 'utf8').split('\n').filter(Boolean)
  }
  return { type: names('type').join(), files: new Set(readdirSync(own)), names }
}

const all = new Map(readdirSync(directory).map((name) => [name, definition(name)]))
const longruns = [...all].filter(([, { type }]) => type === 'longrun')
const pipelines = new Set([...all.values()].flatMap(({ names }) => names('pipeline-name')))

t.test('service says what it wrote and what comes next, and the second time that there was nothing to write', async (t) => {
  t.equal(first.exitCode, 0)
  const count = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(directory, name)).isFile(),
  ).length
  t.equal(first.stdout.split('\n')[0], `${directory}: ${count} of ${count} files written`)
  t.match(first.stdout, /^next: s6-rc-compile /m)
  t.match((await write()).stdout, `${directory}: 0 of ${count} files written\n`)
})

t.test('every definition is of a type, and has what that needs and nothing that is unknown', async (t) => {
  const known = new Set(['type', 'run', 'notification-fd', 'producer-for', 'consumer-for', 'pipeline-name', 'dependencies.d', 'contents.d'])
  t.equal(longruns.length, 2 * 11)
  for (const [name, { type, files }] of all) {
    t.match(name, /^yabumi(?:-[a-z0-9-]+)?$/)
    t.match(type, /^(?:longrun|bundle)$/, name)
    t.same(
      [...files].filter((file) => !known.has(file)),
      [],
      name,
    )
    t.equal(files.has('run'), type === 'longrun', name)
    if (type !== 'longrun') continue
    const run = join(directory, name, 'run')
    t.equal(statSync(run).mode & 0o777, 0o755)
    t.equal((await execa('/bin/sh', ['-n', run], { reject: false })).exitCode, 0, `${name} is a shell script`)
    t.equal(readFileSync(join(directory, name, 'notification-fd'), 'utf8'), '3\n')
  }
})

t.test('each program and its logger name each other, and every name is that of a definition or a pipeline', async (t) => {
  for (const [name, { names }] of longruns) {
    for (const consumer of names('producer-for')) t.same(all.get(consumer)?.names('consumer-for'), [name])
    for (const producer of names('consumer-for')) t.same(all.get(producer)?.names('producer-for'), [name])
    t.equal(names('producer-for').length + names('consumer-for').length, 1, name)
    t.equal(names('pipeline-name').length, names('consumer-for').length, 'the last of a pipeline names it')
    for (const needed of names('dependencies.d')) t.equal(all.get(needed)?.type, 'longrun', `${name} needs ${needed}`)
  }
  t.equal(pipelines.size, longruns.length / 2)
  for (const name of pipelines) t.notOk(all.has(name), 'no definition of its own')
  t.same(new Set(all.get('yabumi')?.names('contents.d')), pipelines, 'the bundle is all of them')
})

t.test('nothing needs itself, in any number of steps', (t) => {
  const below = (name: string, path: readonly string[]): void => {
    if (path.includes(name)) t.fail([...path, name].join(' needs '))
    else for (const needed of all.get(name)?.names('dependencies.d') ?? []) below(needed, [...path, name])
  }
  for (const [name] of longruns) below(name, [])
  t.same(all.get('yabumi-send')?.names('dependencies.d'), ['yabumi-queue'])
  t.end()
})

t.test('logs are kept where the sources are, for s6-rc runs a copy of them', (t) => {
  const text = readFileSync(join(directory, 'yabumi-smtpd-log/run'), 'utf8')
  t.ok(/ s6-log -d 3 n20 s1000000 t '?(.*)\/yabumi-smtpd-log\/main'?$/m.exec(text)?.[1]?.endsWith(directory), text)
  t.notMatch(readFileSync(join(directory, 'yabumi-send/run'), 'utf8'), 's6-svwait', 'what is needed is up already')
  t.end()
})
