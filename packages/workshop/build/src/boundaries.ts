/**
 * Refuse what the packages' arrows do not allow: program -> noun -> node, from wing to wing as wings.ts has it, each
 * declared, no way round.
 *
 * A program is a package with src/main.ts, a noun one with src/index.ts. npm puts every package where every other finds
 * it, so that nothing but this check keeps an undeclared import out.
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { directoryOf, packagesOf } from '@yabumi/manual'
import { findCycle } from './cycles.ts'
import { importsOf, packageOf } from './imports.ts'
import { made } from './map.ts'
import { seatProblems, type Tenant } from './seats.ts'
import { type Wing, wings } from './wings.ts'

/** Libraries that one package hides from all others. */
const hiddenIn: Record<string, readonly string[]> = {
  yargs: ['commandline'],
  execa: ['supervise'],
  koffi: ['posix'],
  chokidar: ['control'],
  imapflow: ['fetchbox'],
}
const scope = '@yabumi/'
/** The make targets' own package: a tool, neither program nor noun. */
const tool = 'build'
const longestFile = 300 // lines; a longer one has a noun inside that wants its own file

interface Package extends Tenant {
  readonly dependencies: readonly string[]
  readonly references: readonly string[]
}

function readPackage(root: string, name: string): Package {
  const directory = directoryOf(root, name)
  const manifest = JSON.parse(readFileSync(join(root, directory, 'package.json'), 'utf8'))
  const config = JSON.parse(readFileSync(join(root, directory, 'tsconfig.json'), 'utf8'))
  const files = globSync('src/**/*.ts', { cwd: join(root, directory) }).map((file) => join(directory, file))
  return {
    name,
    directory,
    dependencies: Object.keys(manifest.dependencies ?? {}),
    references: (config.references ?? []).map((reference: { path: string }) => basename(reference.path)),
    isProgram: existsSync(join(root, directory, 'src/main.ts')),
    sources: new Map(files.map((file) => [file, importsOf(readFileSync(join(root, file), 'utf8'))])),
  }
}

/** Every breach in the tree, one line each that names the file. */
export function boundaryProblems(root: string, house: readonly Wing[] = wings): string[] {
  const packages = packagesOf(root).map((name) => readPackage(root, name))
  const programs = new Set(packages.filter((one) => one.isProgram).map((one) => scope + one.name))
  const seats = seatProblems(house, packages)
  return [
    ...packages.flatMap((one) => [...shape(root, one), ...arrows(one, programs), ...roundabouts(root, one)]),
    ...packageCycles(packages),
    ...seats,
    ...(seats.length === 0 ? madeProblems(root, house) : []),
  ]
}

/** A package has its entries, and its files are short. */
function shape(root: string, { name, directory, isProgram, sources }: Package): string[] {
  const problems: string[] = []
  if (name !== tool && !isProgram && !existsSync(join(root, directory, 'src/index.ts'))) {
    problems.push(`${directory}: neither a program (src/main.ts) nor a noun (src/index.ts)`)
  }
  if (!existsSync(join(root, directory, 'README.md'))) problems.push(`${directory}: no README.md`)
  if (isProgram && !existsSync(join(root, 'bin', name))) problems.push(`${directory}: a program without bin/${name}`)
  for (const file of sources.keys()) {
    const lines = readFileSync(join(root, file), 'utf8').split('\n').length - 1
    if (lines > longestFile) problems.push(`${file}: ${lines} lines, more than ${longestFile}`)
  }
  return problems
}

/** Imports are declared, declared ones are used, and none leads to a program or past a library's one package. */
function arrows({ name, directory, dependencies, references, sources }: Package, programs: ReadonlySet<string>): string[] {
  const problems: string[] = []
  const used = new Set<string>()
  for (const [where, imports] of sources) {
    for (const { specifier } of imports) {
      if (specifier.startsWith('node:') || specifier.startsWith('.')) continue
      const target = packageOf(specifier)
      used.add(target)
      if (programs.has(target)) problems.push(`${where}: imports the program ${target}; run it instead`)
      if (name === tool) continue
      if (!dependencies.includes(target)) problems.push(`${where}: imports ${target}, which ${directory}/package.json does not list`)
      if (hiddenIn[target]?.includes(name) === false) problems.push(`${where}: imports ${target}, which only ${hiddenIn[target]} may`)
    }
  }
  for (const unused of dependencies.filter((dependency) => !used.has(dependency))) {
    problems.push(`${directory}/package.json: lists ${unused}, which no source imports`)
  }
  const own = dependencies.filter((dependency) => dependency.startsWith(scope)).map((dependency) => dependency.slice(scope.length))
  if ([...own].sort().join() !== [...references].sort().join()) {
    problems.push(`${directory}/tsconfig.json: references are not the dependencies (${own.join(' ')})`)
  }
  return problems
}

/** Relative imports stay inside the package, name a file, and do not come round in a circle, of types either. */
function roundabouts(root: string, { directory, sources }: Package): string[] {
  const problems: string[] = []
  const graph = new Map<string, string[]>()
  for (const [file, imports] of sources) {
    const near = imports.filter(({ specifier }) => specifier.startsWith('.'))
    for (const { specifier } of near) {
      const target = join(dirname(file), specifier)
      if (!target.startsWith(join(directory, 'src/'))) problems.push(`${file}: ${specifier} leaves the package`)
      else if (!existsSync(join(root, target))) problems.push(`${file}: ${specifier} does not exist`)
    }
    const targets = near.map(({ specifier }) => relative(directory, join(dirname(file), specifier)))
    graph.set(relative(directory, file), targets)
  }
  const cycle = findCycle(graph)
  if (cycle !== undefined) problems.push(`${directory}: import cycle ${cycle.join(' -> ')}`)
  return problems
}

function packageCycles(packages: readonly Package[]): string[] {
  const graph = new Map(packages.map((one) => [scope + one.name, one.dependencies]))
  const cycle = findCycle(graph)
  return cycle === undefined ? [] : [`packages: dependency cycle ${cycle.join(' -> ')}`]
}

/** What is made of the tables is as they make it. */
function madeProblems(root: string, house: readonly Wing[]): string[] {
  const differs = ([path, text]: [string, string]): boolean =>
    !existsSync(join(root, path)) || readFileSync(join(root, path), 'utf8') !== text
  const changed = [...made(root, house)].filter(differs)
  return changed.map(([path]) => `${path}: is not what its table makes of it; make map-write`)
}
