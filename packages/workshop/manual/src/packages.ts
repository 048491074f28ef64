/** Where the packages of a checkout lie: each in its wing. */
import { existsSync, globSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Of every package, in the order of their names. */
export function packagesOf(root: string): string[] {
  const manifests = globSync('packages/*/*/package.json', { cwd: root })
  return manifests.map((manifest) => basename(dirname(manifest))).sort()
}

/** Names of the programs of a checkout: its packages with a main. */
export function programsOf(root: string): string[] {
  return packagesOf(root).filter((name) => existsSync(join(root, directoryOf(root, name), 'src/main.ts')))
}

/**
 * A package's, relative to the root.
 *
 * @throws Error if there is none
 */
export function directoryOf(root: string, name: string): string {
  const [directory] = globSync(join('packages/*', name), { cwd: root })
  if (directory === undefined) throw new Error(`no package ${name}`)
  return directory
}
