/**
 * Refuse what the packages' arrows do not allow: program -> noun -> node, each arrow declared, no way round.
 *
 * A program is a package with src/main.ts, a noun one with src/index.ts. npm puts every package where every other finds it,
 * so that nothing but this check keeps an undeclared import out.
 */
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { findCycle } from './cycles.ts'
import { type Import, importsOf, packageOf } from './imports.ts'

/** Libraries that one package hides from all others. */
const hiddenIn: Record<string, readonly string[]> = {
  yargs: ['commandline'],
  execa: ['supervise'],
  koffi: ['posix'],
  chokidar: ['control'],
}
const scope = '@yabumi/'
/** The make targets' own package: a tool, neither program nor noun. */
const tool = 'build'
const longestFile = 300 // lines; a longer one has a noun inside that wants its own file

interface Package {
  readonly name: string
  readonly directory: string
  readonly dependencies: readonly string[]
  readonly references: readonly string[]
  readonly isProgram: boolean
  readonly sources: ReadonlyMap<string, readonly Import[]>
}

function readPackage(root: string, name: string): Package {
  const directory = join(root, 'packages', name)
  const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
  const config = JSON.parse(readFileSync(join(directory, 'tsconfig.json'), 'utf8'))
  const files = globSync('src/**/*.ts', { cwd: directory }).map((file) => join(directory, file))
  return {
    name,
    directory,
    dependencies: Object.keys(manifest.dependencies ?? {}),
    references: (config.references ?? []).map((reference: { path: string }) => basename(reference.path)),
    isProgram: existsSync(join(directory, 'src/main.ts')),
    sources: new Map(files.map((file) => [file, importsOf(readFileSync(file, 'utf8'))])),
  }
}

/** Every breach in the tree, one line each that names the file. */
export function boundaryProblems(root: string): string[] {
  const names = readdirSync(join(root, 'packages')).filter((name) => existsSync(join(root, 'packages', name, 'package.json')))
  const packages = names.map((name) => readPackage(root, name))
  const programs = new Set(packages.filter((one) => one.isProgram).map((one) => scope + one.name))
  return [
    ...packages.flatMap((one) => [...shape(root, one), ...arrows(root, one, programs), ...roundabouts(root, one)]),
    ...packageCycles(packages),
    ...rootLists(root, names),
  ]
}

/** A package has its entries, and its files are short. */
function shape(root: string, { name, directory, isProgram, sources }: Package): string[] {
  const problems: string[] = []
  if (name !== tool && !isProgram && !existsSync(join(directory, 'src/index.ts'))) {
    problems.push(`packages/${name}: neither a program (src/main.ts) nor a noun (src/index.ts)`)
  }
  if (!existsSync(join(directory, 'README.md'))) problems.push(`packages/${name}: no README.md`)
  if (isProgram && !existsSync(join(root, 'bin', name))) problems.push(`packages/${name}: a program without bin/${name}`)
  if (isProgram && !readFileSync(join(root, 'README.md'), 'utf8').includes(`(packages/${name}/README.md)`)) {
    problems.push(`README.md: does not lead to packages/${name}/README.md`)
  }
  for (const file of sources.keys()) {
    const lines = readFileSync(file, 'utf8').split('\n').length - 1
    if (lines > longestFile) problems.push(`${relative(root, file)}: ${lines} lines, more than ${longestFile}`)
  }
  return problems
}

/** Imports are declared, declared ones are used, and none leads to a program or past a library's one package. */
function arrows(root: string, { name, dependencies, references, sources }: Package, programs: ReadonlySet<string>): string[] {
  const problems: string[] = []
  const used = new Set<string>()
  for (const [file, imports] of sources) {
    for (const { specifier } of imports) {
      if (specifier.startsWith('node:') || specifier.startsWith('.')) continue
      const target = packageOf(specifier)
      used.add(target)
      const where = relative(root, file)
      if (programs.has(target)) problems.push(`${where}: imports the program ${target}; run it instead`)
      if (name === tool) continue
      if (!dependencies.includes(target)) problems.push(`${where}: imports ${target}, which packages/${name}/package.json does not list`)
      if (hiddenIn[target]?.includes(name) === false) problems.push(`${where}: imports ${target}, which only ${hiddenIn[target]} may`)
    }
  }
  for (const unused of dependencies.filter((dependency) => !used.has(dependency))) {
    problems.push(`packages/${name}/package.json: lists ${unused}, which no source imports`)
  }
  const own = dependencies.filter((dependency) => dependency.startsWith(scope)).map((dependency) => dependency.slice(scope.length))
  if ([...own].sort().join() !== [...references].sort().join()) {
    problems.push(`packages/${name}/tsconfig.json: references are not the dependencies (${own.join(' ')})`)
  }
  return problems
}

/** Relative imports stay inside the package, name a file, and do not come round in a circle at run time. */
function roundabouts(root: string, { name, directory, sources }: Package): string[] {
  const problems: string[] = []
  const graph = new Map<string, string[]>()
  for (const [file, imports] of sources) {
    const near = imports.filter(({ specifier }) => specifier.startsWith('.'))
    for (const { specifier } of near) {
      const target = join(dirname(file), specifier)
      if (!target.startsWith(join(directory, 'src/'))) problems.push(`${relative(root, file)}: ${specifier} leaves the package`)
      else if (!existsSync(target)) problems.push(`${relative(root, file)}: ${specifier} does not exist`)
    }
    const targets = near.filter(({ typeOnly }) => !typeOnly).map(({ specifier }) => relative(directory, join(dirname(file), specifier)))
    graph.set(relative(directory, file), targets)
  }
  const cycle = findCycle(graph)
  if (cycle !== undefined) problems.push(`packages/${name}: import cycle ${cycle.join(' -> ')}`)
  return problems
}

function packageCycles(packages: readonly Package[]): string[] {
  const graph = new Map(packages.map((one) => [scope + one.name, one.dependencies]))
  const cycle = findCycle(graph)
  return cycle === undefined ? [] : [`packages: dependency cycle ${cycle.join(' -> ')}`]
}

/** The lists at the root name every package once. */
function rootLists(root: string, names: readonly string[]): string[] {
  const expected = names.map((name) => `packages/${name}`).sort()
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const config = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'))
  const lists: [string, string[]][] = [
    ['package.json: workspaces', manifest.workspaces ?? []],
    ['tsconfig.json: references', (config.references ?? []).map((reference: { path: string }) => reference.path)],
  ]
  return lists.flatMap(([what, list]) => {
    const missing = expected.filter((path) => !list.includes(path))
    const extra = list.filter((path) => !expected.includes(path))
    return [...missing.map((path) => `${what} lack ${path}`), ...extra.map((path) => `${what} name ${path}, which does not exist`)]
  })
}
