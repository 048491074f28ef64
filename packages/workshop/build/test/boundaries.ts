import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { boundaryProblems } from '../src/boundaries.ts'
import { findCycle } from '../src/cycles.ts'
import { importsOf } from '../src/imports.ts'
import { made } from '../src/map.ts'
import type { Wing } from '../src/wings.ts'

interface Sketch {
  files: Record<string, string>
  dependencies?: string[]
  references?: string[]
}

type Sketches = Record<string, Sketch>
type Directory = Extract<Parameters<typeof t.testdir>[0], object>

/** One wing for all. */
function hall(sketches: Sketches, more: Partial<Wing> = {}): Wing {
  const names = Object.keys(sketches)
  const programs = names.filter((name) => sketches[name]?.files['main.ts'] !== undefined)
  const nouns = names.filter((name) => !programs.includes(name))
  return { name: 'hall', happens: 'all happens', programs, nouns, looksInto: [], node: [], ...more }
}

/** Packages in their wings, in which every formality is right; what a test wants wrong it says. */
function tree(wings: Record<string, Sketches>): Directory {
  const directories = Object.entries(wings).map(([wing, sketches]) => {
    const places = new Map(Object.entries(wings).flatMap(([to, their]) => Object.keys(their).map((name) => [name, `../../${to}/${name}`])))
    const packages = Object.entries(sketches).map(([name, { files, dependencies = [], references }]) => {
      const nouns = dependencies.flatMap((dependency) => (dependency.startsWith('@yabumi/') ? [dependency.slice(8)] : []))
      const manifest = { description: `Be ${name}`, dependencies: Object.fromEntries(dependencies.map((dependency) => [dependency, '*'])) }
      const contents = {
        'package.json': JSON.stringify(manifest),
        'tsconfig.json': JSON.stringify({ references: (references ?? nouns).map((noun) => ({ path: places.get(noun) ?? `../${noun}` })) }),
        'README.md': name,
        src: { ...files }, // its own: testdir takes what it meets twice for a circle
      }
      return [name, contents]
    })
    return [wing, Object.fromEntries(packages)]
  })
  return {
    'package.json': '{ "workspaces": [] }',
    control: { 'README.md': '- [a](list)\n', 'locals.sample': 'example.org\n' },
    'README.md': '## The programs\n\n- a list\n\n',
    bin: Object.fromEntries(Object.values(wings).flatMap((sketches) => Object.keys(sketches).map((name) => [name, '']))),
    packages: Object.fromEntries(directories),
  }
}

/** What is refused in a tree whose lists and pages have been made. */
function problemsIn(t: Test, files: Directory, wings: readonly Wing[]): string[] {
  const root = t.testdir(files)
  makeAll(root, wings)
  return boundaryProblems(root, wings)
}

function makeAll(root: string, wings: readonly Wing[]): void {
  for (const [path, text] of made(root, wings)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

function problemsInHall(t: Test, sketches: Sketches, more: Partial<Wing> = {}): string[] {
  return problemsIn(t, tree({ hall: sketches }), [hall(sketches, more)])
}

const noun = { files: { 'index.ts': 'export const one = 1' } }

t.test('a program on a noun on node is as it should be', async (t) => {
  const queue = {
    files: { 'main.ts': "import { one } from '@yabumi/home'\nimport fs from 'node:fs'\nimport { two } from './two.ts'", 'two.ts': '' },
    dependencies: ['@yabumi/home'],
  }
  t.same(problemsInHall(t, { queue, home: noun }, { node: ['fs'] }), [])
})

t.test('an import that package.json does not list is refused, and a listed one that nobody imports', async (t) => {
  const queue = { files: { 'main.ts': "import { one } from '@yabumi/home'" }, dependencies: ['koffi'] }
  t.same(problemsInHall(t, { queue, home: noun }), [
    'packages/hall/queue/src/main.ts: imports @yabumi/home, which packages/hall/queue/package.json does not list',
    'packages/hall/queue/package.json: lists koffi, which no source imports',
  ])
})

t.test('nobody imports a program', async (t) => {
  const send = { files: { 'main.ts': "import '@yabumi/queue'" }, dependencies: ['@yabumi/queue'] }
  const problems = problemsInHall(t, { send, queue: { files: { 'main.ts': '' } } })
  t.same(problems, ['packages/hall/send/src/main.ts: imports the program @yabumi/queue; run it instead'])
})

t.test('a library that one package hides is refused everywhere else, also when it is loaded late', async (t) => {
  const send = { files: { 'main.ts': "const yargs = await import('yargs')" }, dependencies: ['yargs'] }
  t.same(problemsInHall(t, { send }), ['packages/hall/send/src/main.ts: imports yargs, which only commandline may'])
})

t.test('packages and files must not come round in a circle, of types either', async (t) => {
  const a = { files: { 'index.ts': "import '@yabumi/b'" }, dependencies: ['@yabumi/b'] }
  const b = { files: { 'index.ts': "import '@yabumi/a'" }, dependencies: ['@yabumi/a'] }
  t.same(problemsInHall(t, { a, b }), ['packages: dependency cycle @yabumi/a -> @yabumi/b -> @yabumi/a'])
  const files = { 'index.ts': "import './x.ts'", 'x.ts': "import './y.ts'", 'y.ts': "export * from './x.ts'" }
  const circle = ['packages/hall/a: import cycle src/x.ts -> src/y.ts -> src/x.ts']
  t.same(problemsInHall(t, { a: { files } }), circle)
  t.same(problemsInHall(t, { a: { files: { ...files, 'y.ts': "import type { X } from './x.ts'" } } }), circle)
})

t.test('relative imports stay inside the package and exist', async (t) => {
  const a = { files: { 'index.ts': "import '../../b/src/index.ts'\nimport './gone.ts'" } }
  t.same(problemsInHall(t, { a, b: noun }), [
    'packages/hall/a/src/index.ts: ../../b/src/index.ts leaves the package',
    'packages/hall/a/src/index.ts: ./gone.ts does not exist',
  ])
})

t.test('tsconfig references are the dependencies', async (t) => {
  const a = { files: { 'index.ts': "import '@yabumi/home'" }, dependencies: ['@yabumi/home'], references: [] }
  t.same(problemsInHall(t, { a, home: noun }), ['packages/hall/a/tsconfig.json: references are not the dependencies (home)'])
})

t.test('a package is a program with a launcher or a noun, and its files are short', async (t) => {
  const sketches = { a: { files: { 'other.ts': 'x\n'.repeat(301) } }, b: { files: { 'main.ts': '' } } }
  t.same(problemsIn(t, { ...tree({ hall: sketches }), bin: {} }, [hall(sketches)]), [
    'packages/hall/a: neither a program (src/main.ts) nor a noun (src/index.ts)',
    'packages/hall/a/src/other.ts: 301 lines, more than 300',
    'packages/hall/b: a program without bin/b',
  ])
})

t.test('every package has one seat, where it lies, as what it is', async (t) => {
  const b = { files: { 'main.ts': '' } }
  const problems = (wings: Wing[]) => boundaryProblems(t.testdir(tree({ hall: { a: noun, b } })), wings)
  t.same(problems([hall({ a: noun })]), ['packages/hall/b: has no seat in wings.ts'])
  t.same(problems([hall({ a: noun, b, c: noun })]), ['wings.ts: c has a seat and does not exist'])
  t.same(problems([hall({ a: noun, b }), hall({ b }, { name: 'yard' })]), [
    'wings.ts: b has two seats',
    'packages/hall/b: belongs in packages/yard/b',
  ])
  t.same(problems([hall({ a: noun }), hall({ b }, { name: 'yard' })]), ['packages/hall/b: belongs in packages/yard/b'])
  t.same(problems([hall({ a: noun, b: noun })]), ['wings.ts: b is a program, not a noun'])
  t.same(problems([hall({ a: b, b })]), ['wings.ts: a is no program'])
})

t.test('a wing looks only into what the table has for it, for types as well, and into the foundations', async (t) => {
  const look = (from: string) => ({
    files: { 'index.ts': `import type { One } from '@yabumi/${from}'` },
    dependencies: [`@yabumi/${from}`],
  })
  const files = tree({ yard: { a: look('b') }, hall: { b: noun, c: look('d') }, system: { d: noun } })
  const problems = (looksInto: string[]) =>
    problemsIn(t, files, [
      hall({ a: noun }, { name: 'yard', looksInto }),
      hall({ b: noun, c: noun }),
      hall({ d: noun }, { name: 'system', looksInto: [] }),
    ])
  t.same(problems([]), ['packages/yard/a/src/index.ts: looks into hall/b, which yard may not'])
  t.same(problems(['hall/c']), [
    'packages/yard/a/src/index.ts: looks into hall/b, which yard may not',
    'wings.ts: yard may look into hall/c, and does not',
  ])
  t.same(problems(['hall/b']), [])
  t.same(problems(['hall']), [])
})

t.test('a foundation looks into none that is not in the table', async (t) => {
  const d = { files: { 'index.ts': "import '@yabumi/e'" }, dependencies: ['@yabumi/e'] }
  const wings = [hall({ d: noun }, { name: 'formats' }), hall({ e: noun }, { name: 'system' })]
  t.same(problemsIn(t, tree({ formats: { d }, system: { e: noun } }), wings), [
    'packages/formats/d/src/index.ts: looks into system/e, which formats may not',
  ])
})

t.test('wings do not look round in a circle', async (t) => {
  const wings = [hall({ a: noun }, { looksInto: ['yard/b'] }), hall({ b: noun }, { name: 'yard', looksInto: ['hall'] })]
  const [problem] = boundaryProblems(t.testdir(tree({ hall: { a: noun }, yard: { b: noun } })), wings)
  t.equal(problem, 'wings.ts: the wings look round in a circle: hall -> yard -> hall')
})

t.test('of Node a package has what its wing has a right to, or it by itself; types and what only calculates are free', async (t) => {
  const text = "import { isIP, type Socket } from 'node:net'\nimport { join } from 'node:path'\nimport { readFile } from 'node:fs/promises'"
  const problems = (more: Partial<Wing>) => problemsInHall(t, { a: { files: { 'index.ts': text } }, b: noun }, more)
  const refused = 'packages/hall/a/src/index.ts: imports readFile of node:fs/promises, which packages/hall/a has no right to'
  t.same(problems({}), [refused])
  t.same(problems({ node: ['fs'] }), [])
  t.same(problems({ nodeOf: { a: ['fs.readFile'] } }), [])
  t.same(problems({ nodeOf: { a: ['fs.stat'] } }), [refused, 'wings.ts: a may use fs.stat, and does not'])
  t.same(problems({ node: ['fs'], nodeOf: { a: [] } }), [refused, 'wings.ts: hall may use fs, and does not'])
  const whole = problemsInHall(t, { a: { files: { 'index.ts': "await import('node:dgram')" } } }, { node: ['dgram.createSocket'] })
  t.match(whole, ['packages/hall/a/src/index.ts: imports all of node:dgram, which packages/hall/a has no right to'])
})

t.test('lists, pages and the picture are as the tables make them', async (t) => {
  const otherLists: Record<string, string> = {
    'README.md': '## The programs\n\n- another list\n\n',
    'package.json': '{ "workspaces": [ ] }',
    'control/README.md': '- [another](list)\n',
    'control/locals.sample': 'example.org\n\n# something else\n',
  }
  const wings = [hall({ a: noun })]
  for (const path of [
    'README.md',
    'package.json',
    'tsconfig.json',
    'control/README.md',
    'control/locals.sample',
    'packages/README.md',
    'packages/wings.svg',
    'packages/hall/README.md',
  ]) {
    const root = t.testdir(tree({ hall: { a: noun } }))
    makeAll(root, wings)
    t.same(boundaryProblems(root, wings), [])
    writeFileSync(join(root, path), otherLists[path] ?? '\n')
    t.same(boundaryProblems(root, wings), [`${path}: is not what its table makes of it; make map-write`], path)
  }
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
  const found = importsOf(source).map(
    ({ specifier, typeOnly, names }) => `${specifier}: ${[...(typeOnly ? ['types'] : []), ...names].join(' ')}`,
  )
  t.same(found.sort(), ['a: *', 'c: types', 'd: d', 'f: *', 'g: *', 'h: *', 'k: *'])
})

t.test('findCycle finds one wherever it hangs, and none in a tree', async (t) => {
  const graph = (edges: Record<string, string[]>) => findCycle(new Map(Object.entries(edges)))
  t.equal(graph({ a: ['b', 'c'], b: ['c'], c: [] }), undefined)
  t.same(graph({ a: ['b'], b: ['c'], c: ['b'] }), ['b', 'c', 'b'])
  t.same(graph({ a: ['a'] }), ['a', 'a'])
})
