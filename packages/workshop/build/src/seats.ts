/** Every package has its seat in one wing, and looks only where the table lets it (wings.ts). */
import { findCycle } from './cycles.ts'
import { type Import, packageOf } from './imports.ts'
import { rightsProblems } from './rights.ts'
import { foundations, membersOf, placeOf, type Wing } from './wings.ts'

export interface Tenant {
  readonly name: string
  /** Relative to the root. */
  readonly directory: string
  readonly isProgram: boolean
  /** Imports by the paths of the files. */
  readonly sources: ReadonlyMap<string, readonly Import[]>
}

const table = 'wings.ts'
const scope = '@yabumi/'

/** What is wrong with the table, and with the packages by it, a line each. */
export function seatProblems(wings: readonly Wing[], tenants: readonly Tenant[]): string[] {
  const wingOf = new Map(wings.flatMap((wing) => membersOf(wing).map((name) => [name, wing] as const)))
  return [
    ...tableProblems(wings, tenants),
    ...tenants.flatMap((one) => placeProblems(one, wingOf)),
    ...arrowProblems(wings, tenants, wingOf),
  ]
}

function tableProblems(wings: readonly Wing[], tenants: readonly Tenant[]): string[] {
  const seats = wings.flatMap(membersOf)
  const names = new Set(tenants.map(({ name }) => name))
  const twice = seats.filter((name, at) => seats.indexOf(name) < at)
  const gone = seats.filter((name) => !names.has(name))
  const cycle = findCycle(new Map(wings.map((wing) => [wing.name, wing.looksInto.map((what) => what.split('/')[0] ?? what)])))
  return [
    ...twice.map((name) => `${table}: ${name} has two seats`),
    ...gone.map((name) => `${table}: ${name} has a seat and does not exist`),
    ...(cycle === undefined ? [] : [`${table}: the wings look round in a circle: ${cycle.join(' -> ')}`]),
  ]
}

function placeProblems({ name, directory, isProgram }: Tenant, wingOf: ReadonlyMap<string, Wing>): string[] {
  const wing = wingOf.get(name)
  if (wing === undefined) return [`${directory}: has no seat in ${table}`]
  const problems: string[] = []
  if (directory !== placeOf(wing, name)) problems.push(`${directory}: belongs in ${placeOf(wing, name)}`)
  if (isProgram !== wing.programs.includes(name))
    problems.push(`${table}: ${name} is ${isProgram ? 'a program, not a noun' : 'no program'}`)
  return problems
}

/** Looks and uses of Node that the table does not allow, and what it allows to nobody. */
function arrowProblems(wings: readonly Wing[], tenants: readonly Tenant[], wingOf: ReadonlyMap<string, Wing>): string[] {
  const problems: string[] = []
  const used = new Set<string>()
  for (const { name, sources } of tenants) {
    const wing = wingOf.get(name)
    if (wing === undefined) continue
    for (const [file, imports] of sources) {
      for (const noun of nounsIn(imports)) {
        const target = wingOf.get(noun)
        if (target === undefined || target === wing) continue
        const look = wing.looksInto.find((what) => what === target.name || what === `${target.name}/${noun}`)
        if (look !== undefined) used.add(`${wing.name} may look into ${look}`)
        else if (!isFoundationOf(target.name, wing.name))
          problems.push(`${file}: looks into ${target.name}/${noun}, which ${wing.name} may not`)
      }
    }
    const rights = rightsProblems(wing, name, sources)
    problems.push(...rights.problems)
    const holder = wing.nodeOf?.[name] === undefined ? wing.name : name
    for (const right of rights.used) used.add(`${holder} may use ${right}`)
  }
  const allowed = wings.flatMap((wing) => [
    ...wing.looksInto.map((what) => `${wing.name} may look into ${what}`),
    ...wing.node.map((right) => `${wing.name} may use ${right}`),
    ...Object.entries(wing.nodeOf ?? {}).flatMap(([name, rights]) => rights.map((right) => `${name} may use ${right}`)),
  ])
  return [...problems, ...allowed.filter((one) => !used.has(one)).map((one) => `${table}: ${one}, and does not`)]
}

/** Types count: what is only looked at is known as well. */
function nounsIn(imports: readonly Import[]): Set<string> {
  const packages = imports.map(({ specifier }) => packageOf(specifier)).filter((name) => name.startsWith(scope))
  return new Set(packages.map((name) => name.slice(scope.length)))
}

function isFoundationOf(target: string, wing: string): boolean {
  return foundations.includes(target) && !foundations.includes(wing)
}
