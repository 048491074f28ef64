import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { goldenRuns } from '../../build/src/golden.ts'
import { compiled } from '../src/programs.ts'

const root = join(import.meta.dirname, '../../../..')
const native = join(root, 'dist/native')
const skip = existsSync(native) ? false : 'there is no dist/native: Bun could not be had, or NATIVE is 0'
const groups = /\/(inject|fuzz-inject|wrappers|dotqmail|mailbox|rest)\.jsonl$/

t.test('launchers of compiled programs take the native form where it is', async (t) => {
  for (const name of compiled) {
    t.match(
      readFileSync(join(root, 'bin', name), 'utf8'),
      `suits && [ -x "$b/.dist/native" ] && export BUN_JSC_useJIT=0 BUN_RUNTIME_TRANSPILER_CACHE_PATH=0 && exec "$b/.dist/native" ${name} "$0" "$@"\nexec `,
      name,
    )
  }
})

t.test('the form on Node, which others have, gives what the vectors say too', { skip }, async (t) => {
  const onNode = mkdtempSync(join(tmpdir(), 'on-node-'))
  t.teardown(() => rmSync(onNode, { recursive: true, force: true }))
  chmodSync(onNode, 0o755)
  cpSync(join(root, 'bin'), join(onNode, 'bin'), { recursive: true, verbatimSymlinks: true })
  mkdirSync(join(onNode, 'dist'))
  for (const part of ['.runtime', 'node_modules']) symlinkSync(join(root, part), join(onNode, part))
  const files = readdirSync(join(root, 'dist')).filter((name) => !name.startsWith('native'))
  for (const name of files) symlinkSync(join(root, 'dist', name), join(onNode, 'dist', name))
  const [args = []] = goldenRuns(root, process.getuid?.() === 0)
  const chosen = args.filter((word) => !word.endsWith('.jsonl') || groups.test(word)).with(args.indexOf('--bin') + 1, join(onNode, 'bin'))
  const { stdout, exitCode } = await execa(join(root, 'test/golden/run'), ['--quiet', ...chosen], { reject: false })
  t.equal(exitCode, 0, stdout)
})

t.test('the native form starts others without what the launcher told Bun', { skip }, async (t) => {
  const { stdout } = await execa(join(root, 'bin/preline'), ['/usr/bin/env'], {
    env: { DTLINE: 'd\n', RPLINE: 'r\n', UFLINE: 'u\n' },
    input: '',
  })
  t.match(stdout, /^DTLINE=d/m)
  t.notMatch(stdout, 'BUN_')
})

t.test('the native form reads an environment whose TZ is empty', { skip }, async (t) => {
  const home = t.testdir({ control: { srs_domain: 'srs.example\n', srs_secrets: 'secret\n' } })
  const env = { YABUMI_HOME: home, TZ: '', DEFAULT: 'joe', SENDER: '', DTLINE: 'Delivered-To: joe\n' }
  const { exitCode, stderr } = await execa(join(root, 'bin/srsfilter'), { env, input: '', reject: false })
  t.equal(stderr, 'srsfilter: fatal: this is no SRS address')
  t.equal(exitCode, 100)
})

t.test('the native form leaves no cache in the home of whoever calls it', { skip }, async (t) => {
  const home = t.testdir()
  await execa(join(root, 'bin/predate'), ['true'], { env: { HOME: home }, extendEnv: false, input: '' })
  t.strictSame(readdirSync(home), [])
})

t.test('the native form hands a message of any size to the resident queue, and does without one', { skip }, async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'native-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  const env = { YABUMI_HOME: home }
  await execa(join(root, 'bin/config-fast'), ['native.test'], { env })
  const text = `Subject: long\n\n${'0123456789abcde\n'.repeat(400_000)}`
  const queued = (): string[] =>
    readdirSync(join(home, 'queue/mess'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
  const inject = (input: string): Promise<unknown> => execa(join(root, 'bin/inject'), ['joe@native.test'], { env, input })
  const listener = execa(join(root, 'bin/queue'), ['--listen', '--ready-fd', '3'], {
    env,
    reject: false,
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  })
  await new Promise((resolve) => listener.stdio[3]?.once('data', resolve))
  await inject(text)
  t.ok(
    queued().some((one) => one.endsWith(text.slice(text.indexOf('\n')))),
    'whole, over the socket',
  )
  listener.kill('SIGTERM')
  await listener
  await inject('Subject: short\n\n')
  t.equal(queued().length, 2)
})
