import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { postpone } from '../src/lighter.ts'

const root = join(import.meta.dirname, '../../..')
const node = join(root, '.runtime/node')
const explain = join(root, 'dist/explain.cjs')

t.test('postpone loads a module of Node when something of it is first used', async (t) => {
  const text = postpone(`var import_node_net = require("node:net");
var import_node_fs = require("node:fs");
exports.ask = (x) => (0, import_node_net.isIP)(x) + import_node_netted.x;
exports.open = () => new import_node_net.Socket();`)
  t.match(text, 'var import_node_net = ((loaded) => () => loaded ??= require("node:net"))();')
  t.match(text, 'var import_node_fs = require("node:fs");')
  t.match(text, '(0, (import_node_net()).isIP)(x) + import_node_netted.x')
  t.match(text, 'new (import_node_net()).Socket()')
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

t.test('what V8 has made of yargs is taken by the Node that runs the programs, and not needed', async (t) => {
  const asked = `const code = require('fs').readFileSync(process.argv[1]), end = 4 + code.readUInt32LE(0)
const script = new (require('vm').Script)(code.latin1Slice(4, end), { cachedData: code.subarray(end) })
console.log(script.cachedDataRejected)`
  const rejected = (...options: string[]): string =>
    execFileSync(node, [...options, '-e', asked, join(root, 'dist/yargs.code')], { encoding: 'utf8' }).trim()
  const help = (...options: string[]): string => execFileSync(node, [...options, explain, 'explain', '--help'], { encoding: 'utf8' })
  t.equal(rejected('--disable-sigusr1', '--no-warnings'), 'false')
  t.equal(rejected('--no-opt'), 'true')
  t.equal(help('--no-opt'), help())
})

t.test('yargs is in no program', async (t) => {
  t.notMatch(readFileSync(explain, 'utf8'), 'YargsInstance')
})
