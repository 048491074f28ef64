import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { toolsWithoutUse } from '../../../../test/bench/start.ts'
import { postpone } from '../src/lighter.ts'

const root = join(import.meta.dirname, '../../../..')
const node = join(root, '.runtime/node')
const explain = join(root, 'dist/explain.cjs')

t.test('postpone loads a module of Node, or a library in CommonJS, when something of it is first used', async (t) => {
  const text = postpone(`var import_node_net = require("node:net");
var import_node_fs = require("node:fs");
var import_dns_packet = __toESM(require_dns_packet(), 1);
exports.decode = import_dns_packet.decode;
exports.ask = (x) => (0, import_node_net.isIP)(x) + import_node_netted.x;
exports.open = () => new import_node_net.Socket();`)
  t.match(text, 'var import_node_net = ((loaded) => () => loaded ??= require("node:net"))();')
  t.match(text, 'var import_node_fs = require("node:fs");')
  t.match(text, '(0, (import_node_net()).isIP)(x) + import_node_netted.x')
  t.match(text, 'new (import_node_net()).Socket()')
  t.match(text, 'var import_dns_packet = ((loaded) => () => loaded ??= __toESM(require_dns_packet(), 1))();')
  t.match(text, '= (import_dns_packet()).decode;')
})

t.test('a program that says how it is used has loaded nothing that it does not need for that', async (t) => {
  const hook = join(t.testdir({ 'hook.cjs': '' }), 'hook.cjs')
  writeFileSync(hook, "process.on('exit', () => process.stderr.write('\\n' + process.moduleLoadList.join('\\n')))")
  const said = execFileSync('sh', ['-c', `"$0" --require "$1" "$2" explain --help 2>&1`, node, hook, explain], { encoding: 'utf8' })
  t.match(said, /^explain .*ADDRESS$/m)
  t.match(said, /^NativeModule fs$/m)
  for (const module of ['child_process', 'net', 'dns', 'crypto', 'worker_threads', 'assert', 'tls'])
    t.notMatch(said, `NativeModule ${module}\n`, module)
})

t.test('what V8 has made of a program, and of yargs, is taken by the Node that runs them, and not needed', async (t) => {
  const asked = `const code = require('fs').readFileSync(process.argv[1]), end = 4 + code.readUInt32LE(0)
const script = new (require('vm').Script)(code.latin1Slice(4, end), { cachedData: code.subarray(end) })
console.log(script.cachedDataRejected)`
  const help = (...options: string[]): string => execFileSync(node, [...options, explain, 'explain', '--help'], { encoding: 'utf8' })
  for (const file of ['explain.code', 'yargs.code']) {
    const rejected = (...options: string[]): string =>
      execFileSync(node, [...options, '-e', asked, join(root, 'dist', file)], { encoding: 'utf8' }).trim()
    t.equal(rejected('--disable-sigusr1', '--no-warnings'), 'false', file)
    t.equal(rejected('--no-opt'), 'true', file)
  }
  t.equal(help('--no-opt'), help())
})

t.test('yargs is in no program, and a tool that is given no option does without it', async (t) => {
  t.notMatch(readFileSync(join(root, 'dist/explain.code'), 'latin1'), 'YargsInstance')
  const directory = t.testdir({})
  for (const name of ['explain.cjs', 'explain.code']) copyFileSync(join(root, 'dist', name), join(directory, name))
  const said = (...args: string[]): string =>
    spawnSync(node, [join(directory, 'explain.cjs'), 'explain', ...args], { encoding: 'utf8' }).stderr
  t.match(said(), /^explain: usage: explain /)
  t.match(said('--json'), 'ENOENT')
})

t.test('the C library costs a program the binary of koffi, and not the package, which loads half of Node', async (t) => {
  const hook = join(t.testdir({ 'hook.cjs': '' }), 'hook.cjs')
  writeFileSync(hook, "process.on('exit', () => process.stdout.write(Object.keys(require.cache).join('\\n')))")
  const tcpEnv = join(root, 'dist/tcp-env.cjs')
  const { stdout } = spawnSync(node, ['--require', hook, tcpEnv, 'tcp-env', 'true'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  t.match(stdout, 'koffi.node')
  t.notMatch(stdout, 'node_modules/koffi/')
})

t.test('make bench knows how each tool is called', async (t) => {
  t.same(toolsWithoutUse(readdirSync(join(root, 'bin'))), [])
})
