/**
 * Put a Node that is new enough at .runtime/node: the machine's own, or a pinned one from the npm registry.
 *
 * Runs on any Node from 18 on, hence plain JavaScript without dependencies. Repeated, it does nothing.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'

const floor = [22, 22] // process.execve, --disable-sigusr1 and type stripping are there from here on
const pinned = '24.21.0'

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../../..')
const runtime = join(root, '.runtime')
const target = newEnough(process.versions.node) ? process.execPath : bringNode()
point(join(runtime, 'node'), target)

function newEnough(version) {
  const [major, minor] = version.split('.').map(Number)
  return major > floor[0] || (major === floor[0] && minor >= floor[1])
}

function bringNode() {
  const name = `node-${process.platform}-${process.arch}`
  const binary = join(runtime, 'node_modules', name, 'bin/node')
  const installed = existsSync(binary) && execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim() === `v${pinned}`
  if (!installed) {
    mkdirSync(runtime, { recursive: true })
    console.log(`Node ${process.versions.node} is older than ${floor.join('.')}: bringing Node ${pinned} into .runtime/`)
    execFileSync(
      'npm',
      ['install', '--prefix', runtime, '--no-save', '--no-package-lock', '--no-audit', '--no-fund', `${name}@${pinned}`],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    )
  }
  return relative(runtime, binary) // so that the checkout can be moved
}

function point(link, to) {
  mkdirSync(runtime, { recursive: true })
  try {
    if (readlinkSync(link) === to) return
  } catch {} // not there yet
  rmSync(`${link}.new`, { force: true })
  symlinkSync(to, `${link}.new`)
  renameSync(`${link}.new`, link)
}
