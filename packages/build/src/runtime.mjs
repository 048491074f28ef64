/**
 * Put a Node that is new enough at .runtime/node: the machine's own, or a pinned one from the npm registry.
 *
 * Runs on any Node from 18 on, hence plain JavaScript without dependencies. Repeated, it does nothing and asks nobody.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readlinkSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const floor = [22, 22] // process.execve, --disable-sigusr1 and type stripping are there from here on
const pinned = '24.21.0'

const root = realpathSync(join(dirname(fileURLToPath(import.meta.url)), '../../..'))
const runtime = join(root, '.runtime')
mkdirSync(runtime, { recursive: true })
point(join(runtime, 'node'), machineNodeIsEnough() ? process.execPath : bringNode())

/** Whether the Node that runs this is the machine's own (not one brought earlier) and new enough. */
function machineNodeIsEnough() {
  if (realpathSync(process.execPath).startsWith(runtime + sep)) return false
  const [major, minor] = process.versions.node.split('.').map(Number)
  return major > floor[0] || (major === floor[0] && minor >= floor[1])
}

/** The path of the pinned Node, relative to .runtime so that the checkout can be moved; brought if it is not there. */
function bringNode() {
  const name = `node-${process.platform}-${process.arch}`
  const binary = join(runtime, 'node_modules', name, 'bin/node')
  if (!existsSync(binary) || execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim() !== `v${pinned}`) {
    console.log(`Node ${process.versions.node} is older than ${floor.join('.')}: bringing Node ${pinned} into .runtime/`)
    const quiet = ['--loglevel=error', '--no-progress', '--no-audit', '--no-fund', '--no-update-notifier']
    const args = ['install', '--prefix', runtime, '--no-save', '--no-package-lock', ...quiet, `${name}@${pinned}`]
    try {
      execFileSync('npm', args, { cwd: runtime, stdio: ['ignore', 'ignore', 'inherit'] })
    } catch (error) {
      console.error(`unable to bring Node ${pinned} with npm (${error.message}); is the package registry in reach?`)
      process.exit(111)
    }
  }
  return relative(runtime, binary)
}

function point(link, to) {
  try {
    if (readlinkSync(link) === to) return
  } catch {} // not there yet
  rmSync(`${link}.new`, { force: true })
  symlinkSync(to, `${link}.new`)
  renameSync(`${link}.new`, link)
}
