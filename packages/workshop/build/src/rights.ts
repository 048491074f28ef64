/**
 * What of Node a package may use: every module that reaches beyond the process is a right, which wings.ts gives.
 *
 * Imports can say no more than that: a noun may do for its caller what the caller may not.
 */
import type { Import } from './imports.ts'
import type { Wing } from './wings.ts'

/** These reach nothing, or only what the process has already. A module that is not here is a right. */
const free = new Set(
  'assert buffer crypto events os path process readline stream string_decoder timers tty url util zlib'
    .split(' ')
    .map((name) => `node:${name}`),
)
/** Of other modules, what only calculates. */
const harmless = new Set(['fs.constants', 'net.BlockList', 'net.isIP', 'net.isIPv4', 'net.isIPv6', 'worker_threads.isMainThread'])

/**
 * What a wing's package uses without the right to, and the rights that it needs; types need none.
 *
 * @param sources - imports by the paths of the files
 */
export function rightsProblems(
  wing: Wing,
  name: string,
  sources: ReadonlyMap<string, readonly Import[]>,
): { problems: string[]; used: Set<string> } {
  const rights = wing.nodeOf?.[name] ?? wing.node
  const problems: string[] = []
  const used = new Set<string>()
  for (const [file, imports] of sources) {
    for (const { specifier, names } of imports) {
      const module = specifier.split('/')[0] ?? '' // fs/promises is fs
      if (!/^node:[a-z_0-9]+$/.test(module) || free.has(module)) continue
      for (const each of names) {
        const use = `${module.slice('node:'.length)}.${each}`
        if (harmless.has(use)) continue
        const right = rights.find((one) => one === module.slice('node:'.length) || one === use)
        if (right !== undefined) used.add(right)
        else
          problems.push(
            `${file}: imports ${each === '*' ? 'all' : each} of ${specifier}, which packages/${wing.name}/${name} has no right to`,
          )
      }
    }
  }
  return { problems, used }
}
