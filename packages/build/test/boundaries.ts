import t from 'tap'
import { boundaryProblems } from '../src/boundaries.ts'
import { findCycle } from '../src/cycles.ts'
import { importsOf } from '../src/imports.ts'

interface Sketch {
  files: Record<string, string>
  dependencies?: string[]
  references?: string[]
}

/** Contents of a tree of packages in which every formality is right; what a test wants wrong it says. */
function tree(sketches: Record<string, Sketch>): Extract<Parameters<typeof t.testdir>[0], object> {
  const names = Object.keys(sketches)
  const packages = Object.entries(sketches).map(([name, { files, dependencies = [], references }]) => {
    const nouns = dependencies.flatMap((dependency) => (dependency.startsWith('@yabumi/') ? [dependency.slice(8)] : []))
    const contents = {
      'package.json': JSON.stringify({ dependencies: Object.fromEntries(dependencies.map((dependency) => [dependency, '*'])) }),
      'tsconfig.json': JSON.stringify({ references: (references ?? nouns).map((noun) => ({ path: `../${noun}` })) }),
      'README.md': name,
      src: files,
    }
    return [name, contents]
  })
  return {
    'package.json': JSON.stringify({ workspaces: names.map((name) => `packages/${name}`) }),
    'tsconfig.json': JSON.stringify({ references: names.map((name) => ({ path: `packages/${name}` })) }),
    'README.md': names.map((name) => `[${name}](packages/${name}/README.md)`).join(' '),
    bin: Object.fromEntries(names.map((name) => [name, ''])),
    packages: Object.fromEntries(packages),
  }
}

const noun = { files: { 'index.ts': 'export const one = 1' } }

t.test('a program on a noun on node is as it should be', async (t) => {
  const queue = {
    files: { 'main.ts': "import { one } from '@yabumi/home'\nimport fs from 'node:fs'\nimport { two } from './two.ts'", 'two.ts': '' },
    dependencies: ['@yabumi/home'],
  }
  t.same(boundaryProblems(t.testdir(tree({ queue, home: noun }))), [])
})

t.test('an import that package.json does not list is refused, and a listed one that nobody imports', async (t) => {
  const queue = { files: { 'main.ts': "import { one } from '@yabumi/home'" }, dependencies: ['koffi'] }
  t.same(boundaryProblems(t.testdir(tree({ queue, home: noun }))), [
    'packages/queue/src/main.ts: imports @yabumi/home, which packages/queue/package.json does not list',
    'packages/queue/package.json: lists koffi, which no source imports',
  ])
})

t.test('nobody imports a program', async (t) => {
  const send = { files: { 'main.ts': "import '@yabumi/queue'" }, dependencies: ['@yabumi/queue'] }
  const problems = boundaryProblems(t.testdir(tree({ send, queue: { files: { 'main.ts': '' } } })))
  t.same(problems, ['packages/send/src/main.ts: imports the program @yabumi/queue; run it instead'])
})

t.test('a library that one package hides is refused everywhere else, also when it is loaded late', async (t) => {
  const send = { files: { 'main.ts': "const yargs = await import('yargs')" }, dependencies: ['yargs'] }
  t.same(boundaryProblems(t.testdir(tree({ send }))), ['packages/send/src/main.ts: imports yargs, which only commandline may'])
})

t.test('packages and files must not come round in a circle; types may', async (t) => {
  const a = { files: { 'index.ts': "import '@yabumi/b'" }, dependencies: ['@yabumi/b'] }
  const b = { files: { 'index.ts': "import '@yabumi/a'" }, dependencies: ['@yabumi/a'] }
  t.same(boundaryProblems(t.testdir(tree({ a, b }))), ['packages: dependency cycle @yabumi/a -> @yabumi/b -> @yabumi/a'])
  const files = { 'index.ts': "import './x.ts'", 'x.ts': "import './y.ts'", 'y.ts': "export * from './x.ts'" }
  t.same(boundaryProblems(t.testdir(tree({ a: { files } }))), ['packages/a: import cycle src/x.ts -> src/y.ts -> src/x.ts'])
  const types = { ...files, 'y.ts': "import type { X } from './x.ts'" }
  t.same(boundaryProblems(t.testdir(tree({ a: { files: types } }))), [])
})

t.test('relative imports stay inside the package and exist', async (t) => {
  const a = { files: { 'index.ts': "import '../../b/src/index.ts'\nimport './gone.ts'" } }
  t.same(boundaryProblems(t.testdir(tree({ a, b: noun }))), [
    'packages/a/src/index.ts: ../../b/src/index.ts leaves the package',
    'packages/a/src/index.ts: ./gone.ts does not exist',
  ])
})

t.test('tsconfig references are the dependencies', async (t) => {
  const a = { files: { 'index.ts': "import '@yabumi/home'" }, dependencies: ['@yabumi/home'], references: [] }
  t.same(boundaryProblems(t.testdir(tree({ a, home: noun }))), ['packages/a/tsconfig.json: references are not the dependencies (home)'])
})

t.test('a package is a program with a launcher or a noun, and its files are short', async (t) => {
  const files = tree({ a: { files: { 'other.ts': 'x\n'.repeat(301) } }, b: { files: { 'main.ts': '' } } })
  const problems = boundaryProblems(t.testdir({ ...files, bin: {}, 'README.md': '' }))
  t.same(problems, [
    'packages/a: neither a program (src/main.ts) nor a noun (src/index.ts)',
    'packages/a/src/other.ts: 301 lines, more than 300',
    'packages/b: a program without bin/b',
    'README.md: does not lead to packages/b/README.md',
  ])
})

t.test('the lists at the root name every package', async (t) => {
  const files = { ...tree({ home: noun }), 'package.json': '{"workspaces":["packages/gone"]}' }
  t.same(boundaryProblems(t.testdir(files)), [
    'package.json: workspaces lack packages/home',
    'package.json: workspaces name packages/gone, which does not exist',
  ])
})

t.test('importsOf sees every form of import and no comment', async (t) => {
  const source = `/** import x from 'comment' */
import a, { b } from 'a'
import type { C } from 'c'
import {
  d,
  type E,
} from 'd'
import 'f'
export * from 'g'
const h = await import('h')
const k = createRequire(import.meta.url)('k')
`
  const found = importsOf(source).map(({ specifier, typeOnly }) => (typeOnly ? `${specifier} (types)` : specifier))
  t.same(found.sort(), ['a', 'c (types)', 'd', 'f', 'g', 'h', 'k'])
})

t.test('findCycle finds one wherever it hangs, and none in a tree', async (t) => {
  const graph = (edges: Record<string, string[]>) => findCycle(new Map(Object.entries(edges)))
  t.equal(graph({ a: ['b', 'c'], b: ['c'], c: [] }), undefined)
  t.same(graph({ a: ['b'], b: ['c'], c: ['b'] }), ['b', 'c', 'b'])
  t.same(graph({ a: ['a'] }), ['a', 'a'])
})
