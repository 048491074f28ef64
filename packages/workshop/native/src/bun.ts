/** Bun, of the npm registry: a pinned one, which must have the hash that stands here. No script of it is run. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const pinned = '1.4.5'
const integrity: Record<string, string> = {
  'bun-linux-x64': 'sha512-IWX9BELoGHAUtMonkeSaNaZwXzRk+oDw6Mk+HBFXd3KHYIBNBsIGRupMZPcgNoDbJpLu6gAJjIoIVPZtt1aJ1g==',
  'bun-linux-aarch64': 'sha512-4BXmsSKnjOrlGWqZV4x/oWa7AVoR+B6lCXddMzOAXBIm3t50eslg9wb66gmtW1AamEQ1l1CDvmmruysEhqOWMg==',
}

/**
 * The path of Bun's program; brought into .runtime/bun if it is not there.
 *
 * @throws Error where there is none for this machine, or the registry does not give it
 */
export function bringBun(root: string): string {
  const system = `bun-${process.platform}-${process.arch === 'arm64' ? 'aarch64' : process.arch}`
  const hash = integrity[system]
  if (hash === undefined) throw new Error(`there is no Bun for ${process.platform} on ${process.arch}`)
  const place = join(root, '.runtime/bun')
  const name = `@oven/${system}`
  const entry = { version: pinned, integrity: hash }
  if (!isInstalled(place, name, entry)) {
    const dependencies = { [name]: pinned }
    mkdirSync(place, { recursive: true })
    writeFileSync(join(place, 'package.json'), JSON.stringify({ private: true, dependencies }))
    const packages = { '': { dependencies }, [`node_modules/${name}`]: entry }
    writeFileSync(join(place, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, requires: true, packages }))
    const quiet = ['--loglevel=error', '--no-progress', '--no-audit', '--no-fund', '--no-update-notifier']
    const patience = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-timeout=60000']
    execFileSync('npm', ['ci', '--prefix', place, '--ignore-scripts', ...quiet, ...patience], {
      cwd: place,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  }
  return join(place, 'node_modules', name, 'bin/bun')
}

/** Whether npm has brought it, with the hash that it should have. */
function isInstalled(place: string, name: string, { version, integrity }: { version: string; integrity: string }): boolean {
  try {
    const { packages } = JSON.parse(readFileSync(join(place, 'node_modules/.package-lock.json'), 'utf8'))
    const found = packages[`node_modules/${name}`]
    return existsSync(join(place, 'node_modules', name, 'bin/bun')) && found.version === version && found.integrity === integrity
  } catch {
    return false // nothing has been brought yet
  }
}
